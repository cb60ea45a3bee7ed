"""The emulated EC2: a front before moto that remembers through kill -9, takes its time, and refuses as Amazon does."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
import pytest

from tests.ec2.client import ORDER, becomes, client, code, instance, named, run
from tests.ec2.keys import access_key
from tests.ec2.refusals import BEYOND_MOTO
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = pytest.mark.emulates("ec2", per_second=1_000)
#: What takes seconds takes hours, however late the machine lets a test look.
HARDLY = 0.001


@pytest.fixture
def ec2(eased: Emulator) -> Iterator[Any]:
    with closing(client(eased)) as made:
        yield made


def test_an_instance_takes_its_time_and_has_no_address_meanwhile(new_emulator: Callable[..., Emulator]) -> None:
    emulator = new_emulator(kind="ec2", speed=HARDLY)
    with closing(client(emulator)) as slow:
        seen = instance(slow, run(slow))
    emulator.kill()  # it would end after its work, in hours

    assert seen["State"]["Name"] == "pending"
    assert "PublicIpAddress" not in seen


def test_an_instance_has_an_address_only_while_it_runs(ec2: Any) -> None:
    number = run(ec2)

    first = becomes(ec2, number, "running")["PublicIpAddress"]
    stopping = ec2.stop_instances(InstanceIds=[number])["StoppingInstances"][0]
    assert (stopping["PreviousState"]["Name"], stopping["CurrentState"]["Name"]) == ("running", "stopping")
    assert "PublicIpAddress" not in becomes(ec2, number, "stopped")

    ec2.start_instances(InstanceIds=[number])
    assert becomes(ec2, number, "running")["PublicIpAddress"] != first


def test_an_elastic_address_stays_with_its_instance(ec2: Any, running: Emulator) -> None:
    number = run(ec2)
    address = becomes(ec2, number, "running")["PublicIpAddress"]
    running.set("elastic", id=f"us-east-1/{number}")

    ec2.stop_instances(InstanceIds=[number])
    assert becomes(ec2, number, "stopped")["PublicIpAddress"] == address
    ec2.start_instances(InstanceIds=[number])
    assert becomes(ec2, number, "running")["PublicIpAddress"] == address


def test_states_are_filtered_as_they_are_shown(ec2: Any) -> None:
    number = run(ec2)
    becomes(ec2, number, "running")
    ec2.stop_instances(InstanceIds=[number])
    becomes(ec2, number, "stopped")

    def listed(state: str) -> list[str]:
        answer = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": [state]}])
        return [each["InstanceId"] for held in answer["Reservations"] for each in held["Instances"]]

    assert (listed("stopped"), listed("running")) == ([number], [])


def test_one_client_token_makes_one_instance(ec2: Any, running: Emulator) -> None:
    first = run(ec2, ClientToken="intent-1")

    assert run(ec2, ClientToken="intent-1") == first
    assert run(ec2, ClientToken="intent-2") != first
    assert running.counters()["tallies"]["servers created"] == 2
    other = code(lambda: run(ec2, ClientToken="intent-1", InstanceType="t3.medium"))
    assert other == (400, "IdempotentParameterMismatch")


def test_a_terminated_instance_is_on_its_way_out_then_listed_as_gone(ec2: Any, running: Emulator) -> None:
    number = run(ec2)

    (leaving,) = ec2.terminate_instances(InstanceIds=[number])["TerminatingInstances"]
    ec2.terminate_instances(InstanceIds=[number])

    assert leaving["CurrentState"]["Name"] == "shutting-down"
    becomes(ec2, number, "terminated")
    assert running.counters()["tallies"]["servers deleted"] == 1
    assert running.counters()["servers"] == []


STRANGE = "i-0123456789abcdef0"
REFUSED: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("run_instances", ORDER | {"InstanceType": "t9.small"}, (400, "InvalidParameterValue")),
    ("run_instances", ORDER | {"ImageId": "ami-0123456789abcdef0"}, (400, "InvalidAMIID.NotFound")),
    ("run_instances", ORDER | {"UserData": "#" * 16_385}, (400, "InvalidParameterValue")),
    ("describe_instances", {"InstanceIds": [STRANGE]}, (400, "InvalidInstanceID.NotFound")),
    ("start_instances", {"InstanceIds": [STRANGE]}, (400, "InvalidInstanceID.NotFound")),
    ("terminate_instances", {"InstanceIds": [STRANGE]}, (400, "InvalidInstanceID.NotFound")),
    ("create_snapshot", {"VolumeId": "vol-0123456789abcdef0"}, (400, "InvalidVolume.NotFound")),
    ("delete_snapshot", {"SnapshotId": "snap-0123456789abcdef0"}, (400, "InvalidSnapshot.NotFound")),
    (
        "modify_address_attribute",
        {"AllocationId": "eipalloc-1", "DomainName": "mx1.example.net"},
        (400, "InvalidAllocationID.NotFound"),
    ),
    ("describe_hosts", {}, (400, "InvalidAction")),
]


@pytest.mark.parametrize(("call", "details", "expected"), REFUSED, ids=[f"{each[0]}-{each[2][1]}" for each in REFUSED])
def test_what_amazon_refuses_is_refused_with_its_code(
    ec2: Any, call: str, details: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code(lambda: getattr(ec2, call)(**details)) == expected


def test_an_instance_must_be_in_the_right_state(ec2: Any, eased: Emulator) -> None:
    number = run(ec2)
    volume = becomes(ec2, number, "running")["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    kept = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    larger = {"InstanceId": number, "InstanceType": {"Value": "t3.medium"}}
    back = {"InstanceId": number, "SnapshotId": kept}

    assert code(lambda: ec2.modify_instance_attribute(**larger)) == (400, "IncorrectInstanceState")
    assert code(lambda: ec2.create_replace_root_volume_task(**back)) == (400, "InvalidParameterValue")
    eased.set("hold")
    ec2.stop_instances(InstanceIds=[number])
    assert code(lambda: ec2.start_instances(InstanceIds=[number])) == (400, "IncorrectInstanceState")
    eased.set("go_on")
    becomes(ec2, number, "stopped")
    assert code(lambda: ec2.create_replace_root_volume_task(**back)) == (400, "IncorrectInstanceState")
    wrong = larger | {"InstanceType": {"Value": "t9.medium"}}
    assert code(lambda: ec2.modify_instance_attribute(**wrong)) == (400, "InvalidInstanceAttributeValue")
    ec2.modify_instance_attribute(**larger)
    assert instance(ec2, number)["InstanceType"] == "t3.medium"


def test_a_root_volume_goes_back_to_a_snapshot_of_its_own_alone(ec2: Any) -> None:
    numbers = [run(ec2), run(ec2)]
    volumes = [becomes(ec2, each, "running")["BlockDeviceMappings"][0]["Ebs"]["VolumeId"] for each in numbers]
    begun = ec2.create_snapshot(VolumeId=volumes[0])
    snapshot = begun["SnapshotId"]

    def state(of: str) -> str:
        return str(ec2.describe_snapshots(SnapshotIds=[of])["Snapshots"][0]["State"])

    assert begun["State"] == "pending"
    until(lambda: state(snapshot) == "completed", "the snapshot")
    foreign = {"InstanceId": numbers[1], "SnapshotId": snapshot}
    assert code(lambda: ec2.create_replace_root_volume_task(**foreign)) == (400, "InvalidParameterValue")
    task = ec2.create_replace_root_volume_task(InstanceId=numbers[0], SnapshotId=snapshot)["ReplaceRootVolumeTask"]
    assert task["TaskState"] == "pending"

    def replaced() -> bool:
        wanted = [task["ReplaceRootVolumeTaskId"]]
        answer = ec2.describe_replace_root_volume_tasks(ReplaceRootVolumeTaskIds=wanted)
        return bool(answer["ReplaceRootVolumeTasks"][0]["TaskState"] == "succeeded")

    until(replaced, "the root volume")


def test_snapshots_of_moto_itself_are_not_the_accounts(ec2: Any) -> None:
    assert ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == []


def test_a_reverse_name_is_pending_then_there_or_failed(ec2: Any, running: Emulator) -> None:
    number = run(ec2)
    address = becomes(ec2, number, "running")["PublicIpAddress"]
    running.set("elastic", id=f"us-east-1/{number}")
    (elastic,) = ec2.describe_addresses(Filters=[{"Name": "instance-id", "Values": [number]}])["Addresses"]
    wanted = {"AllocationId": elastic["AllocationId"], "DomainName": "mx1.example.net"}
    assert elastic["PublicIp"] == address
    assert code(lambda: ec2.modify_address_attribute(**wanted)) == (400, "InvalidParameterValue")

    running.set("forward", name="mx1.example.net", ip=address)
    running.set("errored", type="reverse")
    assert ec2.modify_address_attribute(**wanted)["Address"]["PtrRecordUpdate"]["Status"] == "PENDING"

    def attribute() -> dict[str, Any]:
        found: dict[str, Any] = ec2.describe_addresses_attribute(Attribute="domain-name")["Addresses"][0]
        return found

    until(lambda: attribute()["PtrRecordUpdate"].get("Status") == "FAILED", "the failure")
    ec2.modify_address_attribute(**wanted)
    until(lambda: attribute().get("PtrRecord") == "mx1.example.net.", "the name")
    assert "Status" not in attribute()["PtrRecordUpdate"]


@pytest.mark.parametrize(
    ("service", "call", "unknown", "wrong"),
    [
        ("ec2", "describe_regions", (401, "AuthFailure"), (401, "AuthFailure")),
        ("sts", "get_caller_identity", (403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch")),
        ("pricing", "get_products", (400, "UnrecognizedClientException"), (400, "InvalidSignatureException")),
    ],
)
def test_keys_and_signatures_are_looked_at(
    ec2: Any, running: Emulator, service: str, call: str, unknown: tuple[int, str], wrong: tuple[int, str]
) -> None:
    details = {"ServiceCode": "AmazonEC2"} if service == "pricing" else {}
    number, secret = running.token.split(":")
    for token, expected in ((access_key("nobody"), unknown), (f"{number}:{secret[::-1]}", wrong)):
        with closing(client(running, service, token=token)) as stranger:
            assert code(functools.partial(getattr(stranger, call), **details)) == expected
    with closing(client(running, service)) as known:
        assert getattr(known, call)(**details)


def test_a_signature_of_yesterday_is_refused(ec2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_how: yesterday)

    assert code(ec2.describe_regions) == (400, "RequestExpired")


def test_a_key_that_may_only_read_may_not_write(ec2: Any, running: Emulator) -> None:
    token = access_key("reader")
    running.set("tokens", token=token, scopes=["read"])
    with closing(client(running, token=token)) as reader:
        assert reader.describe_instances()["Reservations"] == []
        assert code(lambda: run(reader)) == (403, "UnauthorizedOperation")


def test_too_many_calls_and_cpus_are_refused(ec2: Any, running: Emulator) -> None:
    running.set("quota", servers=1)
    run(ec2)
    assert code(lambda: run(ec2)) == (400, "VcpuLimitExceeded")
    running.set("limits", per_second=0)
    assert code(ec2.describe_regions) == (503, "RequestLimitExceeded")


def test_a_region_the_account_does_not_have_knows_nobody(ec2: Any, running: Emulator) -> None:
    with closing(client(running, region="af-south-1")) as elsewhere:
        assert code(elsewhere.describe_instances) == (401, "AuthFailure")
    assert "af-south-1" not in [each["RegionName"] for each in ec2.describe_regions()["Regions"]]


def test_the_price_list_comes_in_pages_and_has_prices_of_now(ec2: Any, running: Emulator) -> None:
    running.offer("plans", "t3.small", hourly={"us-east-1": 0.5})
    filters = [{"Type": "ANY_OF", "Field": "instanceType", "Value": "t3.small,t3.medium"}]
    with closing(client(running, "pricing")) as prices:
        wanted = {"ServiceCode": "AmazonEC2", "Filters": filters, "MaxResults": 1}
        first = prices.get_products(**wanted)
        second = prices.get_products(**wanted, NextToken=first["NextToken"])

    products = [json.loads(text) for answer in (first, second) for text in answer["PriceList"]]
    assert [each["product"]["attributes"]["instanceType"] for each in products] == ["t3.small", "t3.medium"]
    assert '"USD": "0.5000000000"' in first["PriceList"][0]
    assert "NextToken" not in second


def test_counters_tell_doubles_of_one_intent(ec2: Any, running: Emulator) -> None:
    for value in ("1", "1", "2"):
        run(ec2, TagSpecifications=named(("Name", "mx"), ("mailyard:intent", value)))

    assert running.counters()["doubles"] == 1


def test_each_refusal_beyond_moto_says_where_it_was_seen() -> None:
    codes = " ".join(words for words, _source in BEYOND_MOTO)

    assert all(source for _words, source in BEYOND_MOTO)
    assert {code for _call, _details, (_status, code) in REFUSED if not code.endswith(".NotFound")} <= {
        word for word in codes.replace(",", " ").replace(")", " ").split() if word[0].isupper()
    }
