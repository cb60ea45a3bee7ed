"""Elastic IP addresses as only EC2 has them: names to be taken back first, things that are no servers, regions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from backend.core.errors import NotFound, OutcomeUnknown, ProviderRefused, ProviderUnavailable, Refused
from backend.core.secrets.values import Secret
from backend.providers.ec2.driver import Ec2
from tests.backend.providers.cases import EC2
from tests.backend.providers.conftest import Cloud
from tests.ec2.documents import written
from tests.ec2.keys import access_key
from tests.ec2.query import Call
from tests.ec2.recorded import Service, answering
from tests.ec2.refusals import NO_STATE, answer
from tests.installation import until

ec2 = pytest.mark.parametrize("plain_cloud", [EC2], indirect=True, ids=["ec2"])

NAME = "mailyard-0a1b2c3d"
NUMBER, SERVER = "eipalloc-0123456789abcdef0", "us-east-1/i-0123456789abcdef0"
REGIONS = written("DescribeRegions", regionInfo=[{"regionName": "us-east-1"}])
ASSOCIATED = written("AssociateAddress", **{"return": True, "associationId": "eipassoc-1"})


@contextmanager
def _told(
    *addresses: dict[str, str | None], associate: tuple[int, str] = (200, ASSOCIATED)
) -> Iterator[tuple[Ec2, Service]]:
    """A driver at an account with these addresses, and what it is told when it gives one to a server."""
    listed = [{"publicIp": "203.0.113.7", "allocationId": NUMBER, **each} for each in addresses]
    answers = {
        "DescribeRegions": (200, REGIONS),
        "DescribeAddresses": (200, written("DescribeAddresses", addressesSet=listed)),
        "AssociateAddress": associate,
    }
    with answering(answers) as service, closing(Ec2(Secret(access_key("t")), endpoint_url=service.url)) as driver:
        yield driver, service


@ec2
@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed"])
def test_an_address_whose_answer_was_lost_is_found_by_its_name(plain_cloud: Cloud, fault: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault(fault, "POST", "/AllocateAddress")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    (found,) = plain_cloud.driver.reserved.all()
    assert (found.name, found.machine_id) == (NAME, None)


@ec2
def test_an_answer_without_the_address_means_look(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "POST", "/AllocateAddress", without=["AllocateAddressResponse.allocationId"])

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.reserved.reserve(machine.id, NAME)

    assert len(plain_cloud.driver.reserved.all()) == 1


@ec2
def test_the_address_takes_the_place_of_the_servers_own_and_gives_way_to_another(plain_cloud: Cloud) -> None:
    machine, reserved = plain_cloud.active(), plain_cloud.driver.reserved
    first = reserved.reserve(machine.id, NAME)

    plain_cloud.end_of(machine.id, reserved.assign(first.id, machine.id))
    assert plain_cloud.driver.get(machine.id).ipv4 == (first.ip,)
    plain_cloud.end_of(machine.id, reserved.unassign(first.id))

    assert plain_cloud.driver.get(machine.id).ipv4 not in ((first.ip,), machine.ipv4, ())
    assert [each.machine_id for each in reserved.all()] == [None]


@ec2
def test_a_reverse_name_is_taken_from_an_address_before_it_is_released(plain_cloud: Cloud) -> None:
    machine, reserved = plain_cloud.active(), plain_cloud.driver.reserved
    address = reserved.reserve(machine.id, NAME)
    plain_cloud.end_of(machine.id, reserved.assign(address.id, machine.id))
    plain_cloud.emulator.set("forward", name="mx1.example.net", ip=address.ip)
    plain_cloud.end_of(machine.id, plain_cloud.driver.set_reverse(machine.id, address.ip, "mx1.example.net"))

    for _attempt in range(2):
        with pytest.raises(ProviderUnavailable, match="removing the reverse DNS entry") as refused:
            reserved.release(address.id)
    until(lambda: plain_cloud.driver.reverse_names(machine.id)[address.ip] is None, "the name to be gone")
    reserved.release(address.id)

    assert refused.value.retryable
    assert list(reserved.all()) == []
    assert [each["path"] for each in plain_cloud.emulator.log()].count("/ResetAddressAttribute") == 1


@ec2
def test_an_address_of_another_region_is_given_to_nobody(plain_cloud: Cloud) -> None:
    address = plain_cloud.driver.reserved.reserve(plain_cloud.active().id, NAME)
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(Refused, match="address is in us-east-1, the server is in eu-central-1"):
        plain_cloud.driver.reserved.assign(address.id, "eu-central-1/i-0123456789abcdef0")

    assert len(plain_cloud.emulator.log()) == sent


@ec2
def test_an_address_that_is_gone_is_not_given_and_what_went_to_another_has_failed(plain_cloud: Cloud) -> None:
    first, second = plain_cloud.active(), plain_cloud.active()
    reserved = plain_cloud.driver.reserved
    address = reserved.reserve(first.id, NAME)
    started = reserved.assign(address.id, first.id)
    plain_cloud.end_of(second.id, reserved.assign(address.id, second.id))

    assert plain_cloud.driver.action(first.id, started.id).state == "failed"
    reserved.release(address.id)
    assert plain_cloud.driver.action(first.id, started.id).state == "failed"
    with pytest.raises(NotFound):
        reserved.assign(address.id, first.id)
    with pytest.raises(NotFound):
        reserved.unassign(address.id)


@pytest.mark.parametrize(
    ("about", "may_take"),
    [
        ({}, "true"),
        ({"instanceId": "i-0fedcba9876543210", "associationId": "eipassoc-1"}, "true"),
        ({"networkInterfaceId": "eni-1", "associationId": "eipassoc-1"}, "false"),
    ],
    ids=["free", "of a server", "of something else"],
)
def test_what_is_no_server_does_not_lose_its_address(about: dict[str, str | None], may_take: str) -> None:
    with _told(about) as (driver, service):
        driver.reserved.assign(f"us-east-1/{NUMBER}", SERVER)

    assert service.calls[-1].action == "AssociateAddress"
    assert service.calls[-1].parameters["AllowReassociation"] == may_take


def test_a_server_that_is_being_made_gets_none_in_amazons_own_words() -> None:
    asked, words = Call("AssociateAddress", {}, "ec2", "us-east-1", ""), NO_STATE.format(state="pending", number="i-1")
    body = answer(asked, 400, "InvalidInstanceID", words).body
    with (
        _told({}, associate=(400, body)) as (driver, _service),
        pytest.raises(ProviderRefused, match="pending instance 'i-1' is not in a valid state"),
    ):
        driver.reserved.assign(f"us-east-1/{NUMBER}", SERVER)


def test_an_association_that_is_not_shown_yet_is_under_way() -> None:
    with _told({}) as (driver, _service):
        assert driver.action(SERVER, f"assign:{NUMBER}").state == "running"


def test_an_address_of_ones_own_range_has_no_price_and_what_is_not_told_is_empty() -> None:
    with _told({"publicIpv4Pool": "ipv4pool-ec2-1", "brandNew": "x"}, {"publicIpv4Pool": "amazon"}) as (
        driver,
        _service,
    ):
        own, amazons = driver.reserved.all()

    assert (own.name, own.machine_id, own.monthly_micro) == ("", None, None)
    assert amazons.monthly_micro == 3_650_000
