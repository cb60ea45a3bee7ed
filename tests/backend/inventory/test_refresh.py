"""What changed at the provider behind our back: closed intervals, drift in the timeline, foreign servers untouched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.core.errors import NotFound
from backend.providers.digitalocean.driver import DigitalOcean
from backend.store.schema.fleet import Account, Address, Price, Server, ServerUse, Workspace
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.world import World, without_machines
from tests.backend.store.rows import row_of
from tests.installation import until

CLIENT = UUID(int=0xC11E)
ORDER = {"name": "mx1.example.net", "region": "fra1", "size": "s-1vcpu-2gb", "image": "debian-12-x64"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("inventory")) as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """An account that is empty here and there."""
    yield running
    running.emulator.reset()
    until(lambda: "not listed" not in _said(running), "all that was there to be gone")


def _refresh(world: World) -> str:
    return world.ended("inventory.refresh", account_id=str(world.account)).state


def _said(world: World) -> str:
    job = world.ended("inventory.refresh", account_id=str(world.account))
    return world.driver.steps(job.id)[0].note


def _api(world: World, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    with world.emulator.client() as client:
        answer = client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}


def _made_outside(world: World, **changes: Any) -> str:
    number = str(_api(world, "POST", "/v2/droplets", ORDER | changes)["droplet"]["id"])
    until(lambda: _api(world, "GET", f"/v2/droplets/{number}")["droplet"]["status"] == "active", "the droplet")
    return number


def _act(world: World, number: str, kind: str, **order: Any) -> None:
    action = _api(world, "POST", f"/v2/droplets/{number}/actions", {"type": kind, **order})["action"]["id"]
    until(lambda: _api(world, "GET", f"/v2/actions/{action}")["action"]["status"] == "completed", kind)


def _row(world: World, number: str) -> Server:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        return session.scalars(select(Server).where(Server.provider_id == number)).one()


def _ours(world: World) -> tuple[str, Server]:
    """A server that is ours by its row, as provisioning leaves it."""
    number = _made_outside(world)
    _refresh(world)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.scalars(select(Server).where(Server.provider_id == number)).one().is_ours = True
    return number, _row(world, number)


def test_a_foreign_server_is_shown_with_all_we_see_of_it(world: World) -> None:
    number = _made_outside(world, ipv6=True)

    assert _refresh(world) == "succeeded"

    server = _row(world, number)
    assert (server.name, server.region, server.plan, server.image) == (
        "mx1.example.net",
        "fra1",
        "s-1vcpu-2gb",
        "debian-12-x64",
    )
    assert (server.is_ours, server.life, server.power) == (False, "active", "on")
    assert (server.vcpus, server.memory_mb, server.disk_gb, server.monthly_micro) == (1, 2048, 50, 12_000_000)
    assert world.events(server.id) == [("found", "Found at the provider; not created by Mailyard")]
    assert [interval.state for interval in world.intervals(server.id)] == ["on"]
    with world.installation.store.read(ENGINE_SCOPE) as session:
        addresses = session.scalars(select(Address).where(Address.server_id == server.id)).all()
    assert sorted(address.family for address in addresses) == [4, 6]


@pytest.mark.parametrize("kind", ["server.power", "server.destroy"])
def test_a_foreign_server_is_never_touched(world: World, kind: str) -> None:
    number = _made_outside(world)
    _refresh(world)
    server = _row(world, number)
    calls = len(world.emulator.log())

    words = world.refusal(kind, server_id=str(server.id), action="off", typed_name=server.name)

    assert words.startswith("mx1.example.net was not created by Mailyard.")
    assert len(world.emulator.log()) == calls


def test_looking_twice_writes_nothing_new(world: World) -> None:
    number = _made_outside(world)
    _refresh(world)
    server = _row(world, number)
    before = (world.events(server.id), [interval.id for interval in world.intervals(server.id)])

    _refresh(world)

    assert (world.events(server.id), [interval.id for interval in world.intervals(server.id)]) == before


def test_a_resize_outside_closes_the_interval_and_stands_in_the_timeline(world: World) -> None:
    number, server = _ours(world)
    _act(world, number, "power_off")
    _act(world, number, "resize", size="s-2vcpu-4gb")
    _act(world, number, "power_on")

    _refresh(world)

    old, new = world.intervals(server.id)
    assert (old.plan, new.plan) == ("s-1vcpu-2gb", "s-2vcpu-4gb")
    assert old.until == new.since
    assert new.until is None
    assert old.price_id != new.price_id
    assert ("drift", "Resized outside Mailyard: s-1vcpu-2gb to s-2vcpu-4gb") in world.events(server.id)
    after = _row(world, number)
    assert (after.plan, after.vcpus, after.memory_mb, after.monthly_micro) == ("s-2vcpu-4gb", 2, 4096, 24_000_000)


def test_a_switch_outside_closes_the_interval_and_stands_in_the_timeline(world: World) -> None:
    number, server = _ours(world)
    _act(world, number, "power_off")

    _refresh(world)

    assert [interval.state for interval in world.intervals(server.id)] == ["on", "off"]
    assert ("drift", "Power changed outside Mailyard: off") in world.events(server.id)
    assert _row(world, number).power == "off"


def test_a_deletion_outside_closes_all_that_was_open(world: World) -> None:
    number, server = _ours(world)
    _api(world, "DELETE", f"/v2/droplets/{number}")

    assert _said(world) == "0 servers, 1 missing"

    after = _row(world, number)
    assert (after.life, after.power) == ("decommissioned", "off")
    assert after.gone_at is not None
    assert all(interval.until == after.gone_at for interval in world.intervals(server.id))
    assert ("drift", "Deleted outside Mailyard") in world.events(server.id)
    with world.installation.store.read(ENGINE_SCOPE) as session:
        open_ones = select(Address).where(Address.server_id == server.id, Address.until.is_(None))
        assert session.scalars(open_ones).all() == []


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("server.power", "running"),
        ("server.resize", "waiting_until"),
        ("server.restore", "queued"),
        ("server.destroy", "running"),
    ],
)
def test_what_a_job_of_ours_changes_is_left_to_it_while_it_is_under_way(world: World, kind: str, state: str) -> None:
    (switched, first), (deleted, second) = _ours(world), _ours(world)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        jobs = [
            row_of(Job, AGENCY, kind=kind, about_id=each.id, state=state, resume_at=None, ended_at=None)
            for each in (first, second)
        ]
        session.add_all(jobs)
    _act(world, switched, "power_off")
    _api(world, "DELETE", f"/v2/droplets/{deleted}")

    assert _said(world) == "1 server, 0 missing"

    assert (_row(world, switched).power, _row(world, deleted).life) == ("on", "active")
    assert [text for each in (first, second) for said, text in world.events(each.id) if said == "drift"] == []
    with world.installation.store.write(ENGINE_SCOPE) as session:
        for job in jobs:
            ended = session.get_one(Job, (AGENCY, job.id))
            ended.state, ended.ended_at = "succeeded", first.created_at
    assert _said(world) == "1 server, 1 missing"


def test_what_happens_to_a_server_whose_job_waits_for_a_person_is_told(world: World) -> None:
    """It asks before it changes anything, and may be asked for weeks."""
    number, server = _ours(world)
    waiting = row_of(Job, AGENCY, kind="server.resize", about_id=server.id, state="waiting_for_you", ended_at=None)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(waiting)
    _api(world, "DELETE", f"/v2/droplets/{number}")

    said = _said(world)

    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.delete(session.get_one(Job, (AGENCY, waiting.id)))
    assert said == "0 servers, 1 missing"
    assert ("drift", "Deleted outside Mailyard") in world.events(server.id)


def _not_known(*_: object) -> None:
    raise NotFound("not known")


def test_a_server_that_is_listed_again_is_the_same_one_with_its_history_and_its_users(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, server = _ours(world)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(Workspace(tenant_id=CLIENT, name="Acme", kind="client", created_at=server.created_at))
        use = ServerUse(tenant_id=CLIENT, id=uuid4(), server_tenant_id=AGENCY, server_id=server.id)
        use.since = server.created_at
        session.add(use)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes={"droplets": [], "meta": {"total": 0}})
    with monkeypatch.context() as patch:
        patch.setattr(DigitalOcean, "get", _not_known)
        assert _said(world) == "0 servers, 1 missing"

    assert _said(world) == "1 server, 0 missing"

    after = _row(world, number)
    assert (after.id, after.is_ours, after.life, after.power, after.gone_at) == (server.id, True, "active", "on", None)
    assert ("drift", "Listed by its provider again") in world.events(server.id)
    assert [interval.until is None for interval in world.intervals(server.id)] == [False, True]
    with world.installation.store.read(ENGINE_SCOPE) as session:
        open_uses = select(ServerUse.tenant_id).where(ServerUse.server_id == server.id, ServerUse.until.is_(None))
        assert session.scalars(open_uses).all() == [CLIENT]


def test_what_we_destroyed_ourselves_is_not_taken_back(world: World) -> None:
    number, server = _ours(world)
    before = _api(world, "GET", f"/v2/droplets/{number}")["droplet"]
    assert world.ended("server.destroy", server_id=str(server.id), typed_name=server.name).state == "succeeded"
    listed = {"droplets": [before], "meta": {"total": 1}}
    world.emulator.fault("changed", "GET", "/v2/droplets", changes=listed)

    assert _said(world) == "1 server, 0 missing"

    with world.installation.store.read(ENGINE_SCOPE) as session:
        rows = session.scalars(select(Server).where(Server.provider_id == number)).all()
    assert [(row.is_ours, row.gone_at is None) for row in rows if row.id != server.id] == [(False, True)]
    assert next(row for row in rows if row.id == server.id).gone_at is not None


def test_a_price_that_changed_opens_a_new_interval_and_keeps_the_old_price(world: World) -> None:
    _number, server = _ours(world)
    world.emulator.offer("sizes", "s-1vcpu-2gb", price_monthly=15, price_hourly=0.02232)

    _refresh(world)

    old, new = world.intervals(server.id)
    with world.installation.store.read(ENGINE_SCOPE) as session:
        prices = [session.get_one(Price, (AGENCY, interval.price_id)) for interval in (old, new)]
    assert [price.monthly_micro for price in prices] == [12_000_000, 15_000_000]
    assert prices[0].until is not None
    assert [price.source for price in prices] == ["provider API"] * 2


def test_a_large_account_is_read_by_list_calls_only(world: World) -> None:
    world.emulator.set("quota", servers=300)
    body = {key: value for key, value in ORDER.items() if key != "name"}
    for start in range(0, 210, 10):
        _api(world, "POST", "/v2/droplets", {**body, "names": [f"n{start + n}" for n in range(10)]})
    before = len(world.emulator.log())

    assert _said(world) == "210 servers, 0 missing"

    calls = [(entry["method"], entry["path"]) for entry in world.emulator.log()[before:]]
    assert calls == [("GET", "/v2/droplets")] * 2


@pytest.mark.parametrize("kind", ["500", "html", "malformed", "close"])
def test_half_a_list_takes_nothing_away_and_is_named(world: World, kind: str) -> None:
    number, server = _ours(world)
    world.emulator.fault(kind, "GET", "/v2/droplets", times=2)

    job = world.ended("inventory.refresh", account_id=str(world.account))

    assert job.state == "failed"
    assert "DigitalOcean" in job.cause
    assert job.remedy
    assert _row(world, number).gone_at is None
    assert [interval.until for interval in world.intervals(server.id)] == [None]


def test_a_list_that_shrank_while_it_was_read_takes_nothing_away(world: World) -> None:
    number, _server = _ours(world)
    changes = {"droplets": [], "meta": {"total": 1}}
    world.emulator.fault("changed", "GET", "/v2/droplets", times=2, changes=changes)

    assert _refresh(world) == "failed"
    assert _row(world, number).gone_at is None


def test_the_account_tells_when_it_was_looked_at_and_the_look_is_repeated_by_the_scheduler(world: World) -> None:
    before = world.installation.clock.now()

    _refresh(world)

    with world.installation.store.read(ENGINE_SCOPE) as session:
        checked_at = session.get_one(Account, (AGENCY, world.account)).checked_at
    assert checked_at is not None
    assert checked_at >= before


@pytest.mark.parametrize("account", [str(UUID(int=5)), "nonsense", None])
def test_an_account_that_is_not_there_is_refused(world: World, account: str | None) -> None:
    assert world.refusal("inventory.refresh", account_id=account)
