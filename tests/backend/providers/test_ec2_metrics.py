"""CloudWatch's answers: in no order, with points that tell nothing, refused, and by somebody else."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest

from backend.core.errors import MailyardError, ProviderUnavailable, RateLimited, Unauthorized
from backend.core.secrets.values import Secret
from backend.providers.ec2.driver import Ec2
from backend.providers.ports import Reading
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.documents import written
from tests.ec2.keys import access_key
from tests.ec2.recorded import answering

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])

SERVER = "i-0123456789abcdef0"


@ec2
def test_without_leave_to_ask_the_way_out_is_named(plain_cloud: Cloud) -> None:
    machine, token = plain_cloud.active(), access_key("token-without-metrics")
    plain_cloud.emulator.set("tokens", token=token, denied=["cloudwatch:GetMetricStatistics"])

    with closing(plain_cloud.driver_for(token)) as driver, pytest.raises(Unauthorized, match="does not permit this"):
        driver.usage(machine.id)


@ec2
@pytest.mark.parametrize(
    ("fault", "error"), [("429", RateLimited), ("500", ProviderUnavailable), ("html", ProviderUnavailable)]
)
def test_trouble_at_cloudwatch_is_no_empty_month(plain_cloud: Cloud, fault: str, error: type[MailyardError]) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault(fault, "GET", "/GetMetricStatistics")

    with pytest.raises(error):
        plain_cloud.driver.usage(machine.id)


def test_points_come_in_no_order_and_those_that_tell_nothing_are_read_past() -> None:
    points = [
        {"Timestamp": 1_790_000_600.0, "Average": 20, "Sum": 2_000.0, "Unit": "Bytes", "BrandNew": 1},
        {"Timestamp": 1_790_000_300.0, "Average": 10.5, "Sum": 1_000.4, "Unit": "Bytes"},
        {"Timestamp": 1_790_000_900.0, "Maximum": 99.0},
        {"Average": 30.0, "Sum": 3_000.0},
    ]
    held = [{"instancesSet": [{"instanceId": SERVER, "instanceState": {"name": "running"}}]}]
    answers = {
        "DescribeInstances": (200, written("DescribeInstances", reservationSet=held)),
        "GetMetricStatistics": (200, json.dumps({"Label": "x", "Datapoints": points})),
    }
    with answering(answers) as service, closing(Ec2(Secret(access_key("t")), endpoint_url=service.url)) as driver:
        usage = driver.usage(f"us-east-1/{SERVER}")

    first, second = (datetime.fromtimestamp(at, UTC) for at in (1_790_000_300, 1_790_000_600))
    assert usage.readings == (Reading(first, 10.5), Reading(second, 20.0))
    assert (usage.received_bytes, usage.sent_bytes, usage.counted_bytes) == (3_000, 3_000, None)
    asked = [call.parameters for call in service.calls if call.action == "GetMetricStatistics"]
    assert {each["MetricName"] for each in asked} == {"NetworkIn", "NetworkOut", "CPUUtilization"}
    assert all((each["EndTime"] - each["StartTime"]) / each["Period"] <= 1_440 for each in asked)
    assert asked[0]["Dimensions"] == [{"Name": "InstanceId", "Value": SERVER}]
