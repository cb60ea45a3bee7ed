"""Security groups as firewalls: half made ones, rules by hand, groups beside ours, regions, pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from backend.core.errors import LimitReached, OutcomeUnknown, ProviderRefused, RateLimited, Refused
from backend.providers.network import ANYWHERE, MAIL, Allowed, Firewall
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.client import client

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])

NAME = "mailyard-0a1b2c3d"
SMTP = Allowed("tcp", "25")


@pytest.fixture
def aws(plain_cloud: Cloud) -> Iterator[Any]:
    """A client without a driver between."""
    with closing(client(plain_cloud.emulator)) as made:
        yield made


def _only(cloud: Cloud) -> Firewall:
    (found,) = cloud.driver.firewalls.all()
    return found


def _sent(cloud: Cloud, since: int) -> list[str]:
    return [each["path"] for each in cloud.emulator.log()[since:] if each["method"] != "GET"]


@ec2
@pytest.mark.parametrize("fault", ["lost_answer", "500_after"])
def test_a_firewall_whose_answer_was_lost_is_found_by_its_name_and_finished(plain_cloud: Cloud, fault: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault(fault, "POST", "/CreateSecurityGroup")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.firewalls.make(machine.id, NAME, MAIL)
    found = _only(plain_cloud)
    plain_cloud.driver.firewalls.set_rules(found.id, MAIL)

    assert found.name == NAME
    assert {*_only(plain_cloud).allowed} == {*MAIL}


@ec2
@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "429"])
def test_rules_whose_answer_was_lost_are_put_in_once_more(plain_cloud: Cloud, fault: str) -> None:
    made = plain_cloud.driver.firewalls.make(plain_cloud.active().id, NAME, MAIL)
    plain_cloud.emulator.fault(fault, "POST", "/AuthorizeSecurityGroupIngress")

    with pytest.raises((OutcomeUnknown, RateLimited)):
        plain_cloud.driver.firewalls.set_rules(made, MAIL)
    plain_cloud.driver.firewalls.set_rules(made, MAIL)

    assert {*_only(plain_cloud).allowed} == {*MAIL}


@ec2
def test_an_answer_without_the_group_means_look(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    without = ["CreateSecurityGroupResponse.groupId"]
    plain_cloud.emulator.fault("changed", "POST", "/CreateSecurityGroup", without=without)

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.firewalls.make(machine.id, NAME, MAIL)

    assert _only(plain_cloud).allowed == ()


@ec2
def test_a_name_is_given_once_and_that_of_the_shared_group_never(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.driver.firewalls.make(machine.id, NAME, [SMTP])
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(ProviderRefused, match="already exists"):
        plain_cloud.driver.firewalls.make(machine.id, NAME, [SMTP])
    with pytest.raises(ProviderRefused, match="mailyard is the security group of new servers"):
        plain_cloud.driver.firewalls.make(machine.id, "mailyard", [SMTP])
    with pytest.raises(ProviderRefused, match="sg-mine"):
        plain_cloud.driver.firewalls.make(machine.id, "sg-mine", [SMTP])

    assert _sent(plain_cloud, sent) == ["/CreateSecurityGroup", "/CreateSecurityGroup"]
    assert plain_cloud.emulator.names("firewalls") == [NAME]


@ec2
@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (Allowed("tcp", "8080-80"), "port range"),
        (Allowed("tcp", "25", ("192.0.2.0/33",)), "192.0.2.0/33"),
    ],
)
def test_a_rule_that_is_none_is_refused_and_the_others_stay(plain_cloud: Cloud, allowed: Allowed, words: str) -> None:
    made = plain_cloud.firewall(plain_cloud.active(), NAME, [SMTP])

    with pytest.raises(ProviderRefused, match=words):
        plain_cloud.driver.firewalls.set_rules(made, [allowed])

    assert _only(plain_cloud).allowed == (SMTP,)


@ec2
def test_more_rules_than_a_group_may_have_are_a_limit(plain_cloud: Cloud) -> None:
    made = plain_cloud.driver.firewalls.make(plain_cloud.active().id, NAME, [])

    with pytest.raises(LimitReached, match="maximum number of rules"):
        plain_cloud.driver.firewalls.set_rules(made, [Allowed("tcp", str(port)) for port in range(1, 62)])


@ec2
def test_new_rules_go_in_before_old_ones_go(plain_cloud: Cloud) -> None:
    made = plain_cloud.firewall(plain_cloud.active(), NAME, [SMTP])
    sent = len(plain_cloud.emulator.log())

    plain_cloud.driver.firewalls.set_rules(made, [Allowed("udp", "53"), Allowed("icmp", "")])

    assert _sent(plain_cloud, sent) == ["/AuthorizeSecurityGroupIngress", "/RevokeSecurityGroupIngress"]
    assert {*_only(plain_cloud).allowed} == {Allowed("udp", "53"), Allowed("icmp", "")}


@ec2
def test_a_network_is_known_again_however_it_was_written(plain_cloud: Cloud) -> None:
    loose = Allowed("tcp", "25", ("192.0.2.7/24", "2001:DB8:0::/32", "198.51.100.4"))
    made = plain_cloud.firewall(plain_cloud.active(), NAME, [loose])
    sent = len(plain_cloud.emulator.log())

    plain_cloud.driver.firewalls.set_rules(made, [loose])

    assert _sent(plain_cloud, sent) == []
    assert _only(plain_cloud).allowed[0].sources == ("192.0.2.0/24", "198.51.100.4/32", "2001:db8::/32")


@ec2
def test_rules_by_hand_are_told_as_far_as_there_are_words_and_all_go(plain_cloud: Cloud, aws: Any) -> None:
    made = plain_cloud.firewall(plain_cloud.active(), NAME, [SMTP])
    number = made.partition("/")[2]
    anywhere = [{"CidrIp": ANYWHERE[0]}]
    by_hand = [
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
        {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": number}]},
        {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": anywhere},
        {"IpProtocol": "50", "FromPort": -1, "ToPort": -1, "IpRanges": anywhere},
    ]
    aws.authorize_security_group_ingress(GroupId=number, IpPermissions=by_hand)

    home = ("192.0.2.0/24",)
    everything = {Allowed("tcp", "0-65535", home), Allowed("udp", "0-65535", home), Allowed("icmp", "", home)}
    assert {*_only(plain_cloud).allowed} == {SMTP, *everything}
    plain_cloud.driver.firewalls.set_rules(made, [SMTP])

    (group,) = aws.describe_security_groups(GroupIds=[number])["SecurityGroups"]
    assert [rule["FromPort"] for rule in group["IpPermissions"]] == [25]


@ec2
def test_a_firewall_stands_in_place_of_all_groups_and_the_shared_one_comes_back(plain_cloud: Cloud, aws: Any) -> None:
    machine, firewalls = plain_cloud.active(), plain_cloud.driver.firewalls
    server = machine.id.partition("/")[2]

    def names() -> set[str]:
        (held,) = aws.describe_instances(InstanceIds=[server])["Reservations"]
        return {each["GroupName"] for each in held["Instances"][0]["SecurityGroups"]}

    made = firewalls.make(machine.id, NAME, MAIL)
    assert names() == {"mailyard"}
    firewalls.attach(made, machine.id)
    assert names() == {NAME}
    with pytest.raises(ProviderRefused, match="has a dependent object"):
        firewalls.delete(made)
    firewalls.detach(made, machine.id)
    assert names() == {"mailyard"}


@ec2
def test_a_group_that_somebody_put_beside_ours_stays(plain_cloud: Cloud, aws: Any) -> None:
    machine, firewalls = plain_cloud.active(), plain_cloud.driver.firewalls
    made = firewalls.make(machine.id, NAME, MAIL)
    other = aws.create_security_group(GroupName="of-somebody", Description="by hand")["GroupId"]
    server = machine.id.partition("/")[2]
    aws.modify_instance_attribute(InstanceId=server, Groups=[made.partition("/")[2], other])

    firewalls.detach(made, machine.id)

    (held,) = aws.describe_instances(InstanceIds=[server])["Reservations"]
    assert [each["GroupId"] for each in held["Instances"][0]["SecurityGroups"]] == [other]
    assert [each.name for each in firewalls.all()] == [NAME]


@ec2
def test_a_group_that_somebody_put_a_server_in_is_not_taken_from_it(plain_cloud: Cloud, aws: Any) -> None:
    machine, firewalls = plain_cloud.active(), plain_cloud.driver.firewalls
    made = firewalls.make(machine.id, NAME, MAIL)
    other = aws.create_security_group(GroupName="of-somebody", Description="by hand")["GroupId"]
    server = machine.id.partition("/")[2]
    aws.modify_instance_attribute(InstanceId=server, Groups=[other])

    with pytest.raises(ProviderRefused, match="the server also belongs to of-somebody"):
        firewalls.attach(made, machine.id)

    (held,) = aws.describe_instances(InstanceIds=[server])["Reservations"]
    assert [each["GroupId"] for each in held["Instances"][0]["SecurityGroups"]] == [other]


@ec2
def test_a_firewall_of_another_region_guards_nobody(plain_cloud: Cloud) -> None:
    made = plain_cloud.driver.firewalls.make(plain_cloud.active().id, NAME, MAIL)
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(Refused, match="firewall is in us-east-1, the server is in eu-central-1"):
        plain_cloud.driver.firewalls.attach(made, "eu-central-1/i-0123456789abcdef0")

    assert len(plain_cloud.emulator.log()) == sent


@ec2
def test_many_firewalls_come_in_pages(plain_cloud: Cloud, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = [{"ResourceType": "security-group", "Tags": [{"Key": "mailyard", "Value": ""}]}]
    for number in range(12):
        aws.create_security_group(GroupName=f"wall-{number}", Description="x", TagSpecifications=marks)
    monkeypatch.setattr("backend.providers.ec2.wire.PAGE", 5)

    listed = plain_cloud.driver.firewalls.all()

    assert sorted(each.name for each in listed) == sorted(f"wall-{number}" for number in range(12))
