"""Orders whose outcome nobody knows any more: looked up, written down, and removed with their job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.engine import intents
from backend.engine.intents import Intent, IntentJournal
from backend.servers.provision import verification
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY
from tests.backend.servers.world import Loopback, World, in_haste, opened
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = pytest.mark.judged_once

PATHS = {"server": "/v2/droplets", "login_key": "/v2/account/keys"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("reconcile")
    emulator = Emulator(folder / "emulator")
    with in_haste() as patch, opened(folder / "data", emulator, endpoint=Loopback()) as world:
        patch.setattr(verification, "SSH_LIMIT_S", 0.2)
        yield world
    emulator.close()


@pytest.fixture
def world(running: World) -> Iterator[World]:
    running.emulator.reset()
    yield running
    assert running.is_empty_at_the_provider()


def _in_the_dark(world: World, kind: str, key: str) -> Job:
    """A job that ended without knowing what became of its order: no answer came, and looking failed too."""
    world.emulator.fault(kind, "POST", PATHS[key], times=2)
    world.emulator.fault("500", "GET", PATHS[key], times=9)
    job = world.driver.wait_for(world.driver.order(world.account), "failed")
    assert _intent(world, job, key).state == "open"
    return job


def _intent(world: World, job: Job, key: str) -> Intent:
    journal = IntentJournal(world.installation.store, world.installation.clock)
    return journal.of_job(AGENCY, job.id)[key]


def _reconciled(world: World) -> str:
    job = world.ended("intents.reconcile")
    assert job.state == "succeeded"
    return world.driver.steps(job.id)[0].note


@pytest.mark.parametrize("key", PATHS)
def test_what_was_made_is_found_and_goes_with_its_job(world: World, key: str) -> None:
    job = _in_the_dark(world, "lost_answer", key)
    world.emulator.heal()

    assert _reconciled(world) == "1 found, 0 never created, 0 could not be checked"

    found = _intent(world, job, key)
    assert found.state == "created"
    assert found.provider_id is not None
    world.rolled_back(job)
    assert _intent(world, job, key).state == "removed"


@pytest.mark.parametrize("key", PATHS)
def test_what_never_came_to_be_is_void_and_can_be_ordered_again(world: World, key: str) -> None:
    job = _in_the_dark(world, "timeout_before", key)
    world.emulator.heal()

    assert _reconciled(world) == "0 found, 1 never created, 0 could not be checked"

    assert _intent(world, job, key).state == "void"
    world.driver.act(job.id, "job.retry")
    until(lambda: world.step(job.id) == "ssh", "the job to come to its first login")
    job = world.driver.wait_for(job.id, "failed")
    assert world.emulator.counters()["doubles"] == 0
    world.rolled_back(job)


def test_what_cannot_be_looked_at_stays_open_and_is_named(world: World) -> None:
    job = _in_the_dark(world, "lost_answer", "server")

    ended = world.ended("intents.reconcile")

    assert ended.state == "succeeded"
    assert world.driver.steps(ended.id)[0].note == "0 found, 0 never created, 1 could not be checked"
    assert "mx1.example.net: DigitalOcean reported an internal error." in world.said(ended.id)
    assert _intent(world, job, "server").state == "open"
    world.emulator.heal()
    world.rolled_back(job)


def test_an_order_of_a_job_that_still_waits_is_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that takes the order of a waiting job for void would have it made twice."""
    monkeypatch.setattr(intents, "SHOWN_WITHIN", timedelta(minutes=10))
    monkeypatch.setattr(intents, "LOOK_AT_LEAST", timedelta(seconds=20))
    world.emulator.set("late", lists=1e9)
    world.emulator.fault("lost_answer", "POST", "/v2/droplets")
    job_id = world.driver.order(world.account)
    job = world.driver.wait_for(job_id, "waiting_until")

    assert _reconciled(world) == "0 found, 0 never created, 0 could not be checked"

    assert _intent(world, job, "server").state == "open"
    world.driver.act(job_id, "job.cancel")
    world.driver.wait_for(job_id, "cancelled")
    world.emulator.set("show")
    world.rolled_back(job)


def test_what_may_still_be_shown_is_not_void_yet(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its job has ended, and nobody else would look for it."""
    job = _in_the_dark(world, "lost_answer", "server")
    monkeypatch.setattr(intents, "SHOWN_WITHIN", timedelta(minutes=10))
    world.emulator.heal()
    world.emulator.set("late", lists=1e9)

    looking = world.driver.request("intents.reconcile", {})
    world.driver.wait_for(looking, "waiting_until")
    assert _intent(world, job, "server").state == "open"

    world.emulator.set("show")
    assert world.driver.wait_for(looking).state == "succeeded"
    assert _intent(world, job, "server").state == "created"
    world.rolled_back(job)
