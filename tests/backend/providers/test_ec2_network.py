"""The security group new servers stand in: made once, finished when it was left half made, never taken from others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pytest

from backend.core.errors import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from backend.providers.ec2.network import HALF_MADE
from backend.providers.network import MAIL_PORTS
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.client import client

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])

ALL_RULES = len(MAIL_PORTS) + 2
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.fixture
def aws(plain_cloud: Cloud) -> Iterator[Any]:
    """A client without a driver between."""
    with closing(client(plain_cloud.emulator)) as made:
        yield made


def _group(aws: Any) -> dict[str, Any]:
    (found,) = aws.describe_security_groups(GroupNames=["mailyard"])["SecurityGroups"]
    assert isinstance(found, dict)
    return found


def _tags(group: dict[str, Any]) -> set[str]:
    return {tag["Key"] for tag in group.get("Tags", ())}


def _made_by_hand(aws: Any, *tags: str) -> str:
    """A group of our name with these tags, and without rules."""
    keys = [{"Key": key, "Value": ""} for key in tags]
    tagged = [{"ResourceType": "security-group", "Tags": keys}] if tags else []
    made = aws.create_security_group(GroupName="mailyard", Description="by hand", TagSpecifications=tagged)
    return str(made["GroupId"])


def _sent(cloud: Cloud, call: str) -> int:
    return [each["path"] for each in cloud.emulator.log()].count(f"/{call}")


@ec2
def test_one_group_a_region_lets_in_what_a_mail_server_needs(plain_cloud: Cloud, aws: Any) -> None:
    for _order in range(2):
        plain_cloud.driver.create(plain_cloud.order())

    group = _group(aws)
    rules = group["IpPermissions"]
    assert sorted(rule["FromPort"] for rule in rules if rule["IpProtocol"] == "tcp") == sorted(MAIL_PORTS)
    assert {rule["IpProtocol"] for rule in rules} == {"tcp", "icmp", "icmpv6"}
    assert {"Key": "mailyard", "Value": ""} in group["Tags"]


@ec2
def test_two_first_orders_at_once_make_one_group(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("slow", "GET", "/DescribeSecurityGroups", seconds=0.3, times=2)
    orders = [plain_cloud.order(uuid4()) for _number in range(2)]

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(plain_cloud.driver.create, orders))

    assert len({machine.id for machine in made}) == 2
    assert [each["path"] for each in plain_cloud.emulator.log()].count("/CreateSecurityGroup") == 1


@ec2
def test_a_group_whose_rules_somebody_took_stays_as_it_is(plain_cloud: Cloud, aws: Any) -> None:
    plain_cloud.driver.create(plain_cloud.order())
    group = _group(aws)
    assert _tags(group) == {"mailyard", "Name"}
    assert len(group["IpPermissions"]) == ALL_RULES

    aws.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
    plain_cloud.driver.create(plain_cloud.order())

    assert _group(aws).get("IpPermissions", []) == []


@ec2
@pytest.mark.parametrize("fault", ["500", "500_after"])
@pytest.mark.parametrize("call", ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress", "DeleteTags"])
def test_a_group_left_half_made_is_finished_by_the_next_order(
    plain_cloud: Cloud, aws: Any, call: str, fault: str
) -> None:
    method = "DELETE" if call == "DeleteTags" else "POST"
    plain_cloud.emulator.fault(fault, method, f"/{call}")
    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.create(plain_cloud.order())

    plain_cloud.driver.create(plain_cloud.order())

    group = _group(aws)
    assert _tags(group) == {"mailyard", "Name"}
    assert len(group["IpPermissions"]) == ALL_RULES


@ec2
@pytest.mark.parametrize("tags", [(), ("owner",), (HALF_MADE,)], ids=["none", "others", "half-made alone"])
def test_a_group_of_our_name_that_is_not_ours_is_refused_and_left_alone(
    plain_cloud: Cloud, aws: Any, tags: tuple[str, ...]
) -> None:
    _made_by_hand(aws, *tags)
    before = _group(aws)

    with pytest.raises(ProviderRefused, match="group mailyard in us-east-1 was not created by Mailyard") as refused:
        plain_cloud.driver.create(plain_cloud.order())

    assert "add the tag mailyard" in refused.value.remedy
    assert before["GroupId"] in refused.value.detail
    assert _group(aws) == before
    assert list(plain_cloud.driver.machines()) == []
    aws.create_tags(Resources=[before["GroupId"]], Tags=[{"Key": "mailyard", "Value": ""}])
    plain_cloud.driver.create(plain_cloud.order())


@ec2
def test_another_process_that_made_the_group_first_is_followed(plain_cloud: Cloud, aws: Any) -> None:
    _made_by_hand(aws, "mailyard")
    aws.authorize_security_group_ingress(GroupName="mailyard", IpPermissions=[SSH])
    plain_cloud.emulator.fault("changed", "GET", "/DescribeSecurityGroups", without=["securityGroupInfo.0"])

    plain_cloud.driver.create(plain_cloud.order())

    assert _sent(plain_cloud, "CreateSecurityGroup") == 2
    assert len(_group(aws)["IpPermissions"]) == 1


@ec2
def test_a_group_that_is_there_and_not_shown_yet_is_looked_for_again_later(plain_cloud: Cloud, aws: Any) -> None:
    _made_by_hand(aws, "mailyard")
    plain_cloud.emulator.fault("changed", "GET", "/DescribeSecurityGroups", without=["securityGroupInfo.0"], times=2)

    with pytest.raises(ProviderUnavailable, match="does not list its resources yet") as failed:
        plain_cloud.driver.create(plain_cloud.order())

    assert failed.value.retryable
    assert "InvalidGroup.Duplicate" in failed.value.detail


@ec2
def test_rules_another_process_put_in_first_are_taken_as_they_are(plain_cloud: Cloud, aws: Any) -> None:
    _made_by_hand(aws, "mailyard", HALF_MADE)
    aws.authorize_security_group_ingress(GroupName="mailyard", IpPermissions=[SSH])
    unseen = ["securityGroupInfo.0.ipPermissions"]
    plain_cloud.emulator.fault("changed", "GET", "/DescribeSecurityGroups", without=unseen)

    plain_cloud.driver.create(plain_cloud.order())

    assert _sent(plain_cloud, "AuthorizeSecurityGroupIngress") == 2
    assert len(_group(aws)["IpPermissions"]) == 1
    assert _tags(_group(aws)) == {"mailyard"}


@ec2
def test_without_a_default_network_nothing_is_made_and_the_way_out_is_named(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("changed", "GET", "/DescribeVpcs", without=["vpcSet.0"])

    with pytest.raises(ProviderRefused, match="no default network in us-east-1") as refused:
        plain_cloud.driver.create(plain_cloud.order())

    assert "Create default VPC" in refused.value.remedy
    assert [each["path"] for each in plain_cloud.emulator.log() if each["method"] != "GET"] == []
