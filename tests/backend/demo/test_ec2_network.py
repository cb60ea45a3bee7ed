"""The emulated network of EC2: addresses and groups that live longer than servers, and what Amazon refuses of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.backend.demo.machines import Machines
from tests.ec2.client import becomes, client, code, instance, run
from tests.ec2.keys import access_key
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = pytest.mark.emulates("ec2", per_second=1_000)

STRANGE = {"AllocationId": "eipalloc-0123456789abcdef0"}


@pytest.fixture
def ec2(eased: Emulator) -> Iterator[Any]:
    with closing(client(eased)) as made:
        yield made


def _running(ec2: Any) -> str:
    number = run(ec2)
    becomes(ec2, number, "running")
    return number


def _allocated(ec2: Any, name: str = "kept") -> str:
    tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "Name", "Value": name}]}]
    return str(ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"])


def _group(ec2: Any, name: str = "wall") -> str:
    return str(ec2.create_security_group(GroupName=name, Description="by hand")["GroupId"])


def test_an_address_stays_with_its_server_through_a_stop_and_is_free_when_that_ends(
    ec2: Any, running: Emulator
) -> None:
    number, kept = _running(ec2), _allocated(ec2)
    (free,) = ec2.describe_addresses()["Addresses"]
    assert "InstanceId" not in free

    ec2.associate_address(AllocationId=kept, InstanceId=number)
    ec2.stop_instances(InstanceIds=[number])
    assert becomes(ec2, number, "stopped")["PublicIpAddress"] == free["PublicIp"]
    ec2.terminate_instances(InstanceIds=[number])

    (found,) = ec2.describe_addresses(AllocationIds=[kept])["Addresses"]
    assert "InstanceId" not in found
    assert "AssociationId" not in found
    assert running.counters()["reserved"] == [{"id": f"us-east-1/{kept}", "name": "kept"}]
    assert running.counters()["tallies"]["addresses reserved"] == 1


def test_a_server_has_one_address_and_an_address_one_server(ec2: Any) -> None:
    numbers, addresses = [_running(ec2), _running(ec2)], [_allocated(ec2, "a"), _allocated(ec2, "b")]
    own = instance(ec2, numbers[0])["PublicIpAddress"]
    for address in addresses:
        ec2.associate_address(AllocationId=address, InstanceId=numbers[0])
    shown = {each["AllocationId"]: each.get("InstanceId") for each in ec2.describe_addresses()["Addresses"]}
    assert shown == {addresses[0]: None, addresses[1]: numbers[0]}

    taken = {"AllocationId": addresses[1], "InstanceId": numbers[1]}
    refused = code(lambda: ec2.associate_address(**taken, AllowReassociation=False))
    assert refused == (400, "Resource.AlreadyAssociated")
    association = ec2.associate_address(**taken)["AssociationId"]
    assert instance(ec2, numbers[0])["PublicIpAddress"] != own
    ec2.disassociate_address(AssociationId=association)
    unknown = code(lambda: ec2.disassociate_address(AssociationId=association))
    assert unknown == (400, "InvalidAssociationID.NotFound")


def test_addresses_are_refused_as_amazon_does(ec2: Any, running: Emulator) -> None:
    number, kept = _running(ec2), _allocated(ec2)
    for call in (ec2.release_address, ec2.reset_address_attribute):
        details = {"Attribute": "domain-name"} if call == ec2.reset_address_attribute else {}
        assert code(lambda: call(**STRANGE, **details)) == (400, "InvalidAllocationID.NotFound")  # noqa: B023
    nobody = code(lambda: ec2.associate_address(AllocationId=kept, InstanceId="i-0123456789abcdef0"))
    assert nobody == (400, "InvalidInstanceID.NotFound")
    ec2.associate_address(AllocationId=kept, InstanceId=number)
    assert code(lambda: ec2.release_address(AllocationId=kept)) == (400, "InvalidIPAddress.InUse")
    running.set("quota", servers=10, addresses=1)
    assert code(lambda: _allocated(ec2)) == (400, "AddressLimitExceeded")


def test_an_address_with_a_reverse_name_is_not_released_and_loses_it_without_a_server(
    ec2: Any, running: Emulator
) -> None:
    kept = _allocated(ec2)
    (address,) = ec2.describe_addresses()["Addresses"]
    running.set("forward", name="mx1.example.net", ip=address["PublicIp"])

    def name() -> str | None:
        shown = ec2.describe_addresses_attribute(Attribute="domain-name", AllocationIds=[kept])["Addresses"]
        return shown[0].get("PtrRecord") if shown else None

    ec2.modify_address_attribute(AllocationId=kept, DomainName="mx1.example.net")
    until(lambda: name() == "mx1.example.net.", "the name")
    assert code(lambda: ec2.release_address(AllocationId=kept)) == (400, "InvalidAddress.PtrSet")
    ec2.reset_address_attribute(AllocationId=kept, Attribute="domain-name")
    until(lambda: name() is None, "no name")
    ec2.release_address(AllocationId=kept)

    assert ec2.describe_addresses()["Addresses"] == []
    assert running.counters()["tallies"]["addresses released"] == 1


def test_a_machine_behind_a_server_keeps_its_own_address(
    new_emulator: Callable[..., Emulator], machines: Machines
) -> None:
    emulator = new_emulator(kind="ec2", machines=machines.path)
    with closing(client(emulator)) as ec2:
        number, kept = run(ec2), _allocated(ec2)
        being_made = code(lambda: ec2.associate_address(AllocationId=kept, InstanceId=number))
        assert being_made == (400, "InvalidInstanceID")
        machines.may_answer.set()
        own = becomes(ec2, number, "running")["PublicIpAddress"]
        ec2.associate_address(AllocationId=kept, InstanceId=number)

        (address,) = ec2.describe_addresses()["Addresses"]
        assert instance(ec2, number)["PublicIpAddress"] == address["PublicIp"] == own


def test_a_group_cannot_go_while_a_server_has_it_or_is_on_its_way_out(ec2: Any, running: Emulator) -> None:
    number, wall = _running(ec2), _group(ec2)
    ec2.modify_instance_attribute(InstanceId=number, Groups=[wall])
    assert [each["GroupId"] for each in instance(ec2, number)["SecurityGroups"]] == [wall]
    assert code(lambda: ec2.delete_security_group(GroupId=wall)) == (400, "DependencyViolation")

    ec2.terminate_instances(InstanceIds=[number])
    assert code(lambda: ec2.delete_security_group(GroupId=wall)) == (400, "DependencyViolation")
    assert becomes(ec2, number, "terminated")["SecurityGroups"] == []
    ec2.delete_security_group(GroupId=wall)

    assert code(lambda: ec2.delete_security_group(GroupId=wall)) == (400, "InvalidGroup.NotFound")
    tallies = running.counters()["tallies"]
    assert (tallies["firewalls created"], tallies["firewalls deleted"]) == (1, 1)


def test_groups_and_rules_are_refused_as_amazon_does(ec2: Any) -> None:
    number, wall = _running(ec2), _group(ec2)
    smtp = {"IpProtocol": "tcp", "FromPort": 25, "ToPort": 25, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

    def authorized(*rules: dict[str, Any]) -> tuple[int, str]:
        return code(lambda: ec2.authorize_security_group_ingress(GroupId=wall, IpPermissions=list(rules)))

    ec2.authorize_security_group_ingress(GroupId=wall, IpPermissions=[smtp])
    https = smtp | {"FromPort": 443, "ToPort": 443}
    assert authorized(https, smtp) == (400, "InvalidPermission.Duplicate")
    assert authorized(https, smtp | {"ToPort": 24}) == (400, "InvalidParameterValue")
    assert authorized(https, smtp | {"IpRanges": [{"CidrIp": "10.0.0.0/99"}]}) == (400, "InvalidParameterValue")
    (group,) = ec2.describe_security_groups(GroupIds=[wall])["SecurityGroups"]
    assert [rule["FromPort"] for rule in group["IpPermissions"]] == [25]
    assert code(lambda: _group(ec2)) == (400, "InvalidGroup.Duplicate")
    assert code(lambda: _group(ec2, "sg-mine")) == (400, "InvalidParameterValue")
    strange = {"InstanceId": number, "Groups": ["sg-0123456789abcdef0"]}
    assert code(lambda: ec2.modify_instance_attribute(**strange)) == (400, "InvalidGroup.NotFound")


def test_nothing_is_left_after_a_reset(ec2: Any, running: Emulator) -> None:
    _group(ec2)
    _allocated(ec2)
    running.reset()

    counters = running.counters()
    assert (counters["reserved"], counters["firewalls"]) == ([], [])
    assert ec2.describe_addresses()["Addresses"] == []
    names = [each["GroupName"] for each in ec2.describe_security_groups()["SecurityGroups"]]
    assert names == ["default"]


def test_cloudwatch_tells_what_a_control_said_and_refuses_too_many_points(ec2: Any, running: Emulator) -> None:
    number, now = _running(ec2), datetime.now(UTC)
    running.set("traffic", id=f"us-east-1/{number}", received=1_000, sent=2_000, cpu=5.0)
    asked: dict[str, Any] = {
        "Namespace": "AWS/EC2",
        "MetricName": "NetworkOut",
        "Dimensions": [{"Name": "InstanceId", "Value": number}],
        "StartTime": now - timedelta(days=2),
        "EndTime": now,
        "Period": 3_600,
        "Statistics": ["Sum"],
    }
    with closing(client(running, "cloudwatch")) as watch:
        points = watch.get_metric_statistics(**asked)["Datapoints"]
        others = asked | {"Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}]}
        assert watch.get_metric_statistics(**others)["Datapoints"] == []
        many = code(lambda: watch.get_metric_statistics(**asked | {"Period": 60}))
        odd = code(lambda: watch.get_metric_statistics(**asked | {"Period": 90}))
        running.set("limits", per_second=0)
        assert code(lambda: watch.get_metric_statistics(**asked)) == (400, "Throttling")
    assert (len(points), round(sum(each["Sum"] for each in points))) == (48, 2_000)
    assert points[0]["Timestamp"] > points[-1]["Timestamp"]
    assert (many, odd) == ((400, "InvalidParameterCombination"), (400, "InvalidParameterValue"))


def test_keys_and_rights_are_looked_at_by_cloudwatch(ec2: Any, running: Emulator) -> None:
    assert ec2.describe_regions()
    now = datetime.now(UTC)
    asked = {"Namespace": "AWS/EC2", "MetricName": "NetworkIn", "StartTime": now - timedelta(hours=1), "EndTime": now}
    asked |= {"Dimensions": [{"Name": "InstanceId", "Value": "i-1"}], "Period": 300, "Statistics": ["Sum"]}
    denied = access_key("denied")
    running.set("tokens", token=denied, denied=["cloudwatch:GetMetricStatistics"])
    number, secret = running.token.split(":")
    expected = {
        access_key("nobody"): (403, "InvalidClientTokenId"),
        f"{number}:{secret[::-1]}": (403, "SignatureDoesNotMatch"),
        denied: (403, "AccessDenied"),
    }
    for token, refusal in expected.items():
        with closing(client(running, "cloudwatch", token=token)) as watch:
            assert code(lambda: watch.get_metric_statistics(**asked)) == refusal
