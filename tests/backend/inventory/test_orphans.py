"""What carries our ownership tag and belongs to nothing: found with its cost, told from what is under way, removed on
request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.ssh.keys import new_key_pair
from backend.inventory.queries import OrphanRow, OrphanRows, Orphans
from backend.providers.ports import OUR_TAG, intent_tag
from backend.store.schema.fleet import Server
from backend.store.schema.operations import IntentRow, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.world import World, without_machines

pytestmark = pytest.mark.judged_once

ORDER = {"region": "fra1", "size": "s-1vcpu-2gb", "image": "debian-12-x64"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("orphans")) as world:
        yield world


@pytest.fixture
def world(running: World) -> Iterator[World]:
    """An account that is empty here and there."""
    yield running
    running.emulator.reset()
    assert looked(running).orphans == ()
    assert running.ended("inventory.refresh", account_id=str(running.account)).state == "succeeded"


def looked(world: World) -> OrphanRows:
    job = world.ended("orphans.scan")
    assert job.state == "succeeded", job.cause
    return listed(world)


def listed(world: World) -> OrphanRows:
    return world.ask(Orphans(world.installation.features))


def make(world: World, name: str, *tags: str) -> str:
    with world.emulator.client() as client:
        answer = client.post("/v2/droplets", json={**ORDER, "name": name, "tags": list(tags)})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["droplet"]["id"])


def make_key(world: World, name: str) -> None:
    with world.emulator.client() as client:
        answer = client.post("/v2/account/keys", json={"name": name, "public_key": new_key_pair().public})
        assert answer.status_code == 201


def remove(world: World, row: OrphanRow, **changes: Any) -> Any:
    request = {"account_id": str(row.account_id), "resource": row.resource, "provider_id": row.provider_id}
    return world.ended("orphan.remove", **{**request, "typed_name": row.name, **changes})


def test_a_server_with_our_mark_that_nobody_here_knows_is_listed_with_its_cost(world: World) -> None:
    number = make(world, "lost.example.net", OUR_TAG, intent_tag(uuid4()))
    make(world, "foreign.example.net", "web")

    (row,) = looked(world).orphans

    assert (row.resource, row.provider_id, row.name, row.plan) == ("server", number, "lost.example.net", "s-1vcpu-2gb")
    assert (row.monthly_micro, row.currency, row.account) == (12_000_000, "USD", "Main")


def test_one_that_inventory_lists_as_not_ours_is_an_orphan_all_the_same(world: World) -> None:
    make(world, "lost.example.net", OUR_TAG)
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"

    assert [row.name for row in looked(world).orphans] == ["lost.example.net"]


def test_a_server_of_ours_is_none(world: World) -> None:
    make(world, "ours.example.net", OUR_TAG)
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, world.server("ours.example.net").id)).is_ours = True

    assert looked(world).orphans == ()


def test_an_order_that_is_still_under_way_is_left_to_its_job(world: World) -> None:
    intent = uuid4()
    make(world, "coming.example.net", OUR_TAG, intent_tag(intent))
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(_open_intent(world, intent))
    assert looked(world).orphans == ()

    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(IntentRow, (AGENCY, intent)).state = "void"

    assert [row.name for row in looked(world).orphans] == ["coming.example.net"]


def test_a_login_key_of_ours_that_no_server_waits_for_is_listed_and_others_are_not(world: World) -> None:
    ours = f"mailyard-{uuid4()}"
    for name in (ours, "laptop", "mailyard-of-somebody"):
        make_key(world, name)

    assert [(row.resource, row.name, row.monthly_micro) for row in looked(world).orphans] == [("ssh_key", ours, 0)]


def test_what_could_not_be_looked_at_is_named_and_what_was_listed_stays(world: World) -> None:
    make(world, "lost.example.net", OUR_TAG)
    looked(world)
    world.emulator.fault("500", "GET", "/v2/droplets", times=20)

    rows = looked(world)
    world.emulator.heal()

    assert [row.name for row in rows.orphans] == ["lost.example.net"]
    troubles = {look.resource: look.trouble for look in rows.scans}
    assert troubles["server"] == "DigitalOcean reported an internal error."
    assert troubles["ssh_key"] == ""
    assert troubles["snapshot"] == ""


def test_an_orphan_is_removed_when_its_name_is_typed_and_only_then(world: World) -> None:
    number = make(world, "lost.example.net", OUR_TAG)
    make_key(world, f"mailyard-{uuid4()}")
    rows = {row.resource: row for row in looked(world).orphans}
    request = {"account_id": str(world.account), "resource": "server", "provider_id": number, "typed_name": "lost"}
    assert "is not lost.example.net" in world.refusal("orphan.remove", **request)

    for row in rows.values():
        assert remove(world, row).state == "succeeded"

    assert world.is_empty_at_the_provider()
    assert listed(world).orphans == ()


def test_what_lost_our_mark_meanwhile_is_left_alone(world: World) -> None:
    number = make(world, "lost.example.net", OUR_TAG)
    (row,) = looked(world).orphans
    world.emulator.fault("changed", "GET", f"/v2/droplets/{number}", changes={"droplet.tags": ["web"]}, times=9)

    job = remove(world, row)

    assert job.state == "failed"
    assert "no longer carries Mailyard's ownership tag" in (job.cause or "")
    assert world.emulator.server_ids() == [number]


def _open_intent(world: World, intent: UUID) -> IntentRow:
    facts: dict[str, Any] = {"job_id": uuid4(), "key": "server", "account_id": world.account, "resource": "server"}
    now = world.installation.clock.now()
    return IntentRow(tenant_id=AGENCY, id=intent, name="coming", state="open", written_at=now, **facts)


def test_an_orphan_that_became_a_server_of_ours_meanwhile_is_not_removed(world: World) -> None:
    number = make(world, "lost.example.net", OUR_TAG)
    (row,) = looked(world).orphans
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, world.server("lost.example.net").id)).is_ours = True

    job = remove(world, row)

    assert job.state == "failed"
    assert "no longer orphaned" in (job.cause or "")
    assert world.emulator.server_ids() == [number]


@pytest.mark.parametrize(("state", "is_orphan"), [("failed", False), ("running", False), ("succeeded", True)])
def test_what_an_unfinished_job_made_is_that_jobs_own(world: World, state: str, is_orphan: bool) -> None:
    intent = uuid4()
    make(world, "made.example.net", OUR_TAG, intent_tag(intent))
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = _open_intent(world, intent)
        row.state = "created"
        now = world.installation.clock.now()
        job = {
            "kind": "server.provision",
            "lane": "none",
            "request": {},
            "author": "tester",
            "requested_at": now,
            "version": 1,
        }
        session.add(Job(tenant_id=AGENCY, id=row.job_id, state="succeeded", ended_at=now, **job))
        session.flush()
        session.get_one(Job, (AGENCY, row.job_id)).state = state
        session.add(row)

    assert bool(looked(world).orphans) is is_orphan


@pytest.mark.parametrize("label", ["mx1.example.net", "mx1.xn-mller-kva.example-5b1e0c9f2a41"])
def test_a_server_whose_job_has_not_learnt_its_number_yet_gets_no_second_row(world: World, label: str) -> None:
    """It carries the tag of its order; what a cloud calls it says nothing."""
    server_id, intent = uuid4(), uuid4()
    order = _open_intent(world, intent)
    now = order.written_at
    facts: dict[str, Any] = {"life": "provisioning", "account_id": world.account, "region": "fra1", "created_at": now}
    server = Server(tenant_id=AGENCY, id=server_id, name="mx1.example.net", plan="s-1vcpu-2gb", **facts)
    facts = {"version": 1, "request": {}, "author": "tester", "lane": "none", "requested_at": now, "state": "failed"}
    job = Job(tenant_id=AGENCY, id=order.job_id, kind="server.provision", about_id=server_id, **facts)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add_all([server, job, order])
    make(world, label, OUR_TAG, intent_tag(intent))

    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"

    rows = [server for server in world.driver.servers() if server.gone_at is None]
    assert [(row.id, row.life) for row in rows] == [(server_id, "provisioning")]
    with world.installation.store.write(ENGINE_SCOPE) as session:
        for kind, number in ((Server, server_id), (IntentRow, intent), (Job, order.job_id)):
            session.delete(session.get_one(kind, (AGENCY, number)))
