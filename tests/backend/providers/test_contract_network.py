"""The compute contract for addresses that outlive a server, and for firewalls, held by every driver."""

from __future__ import annotations

import pytest

from backend.core.errors import LimitReached, NotFound, ProviderRefused, Refused
from backend.providers.network import MAIL, Allowed, ReservedAddress
from backend.providers.ports import Machine
from tests.backend.providers.conftest import Cloud
from tests.installation import until

NAME = "mailyard-0a1b2c3d"
SSH = Allowed("tcp", "22", ("192.0.2.0/24", "2001:db8::/32"))
WEB = Allowed("tcp", "8000-8080")


def held(cloud: Cloud, machine: Machine) -> ReservedAddress:
    """An address that is reserved for this server, and its own."""
    made = cloud.driver.reserved.reserve(machine.id, NAME)
    assert cloud.end_of(machine.id, cloud.driver.reserved.assign(made.id, machine.id)).state == "done"
    (now,) = cloud.driver.reserved.all()
    assert (now.id, now.ip) == (made.id, made.ip)
    return now


def changing(cloud: Cloud) -> int:
    """How many calls that change something were sent so far."""
    return len([each for each in cloud.emulator.log() if cloud.case.changes(each["method"], each["path"])])


def allowed(cloud: Cloud, firewall: str) -> set[Allowed]:
    return {*next(each.allowed for each in cloud.driver.firewalls.all() if each.id == firewall)}


def test_an_address_is_held_for_a_server_and_is_its_own(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("reserved_address"):
        with pytest.raises(Refused):
            cloud.driver.reserved.reserve(machine.id, NAME)
        assert list(cloud.driver.reserved.all()) == []
        return

    address = held(cloud, machine)

    assert (address.machine_id, address.region) == (machine.id, machine.region)
    assert address.name == (NAME if cloud.case.names_reserved else "")
    assert (address.ip in machine.ipv4) == cloud.case.reserve_keeps
    assert (address.monthly_micro, address.currency) == (cloud.case.reserved_micro[0], "USD")


def test_an_address_that_a_server_has_already_is_not_given_to_it_again(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("reserved_address"):
        with pytest.raises(Refused):
            cloud.driver.reserved.assign("1", machine.id)
        return
    address = held(cloud, machine)
    sent = changing(cloud)

    assert cloud.end_of(machine.id, cloud.driver.reserved.assign(address.id, machine.id)).state == "done"

    assert changing(cloud) == sent


def test_a_reserved_address_outlives_its_server_and_goes_to_another(cloud: Cloud) -> None:
    if not cloud.can("reserved_address"):
        with pytest.raises(Refused):
            cloud.driver.reserved.unassign("1")
        return
    first = cloud.active()
    second = cloud.driver.create(cloud.order(None, {"name": "mx2.example.net"}))
    cloud.becomes(second.id, lambda seen: seen.state == "active")
    address = held(cloud, first)

    cloud.driver.delete(first.id)
    free = until(lambda: [each for each in cloud.driver.reserved.all() if each.machine_id is None], "a free address")
    assert free is not None
    assert [(each.id, each.monthly_micro) for each in free] == [(address.id, cloud.case.reserved_micro[1])]
    assert cloud.end_of(second.id, cloud.driver.reserved.assign(address.id, second.id)).state == "done"

    (now,) = cloud.driver.reserved.all()
    assert (now.ip, now.machine_id) == (address.ip, second.id)


def test_an_address_nobody_has_is_taken_back_and_released_without_error(cloud: Cloud) -> None:
    if not cloud.can("reserved_address"):
        with pytest.raises(Refused):
            cloud.driver.reserved.release("1")
        return
    machine = cloud.active()
    address = held(cloud, machine)
    cloud.driver.delete(machine.id)
    until(lambda: cloud.driver.reserved.all()[0].machine_id is None, "the address to be free")
    sent = changing(cloud)

    assert cloud.driver.reserved.unassign(address.id).state == "done"
    assert changing(cloud) == sent
    cloud.driver.reserved.release(address.id)
    cloud.driver.reserved.release(address.id)

    assert list(cloud.driver.reserved.all()) == []


def test_an_address_for_a_server_that_is_not_there_is_refused(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.driver.delete(machine.id)

    with pytest.raises((NotFound, ProviderRefused) if cloud.can("reserved_address") else Refused):
        cloud.driver.reserved.reserve(machine.id, NAME)

    assert list(cloud.driver.reserved.all()) == []


def test_the_limit_of_addresses_is_told_from_other_refusals(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("quota", servers=10, addresses=0)

    with pytest.raises(LimitReached if cloud.can("reserved_address") else Refused) as refused:
        cloud.driver.reserved.reserve(machine.id, NAME)

    assert ("higher limit" if cloud.can("reserved_address") else "Settings > Providers") in refused.value.remedy


def test_a_firewall_is_made_gets_its_rules_and_stands_before_a_server(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("firewall"):
        with pytest.raises(Refused):
            cloud.driver.firewalls.make(machine.id, NAME, MAIL)
        assert list(cloud.driver.firewalls.all()) == []
        return

    made = cloud.driver.firewalls.make(machine.id, NAME, MAIL)
    cloud.driver.firewalls.set_rules(made, MAIL)
    assert next(each.machine_ids for each in cloud.driver.firewalls.all() if each.id == made) == ()
    cloud.driver.firewalls.attach(made, machine.id)
    cloud.driver.firewalls.attach(made, machine.id)

    firewall = next(each for each in cloud.driver.firewalls.all() if each.id == made)
    assert (firewall.name, firewall.machine_ids) == (NAME, (machine.id,))
    assert {*firewall.allowed} == {*MAIL}


def test_to_make_a_firewall_is_one_call(cloud: Cloud) -> None:
    """Whatever fails after it, its id is known: no second one is made for want of it."""
    machine = cloud.active()
    if not cloud.can("firewall"):
        with pytest.raises(Refused):
            cloud.driver.firewalls.make(machine.id, NAME, [SSH])
        return
    sent = changing(cloud)

    cloud.driver.firewalls.make(machine.id, NAME, [SSH, WEB])

    assert changing(cloud) == sent + 1


def test_what_a_firewall_lets_in_is_exactly_what_was_asked_for_last(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("firewall"):
        with pytest.raises(Refused):
            cloud.driver.firewalls.set_rules("1", [SSH])
        return
    made = cloud.firewall(machine, NAME, [SSH])
    cloud.driver.firewalls.set_rules(made, [SSH, WEB])
    assert allowed(cloud, made) == {SSH, WEB}
    sent = changing(cloud)
    cloud.driver.firewalls.set_rules(made, [WEB, SSH])
    assert changing(cloud) == sent

    cloud.driver.firewalls.set_rules(made, [WEB])

    assert allowed(cloud, made) == {WEB}


def test_a_firewall_steps_aside_and_is_deleted_twice_without_error(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("firewall"):
        for refused in (cloud.driver.firewalls.attach, cloud.driver.firewalls.detach):
            with pytest.raises(Refused):
                refused("1", machine.id)
        with pytest.raises(Refused):
            cloud.driver.firewalls.delete("1")
        return
    made = cloud.driver.firewalls.make(machine.id, NAME, MAIL)
    cloud.driver.firewalls.attach(made, machine.id)

    cloud.driver.firewalls.detach(made, machine.id)
    cloud.driver.firewalls.detach(made, machine.id)
    assert next(each.machine_ids for each in cloud.driver.firewalls.all() if each.id == made) == ()
    cloud.driver.firewalls.delete(made)
    cloud.driver.firewalls.delete(made)

    cloud.driver.firewalls.detach(made, machine.id)
    assert made not in [each.id for each in cloud.driver.firewalls.all()]


def test_a_firewall_goes_on_when_its_server_is_deleted(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("firewall"):
        with pytest.raises(Refused):
            cloud.driver.firewalls.attach("1", machine.id)
        assert list(cloud.driver.firewalls.all()) == []
        return
    made = cloud.driver.firewalls.make(machine.id, NAME, MAIL)
    cloud.driver.firewalls.attach(made, machine.id)

    cloud.driver.delete(machine.id)

    until(lambda: not next(e for e in cloud.driver.firewalls.all() if e.id == made).machine_ids, "it to guard none")
    cloud.driver.firewalls.delete(made)
