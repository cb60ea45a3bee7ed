"""When a restore at Vultr is over: it answers before it begins, and a server at rest may not have begun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from backend.core.secrets.values import Secret
from backend.providers.vultr import driver as driving
from backend.providers.vultr.driver import BEGUN_AFTER_S, Vultr
from tests.backend.providers.cases import VULTR, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering

NOW = 1_795_600_000.0
RESTING = {"id": "1", "status": "active", "server_status": "ok", "power_status": "running"}
LOCKED = RESTING | {"server_status": "locked"}


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(driving, "time", made)
    return made


@contextmanager
def _driver() -> Iterator[tuple[Vultr, dict[str, Any]]]:
    """A driver, and the server as the service tells of it."""
    server = dict(RESTING)
    answers = {
        "/v2/instances/1": (200, {"instance": server}),
        "/v2/instances/1/restore": (202, {"status": {"restore_type": "snapshot_id", "status": "inprogress"}}),
    }
    with answering(answers) as url, closing(Vultr(Secret("token"), endpoint_url=url)) as driver:
        yield driver, server


@pytest.mark.parametrize("cloud", both_modes(VULTR), indirect=True, ids=mode_name)
def test_a_restore_is_done_when_nothing_is_under_way_any_more(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "before"))
    (snapshot,) = cloud.driver.snapshots()

    restored = cloud.end_of(machine.id, cloud.driver.restore(machine.id, snapshot.id))

    assert restored.state == "done"
    cloud.driver.delete(machine.id)  # what is locked cannot be deleted


def test_a_server_at_rest_counts_only_when_there_was_time_to_begin(clock: Clock) -> None:
    with _driver() as (driver, _server):
        started = driver.restore("1", "snapshot")
        states = []
        for after in (0.0, BEGUN_AFTER_S - 0.5, BEGUN_AFTER_S + 0.5):
            clock.now = NOW + after
            states.append(driver.action("1", started.id).state)

    assert states == ["running", "running", "done"]


def test_a_server_seen_locked_is_done_as_soon_as_it_rests(clock: Clock) -> None:
    with _driver() as (driver, server):
        started = driver.restore("1", "snapshot")
        server.update(LOCKED)
        assert driver.action("1", started.id).state == "running"
        server.update(RESTING)
        clock.now += 1.0

        assert driver.action("1", started.id).state == "done"
        assert driver.action("1", started.id).state == "done"
        again = driver.restore("1", "snapshot")
        assert driver.action("1", again.id).state == "running"


def test_a_server_still_locked_is_not_done_however_long_it_takes(clock: Clock) -> None:
    with _driver() as (driver, server):
        started = driver.restore("1", "snapshot")
        server.update(LOCKED)
        clock.now += 3_600.0

        assert driver.action("1", started.id).state == "running"


def test_another_process_knows_from_the_id_when_it_was_asked_for(clock: Clock) -> None:
    with _driver() as (driver, _server):
        started = driver.restore("1", "snapshot")
    with _driver() as (after_a_restart, _server):
        assert after_a_restart.action("1", started.id).state == "running"
        clock.now += BEGUN_AFTER_S + 0.5
        assert after_a_restart.action("1", started.id).state == "done"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("about", [f"{NOW + 3_600.0:.1f}", "cb676a46-66fd-4dfb-b839-443f2e6c0b60"])
def test_a_clock_set_back_and_an_id_without_a_time_hold_nothing_up(about: str) -> None:
    with _driver() as (driver, _server):
        assert driver.action("1", f"restore:{about}").state == "done"
