"""Addresses that outlive a server, as jobs: held once whatever the answer, given on, released, found when lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from backend.core.errors import ProviderRefused
from backend.inventory.queries import OrphanRow, Orphans
from backend.servers.network.addresses import KEY
from backend.servers.network.attached_resources import AttachedResourceRepository
from backend.servers.network.queries import AttachedResourceRows, AttachedResources
from backend.store.schema.operations import IntentRow
from backend.store.schema.resources import ReservedAddress
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.servers.world import World, row_of, running_server
from tests.installation import until

pytestmark = pytest.mark.judged_once

PATH = "/v2/reserved_ips"


@pytest.fixture(autouse=True, scope="module")
def much_room(world: World) -> None:
    """Three addresses, as an account may have at first, are too few for a module."""
    world.emulator.set("quota", servers=100, addresses=100)


def held(world: World, server: UUID) -> AttachedResourceRows:
    return world.ask(AttachedResources(Scope.of(AGENCY), server))


def reserved(world: World, server: UUID) -> str:
    job = world.ended("server.address.reserve", server_id=str(server))
    assert job.state == "succeeded", job.cause
    (row,) = held(world, server).reserved
    return row.id


def failing(*_arguments: object) -> None:
    raise ProviderRefused("The disk was full just then.")


def lost(world: World) -> dict[str, OrphanRow]:
    assert world.ended("orphans.scan").state == "succeeded"
    return {
        row.provider_id: row
        for row in world.ask(Orphans(world.installation.features)).orphans
        if row.resource == "address"
    }


def looks_at_an_address(world: World) -> int:
    return sum(each["path"].startswith(f"{PATH}/") for each in world.emulator.log() if each["method"] == "GET")


def test_an_address_is_held_and_written_down_with_what_it_costs(world: World, server: UUID) -> None:
    number = reserved(world, server)

    (row,) = held(world, server).reserved
    assert (row.id, row.monthly_micro, row.currency) == (number, 0, "USD")
    assert ("address", f"Address reserved: {row.ip}") in world.events(server)
    assert number in [each["id"] for each in world.emulator.counters()["reserved"]]
    assert row_of(world, server).address != row.ip


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "timeout_before"])
def test_whatever_happens_to_the_answer_there_is_one_address(world: World, server: UUID, fault: str) -> None:
    before = world.emulator.counters()["tallies"].get("addresses reserved", 0)
    world.emulator.fault(fault, "POST", PATH)

    reserved(world, server)

    assert world.emulator.counters()["tallies"]["addresses reserved"] == before + 1


def test_a_second_one_for_the_same_server_is_refused(world: World, server: UUID) -> None:
    reserved(world, server)
    (row,) = held(world, server).reserved

    assert f"{row.ip} is already reserved for" in world.refusal("server.address.reserve", server_id=str(server))


def test_an_address_is_released_with_itself_typed(world: World, server: UUID) -> None:
    number = reserved(world, server)
    (row,) = held(world, server).reserved
    request = {"server_id": str(server), "address_id": number}
    assert f"is not {row.ip}" in world.refusal("server.address.release", **request, typed_name="192.0.2.1")

    assert world.ended("server.address.release", **request, typed_name=row.ip).state == "succeeded"

    assert held(world, server).reserved == ()
    assert number not in [each["id"] for each in world.emulator.counters()["reserved"]]
    assert ("address", f"Address released: {row.ip}") in world.events(server)
    assert "has no such reserved address" in world.refusal("server.address.release", **request, typed_name=row.ip)


def test_an_address_that_outlives_its_server_is_an_orphan_until_another_gets_it(world: World, server: UUID) -> None:
    number, other = reserved(world, server), running_server(world)
    assert number not in lost(world)
    assert world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name).state

    assert lost(world)[number].monthly_micro is None, "DigitalOcean's API does not tell"
    assert number in [each.id for each in held(world, other).free]
    job = world.ended("server.address.assign", server_id=str(other), address_id=number)

    assert job.state == "succeeded", job.cause
    assert [each.id for each in held(world, other).reserved] == [number]
    assert number not in lost(world)


def test_giving_an_address_is_rolled_back_to_one_that_is_free(
    world: World, server: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, other = reserved(world, server), running_server(world)
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)
    monkeypatch.setattr(AttachedResourceRepository, "address_reserved", failing)
    job = world.ended("server.address.assign", server_id=str(other), address_id=number)
    assert job.state == "failed"

    world.rolled_back(job)

    with world.emulator.client() as client:
        assert client.get(f"{PATH}/{number}").json()["reserved_ip"]["droplet"] is None
    assert [number] == [each.id for each in held(world, other).free if each.id == number]


def test_a_lost_address_is_released_as_an_orphan(world: World, server: UUID) -> None:
    number = reserved(world, server)
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)
    row = lost(world)[number]
    request = {"account_id": str(world.account), "resource": "address", "provider_id": number}

    assert world.ended("orphan.remove", **request, typed_name=row.name).state == "succeeded"

    assert number not in [each["id"] for each in world.emulator.counters()["reserved"]]


def test_an_address_at_a_server_we_do_not_know_is_not_lost(world: World, server: UUID) -> None:
    """Another installation may know it."""
    number = reserved(world, server)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(ReservedAddress, (AGENCY, world.account, number)).server_id = None

    assert number not in lost(world)


def test_an_address_that_another_server_has_is_not_taken_from_it(world: World, server: UUID) -> None:
    number, other = reserved(world, server), running_server(world)
    request: dict[str, Any] = {"server_id": str(other), "address_id": number}

    assert "is assigned to another server" in world.refusal("server.address.assign", **request)
    assert "is not reserved for" in world.refusal("server.address.release", **request, typed_name="any")


def test_a_failed_reservation_is_rolled_back_to_nothing(world: World, server: UUID) -> None:
    """Held until the job follows it: a job that comes later finds the address free, and gives it to the server."""
    world.emulator.set("errored", type="assign_ip")
    world.emulator.set("hold")
    before = looks_at_an_address(world)  # of tests before this one
    job_id = world.driver.request("server.address.reserve", {"server_id": str(server)})
    until(
        lambda: looks_at_an_address(world) > before + 3, "the job to follow the address"
    )  # who assigns it looks first
    world.emulator.set("go_on")
    job = world.driver.wait_for(job_id)
    assert job.state == "failed"

    world.rolled_back(job)

    assert held(world, server).reserved == ()
    with world.emulator.client() as client:
        having = [str((each["droplet"] or {}).get("id")) for each in client.get(PATH).json()["reserved_ips"]]
    assert row_of(world, server).provider_id not in having


def test_an_address_that_somebody_else_holds_for_the_server_is_left_alone(world: World, server: UUID) -> None:
    """DigitalOcean keeps no names: what is at the server could be taken for ours."""
    number = str(row_of(world, server).provider_id)
    with world.emulator.client() as client:
        made = client.post(PATH, json={"droplet_id": int(number)})
        assert made.status_code == 202
        ip = made.json()["reserved_ip"]["ip"]
        until(lambda: client.get(f"{PATH}/{ip}").json()["reserved_ip"]["droplet"], "the address at the droplet")

    job = world.ended("server.address.reserve", server_id=str(server))

    assert (job.state, job.cause) == (
        "failed",
        f"{ip} is already reserved for {row_of(world, server).name} at the provider.",
    )
    world.rolled_back(job)
    assert ip in [each["id"] for each in world.emulator.counters()["reserved"]]
    assert held(world, server).reserved == ()


def test_an_intent_left_open_is_settled_by_looking(world: World, server: UUID) -> None:
    reserved(world, server)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = session.query(IntentRow).filter(IntentRow.resource == KEY).order_by(IntentRow.written_at.desc()).first()
        assert row is not None
        row.state = "open"

    job = world.ended("intents.reconcile")

    assert world.driver.steps(job.id)[0].note == "1 found, 0 never created, 0 could not be checked"
