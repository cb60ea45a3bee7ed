"""Who is the engine: one process of several on one data folder, whichever way it ends."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.bootstrap import Installation
from backend.core.errors import StoreReadOnly
from backend.engine.jobs import ENDED
from backend.engine.lock import EngineLock
from backend.upkeep.requests import MaintainStore
from tests.installation import Driver
from tests.kills.engines import EngineForks

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def forks(folder: Path) -> Iterator[EngineForks]:
    """Other processes that become the engine of the same data folder."""
    made = EngineForks(folder)
    yield made
    made.close()


def test_a_second_process_is_a_client_whose_requests_the_holder_carries_out(
    forks: EngineForks, folder: Path, new_installation: Callable[..., Installation]
) -> None:
    pid = forks.start()
    forks.wait_for_engine()
    client = new_installation(folder)

    assert not client.become_engine("console")
    holder = client.lock.holder()
    assert holder is not None
    assert (holder.pid, holder.role) == (pid, "headless")
    driver = Driver(client)
    assert driver.wait_for(driver.submit(MaintainStore())).state == "succeeded"
    assert client.engine is None


def test_a_client_takes_over_when_the_holder_ends(
    forks: EngineForks, folder: Path, new_installation: Callable[..., Installation]
) -> None:
    pid = forks.start()
    forks.wait_for_engine()
    client = new_installation(folder)
    assert not client.become_engine("console")
    forks.stop(pid)

    assert client.become_engine("console")
    driver = Driver(client)
    assert driver.wait_for(driver.submit(MaintainStore())).state == "succeeded"


def test_a_killed_holder_frees_the_lock_and_its_note_says_who_it_was(
    forks: EngineForks, folder: Path, new_installation: Callable[..., Installation]
) -> None:
    pid = forks.start()
    forks.wait_for_engine()
    client = new_installation(folder)
    driver = Driver(client)
    job_id = driver.submit(MaintainStore())
    os.kill(pid, signal.SIGKILL)
    forks.wait_for_end(pid)

    holder = client.lock.holder()
    assert holder is not None
    assert holder.pid == pid
    assert client.become_engine("console")
    assert client.lock.holder() != holder
    assert driver.wait_for(job_id).state in ENDED


def test_the_lock_is_held_once_and_let_go_by_any_thread(tmp_path: Path) -> None:
    first, second = EngineLock(tmp_path / "engine.lock"), EngineLock(tmp_path / "engine.lock")
    taken: list[bool] = []
    taker = threading.Thread(target=lambda: taken.append(first.take("console", NOW)))
    taker.start()
    taker.join()

    assert taken == [True]
    assert first.is_held
    assert not second.take("headless", NOW)
    first.release()
    assert second.holder() is None
    assert second.take("headless", NOW)
    assert not first.take("console", NOW)
    second.release()


def test_a_folder_that_cannot_be_written_is_named_and_leaves_nothing_locked(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    lock = EngineLock(folder / "sub" / "engine.lock")
    folder.write_text("a file where the folder should be")

    with pytest.raises(StoreReadOnly) as caught:
        lock.take("console", NOW)

    assert caught.value.remedy
    assert not lock.is_held


def test_an_unreadable_note_names_nobody(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"pid": 1}', "null"):
        (tmp_path / "engine.json").write_text(text)
        assert EngineLock(tmp_path / "engine.lock").holder() is None
