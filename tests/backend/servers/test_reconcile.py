"""Orders whose outcome nobody knows any more: looked up, written down, and removed with their job."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.engine.intents import Intent, IntentJournal
from backend.servers.provision import proof
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY
from tests.backend.servers.world import Loopback, World, in_haste, opened
from tests.emulators.process import Emulator
from tests.installation import until

PATHS = {"server": "/v2/droplets", "login_key": "/v2/account/keys"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("reconcile")
    emulator = Emulator(folder / "emulator")
    with in_haste() as patch, opened(folder / "data", emulator, endpoint=Loopback()) as world:
        patch.setattr(proof, "SSH_LIMIT_S", 0.2)
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

    assert _reconciled(world) == "1 found, 0 never came to be, 0 could not be looked at"

    found = _intent(world, job, key)
    assert found.state == "created"
    assert found.provider_id is not None
    world.rolled_back(job)
    assert _intent(world, job, key).state == "removed"


@pytest.mark.parametrize("key", PATHS)
def test_what_never_came_to_be_is_void_and_can_be_ordered_again(world: World, key: str) -> None:
    job = _in_the_dark(world, "timeout_before", key)
    world.emulator.heal()

    assert _reconciled(world) == "0 found, 1 never came to be, 0 could not be looked at"

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
    assert world.driver.steps(ended.id)[0].note == "0 found, 0 never came to be, 1 could not be looked at"
    assert "mx1.example.net: DigitalOcean has a fault of its own." in world.said(ended.id)
    assert _intent(world, job, "server").state == "open"
    world.emulator.heal()
    world.rolled_back(job)


def test_an_order_of_a_job_that_still_waits_is_its_own(world: World) -> None:
    """A look that takes the order of a waiting job for void would have it made twice."""
    world.emulator.fault("429", "POST", "/v2/droplets", retry_after=3_000)
    job_id = world.driver.order(world.account)
    job = world.driver.wait_for(job_id, "waiting_until")

    assert _reconciled(world) == "0 found, 0 never came to be, 0 could not be looked at"

    assert _intent(world, job, "server").state == "open"
    world.driver.act(job_id, "job.cancel")
    world.driver.wait_for(job_id, "cancelled")
    world.installation._accounts.forget(world.account)  # a new driver, as after a restart: the pause is the old one's
    world.rolled_back(job)
