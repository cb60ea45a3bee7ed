"""DigitalOcean's monitoring and billing history: what is missing in them is not made up."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from backend.core.errors import BadResponse
from tests.backend.providers.cases import DIGITALOCEAN
from tests.backend.providers.conftest import Cloud

plain = pytest.mark.parametrize("plain_cloud", [DIGITALOCEAN], indirect=True, ids=["digitalocean"])

BANDWIDTH, CPU = "/v2/monitoring/metrics/droplet/bandwidth", "/v2/monitoring/metrics/droplet/cpu"
HISTORY = "/v2/customers/my/billing_history"


def series(*values: object, **labels: str) -> dict[str, object]:
    return {"metric": labels, "values": list(values)}


def received(cloud: Cloud, *values: object) -> int | None:
    """What the driver makes of these rates of traffic that came in."""
    machine = cloud.active()
    cloud.emulator.fault("changed", "GET", BANDWIDTH, changes={"data.result": [series(*values)]})
    return cloud.driver.usage(machine.id).received_bytes


@plain
def test_without_the_agent_nothing_is_told(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    for path in (BANDWIDTH, CPU):
        plain_cloud.emulator.fault("changed", "GET", path, times=2, changes={"data.result": []})

    usage = plain_cloud.driver.usage(machine.id)

    assert (usage.received_bytes, usage.sent_bytes, usage.readings) == (None, None, ())


@plain
def test_rates_are_added_up_and_a_gap_counts_for_two_steps_at_most(plain_cloud: Cloud) -> None:
    now = int(time.time())
    steps = [[now + 120 * number, "1.0"] for number in range(5)]

    assert received(plain_cloud, *steps) == 4 * 120 * 125_000
    assert received(plain_cloud, *steps, [now + 480 + 7200, "1.0"]) == (4 + 2) * 120 * 125_000


@plain
def test_traffic_whose_beginning_is_not_told_is_not_the_months(plain_cloud: Cloud) -> None:
    late = int(time.time()) + 7200

    assert received(plain_cloud, [late, "1.0"], [late + 120, "1.0"]) is None


@plain
def test_samples_that_cannot_be_read_are_read_past(plain_cloud: Cloud) -> None:
    now = int(time.time())

    told = received(plain_cloud, [now + 120, "8.0"], "no pair", [now, "0.0"], [now + 240], [None, "1"], [now + 9, "x"])

    assert told == 120 * 1_000_000


@plain
def test_answers_without_a_list_of_series_are_unreadable(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", BANDWIDTH, without=["data.result"])

    with pytest.raises(BadResponse):
        plain_cloud.driver.usage(machine.id)


@plain
def test_counters_that_began_anew_tell_nothing_of_that_time(plain_cloud: Cloud) -> None:
    machine, now = plain_cloud.active(), 1_800_000_000
    idle = series([now, "900.0"], [now + 120, "990.0"], [now + 240, "10.0"], [now + 360, "100.0"], mode="idle")
    user = series([now, "100.0"], [now + 120, "130.0"], [now + 240, "2.0"], [now + 360, "32.0"], mode="user")
    waiting = series([now, "0"], [now + 120, "0"], [now + 240, "0"], [now + 360, "30"], mode="iowait")
    plain_cloud.emulator.fault("changed", "GET", CPU, changes={"data.result": [idle, user, waiting]})

    readings = plain_cloud.driver.usage(machine.id).readings

    assert [(each.at, round(each.cpu_percent)) for each in readings] == [
        (datetime.fromtimestamp(now + 120, UTC), 25),
        (datetime.fromtimestamp(now + 360, UTC), 20),
    ]


@plain
def test_a_bill_without_a_number_or_a_day_is_told_all_the_same(plain_cloud: Cloud) -> None:
    odd = [
        {"type": "Invoice", "amount": "twelve", "date": "last month", "invoice_uuid": "22737513"},
        {"type": "Credit", "amount": "-5.00", "date": "2026-11-03T00:00:00Z"},
        {"type": "Invoice", "amount": "12.34", "date": "2026-10-01T08:44:38Z", "invoice_id": 498765432},
    ]
    plain_cloud.emulator.fault("changed", "GET", HISTORY, changes={"billing_history": odd, "meta.total": 3})

    told = [(each.number, each.issued, each.total_micro) for each in plain_cloud.driver.invoices()]

    assert told == [("498765432", date(2026, 10, 1), 12_340_000), ("22737513", None, None)]
