"""Snapshots as jobs: taken once whatever happens to the answer, put back, deleted; what is lost is an orphan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from backend.core.errors import ProviderRefused
from backend.inventory.queries import Orphans
from backend.servers.queries import ServerDetails, SnapshotRow
from backend.servers.requests import RestoreSnapshot
from backend.store.schema.fleet import Snapshot
from backend.store.schema.operations import IntentRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.servers.steps import step_context
from tests.backend.servers.world import World, row_of, running_server
from tests.installation import until

pytestmark = pytest.mark.judged_once


def snapshots(world: World, server: UUID) -> tuple[SnapshotRow, ...]:
    return world.ask(ServerDetails(Scope.of(AGENCY), server)).snapshots


def taken(world: World, server: UUID, name: str = "before the upgrade") -> SnapshotRow:
    job = world.ended("server.snapshot", server_id=str(server), name=name)
    assert job.state == "succeeded", job.cause
    return snapshots(world, server)[0]


def actions_path(world: World, server: UUID) -> str:
    return f"/v2/droplets/{row_of(world, server).provider_id}/actions"


def posts(world: World, server: UUID) -> list[dict[str, Any]]:
    """The actions asked for so far."""
    path = actions_path(world, server)
    return [each for each in world.emulator.log() if (each["method"], each["path"]) == ("POST", path)]


def test_a_snapshot_is_taken_and_written_down(world: World, server: UUID) -> None:
    snapshot = taken(world, server)

    assert snapshot.name.startswith("before the upgrade mailyard-")
    assert snapshot.size_gb == pytest.approx(2.34)
    assert snapshot.name in world.emulator.names("snapshots")
    assert ("snapshot", f"Snapshot taken: {snapshot.name}") in world.events(server)


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "timeout_before"])
def test_whatever_happens_to_the_answer_there_is_one_snapshot(world: World, server: UUID, fault: str) -> None:
    before = world.emulator.counters()["tallies"].get("snapshots created", 0)
    world.emulator.fault(fault, "POST", actions_path(world, server))

    taken(world, server, "once")

    assert world.emulator.counters()["tallies"]["snapshots created"] == before + 1
    assert len(snapshots(world, server)) == 1


def test_a_snapshot_is_put_back_with_the_servers_name_typed(world: World, server: UUID) -> None:
    snapshot, name = taken(world, server), row_of(world, server).name
    request = {"server_id": str(server), "snapshot_id": snapshot.id}
    assert f"is not {name}" in world.refusal("server.restore", **request, typed_name="mx")

    job = world.ended("server.restore", **request, typed_name=name)

    assert job.state == "succeeded", job.cause
    assert row_of(world, server).power == "on"


def test_a_restore_whose_answer_was_lost_is_not_repeated_by_itself(world: World, server: UUID) -> None:
    snapshot, name = taken(world, server), row_of(world, server).name
    sent = len(posts(world, server))
    world.emulator.fault("lost_answer", "POST", actions_path(world, server))

    job = world.ended("server.restore", server_id=str(server), snapshot_id=snapshot.id, typed_name=name)

    assert (job.state, job.cause) == (
        "failed",
        f"It is not known whether {name} is being restored: the provider did not respond.",
    )
    assert "Retry only if it does not match the snapshot" in job.remedy
    assert len(posts(world, server)) == sent + 1
    world.driver.act(job.id, "job.retry")
    assert world.driver.wait_for(job.id, "succeeded").state == "succeeded"
    # while the first one is under way the provider may refuse the second for a moment
    assert len([each for each in posts(world, server) if each["status"] < 400]) == sent + 2


def test_a_restore_that_a_kill_cut_off_is_not_repeated_either(world: World, server: UUID) -> None:
    installation, request = world.installation, RestoreSnapshot(server, "1")
    ctx = step_context(installation, request)
    ctx.was_cut_off = True
    kind = installation.kinds["server.restore"]

    with pytest.raises(ProviderRefused, match="is not known"):
        kind.steps(request)[0].run(ctx)

    assert posts(world, server) == []


def test_a_snapshot_of_another_server_is_refused(world: World, server: UUID) -> None:
    snapshot, other = taken(world, server), running_server(world)
    request: dict[str, Any] = {"server_id": str(other), "snapshot_id": snapshot.id}

    assert "belongs to another server" in world.refusal(
        "server.restore", **request, typed_name=row_of(world, other).name
    )


def test_a_snapshot_is_deleted_with_its_name_typed(world: World, server: UUID) -> None:
    snapshot = taken(world, server)
    request = {"server_id": str(server), "snapshot_id": snapshot.id}
    assert f"is not {snapshot.name}" in world.refusal("snapshot.delete", **request, typed_name="before")

    assert world.ended("snapshot.delete", **request, typed_name=snapshot.name).state == "succeeded"

    assert snapshot.name not in world.emulator.names("snapshots")
    assert snapshots(world, server) == ()
    assert "no longer exists" in world.refusal("snapshot.delete", **request, typed_name=snapshot.name)


@pytest.mark.parametrize("name", ["", "a/b", "x" * 33, " -"])
def test_a_name_that_would_not_fit_everywhere_is_refused(world: World, server: UUID, name: str) -> None:
    assert "not a valid snapshot name" in world.refusal("server.snapshot", server_id=str(server), name=name)


def test_a_failed_snapshot_can_be_rolled_back_to_nothing(world: World, server: UUID) -> None:
    world.emulator.set("errored", type="snapshot")

    job = world.ended("server.snapshot", server_id=str(server), name="never")
    assert job.state == "failed"
    world.rolled_back(job)

    assert not [name for name in world.emulator.names("snapshots") if str(name).startswith("never")]


def test_one_that_the_provider_gave_up_on_is_taken_anew_when_tried_again(world: World, server: UUID) -> None:
    before = world.emulator.counters()["tallies"].get("snapshots created", 0)
    world.emulator.set("errored", type="snapshot")
    job = world.ended("server.snapshot", server_id=str(server), name="second attempt")
    assert (job.state, world.step(job.id)) == ("failed", "wait")

    world.driver.act(job.id, "job.retry")
    until(lambda: (world.driver.job(job.id) or job).state == "succeeded", "the second attempt")

    (snapshot,) = [each for each in snapshots(world, server) if each.name.startswith("second attempt")]
    assert snapshot.name in world.emulator.names("snapshots")
    assert world.emulator.counters()["tallies"]["snapshots created"] == before + 1
    assert world.ended("orphans.scan").state == "succeeded"
    assert snapshot.id not in [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]


def test_one_that_nobody_here_knows_is_an_orphan(world: World, server: UUID) -> None:
    snapshot = taken(world, server, "lost")
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.delete(session.get_one(Snapshot, (AGENCY, world.account, snapshot.id)))

    assert world.ended("orphans.scan").state == "succeeded"

    found = {
        row.name: row for row in world.ask(Orphans(world.installation.features)).orphans if row.resource == "snapshot"
    }
    assert found[snapshot.name].monthly_micro is None
    row = found[snapshot.name]
    request = {"account_id": str(row.account_id), "resource": "snapshot", "provider_id": row.provider_id}
    assert world.ended("orphan.remove", **request, typed_name=row.name).state == "succeeded"
    assert snapshot.name not in world.emulator.names("snapshots")


def test_an_intent_left_open_is_settled_by_looking_for_its_name(world: World, server: UUID) -> None:
    taken(world, server, "settled")
    with world.installation.store.write(ENGINE_SCOPE) as session:
        for row in session.query(IntentRow).filter(IntentRow.resource == "snapshot", IntentRow.name == "settled"):
            row.state = "open"

    job = world.ended("intents.reconcile")

    assert world.driver.steps(job.id)[0].note == "1 found, 0 never created, 0 could not be checked"


def test_a_snapshot_that_outlives_its_server_is_an_orphan_for_it_costs_on(world: World, server: UUID) -> None:
    snapshot, name = taken(world, server, "outlives"), row_of(world, server).name
    assert world.ended("orphans.scan").state == "succeeded"
    assert snapshot.id not in [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]

    assert world.ended("server.destroy", server_id=str(server), typed_name=name).state == "succeeded"
    assert world.ended("orphans.scan").state == "succeeded"

    assert snapshot.id in [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]
    account = str(world.account)
    removed = {"account_id": account, "resource": "snapshot", "provider_id": snapshot.id, "typed_name": snapshot.name}
    assert world.ended("orphan.remove", **removed).state == "succeeded"
    assert snapshot.name not in world.emulator.names("snapshots")
