"""The engine's process as its window has it: begun, adopted, waited for, ended, and what came of it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from backend.core.errors import MailyardError
from backend.engine.child import ChildEngine
from backend.engine.control import TOLD, UNNEEDED, ControlFile, Leave
from backend.engine.lock import EXECUTOR, EngineLock, Holder
from tests.backend.engine.channel import Served
from tests.backend.engine.channel import served as served
from tests.installation import until


def child(tmp_path: Path, told: list[None], *command: str) -> ChildEngine:
    return ChildEngine(
        command,
        dict(os.environ),
        ControlFile.of(tmp_path, None),
        output=tmp_path / "output.log",
        ask_key=lambda: None,
        ask_language=lambda: "en",
        told=lambda: told.append(None),
    )


@pytest.mark.parametrize("script", ["import sys; sys.exit('no such module')", ""], ids=["fails", "is no program"])
def test_an_engine_that_cannot_start_is_told_with_the_place_of_its_log(tmp_path: Path, script: str) -> None:
    told: list[None] = []
    command = (sys.executable, "-c", script) if script else (str(tmp_path / "missing"),)
    begun = child(tmp_path, told, *command)

    begun.start(EngineLock(tmp_path / "engine.lock"))
    until(lambda: told, "the trouble")

    assert not begun.is_starting
    assert isinstance(begun.trouble, MailyardError)
    assert begun.trouble.title == "The engine could not be started."
    assert ("no such module" in begun.trouble.detail) == bool(script)
    assert (str(tmp_path) in begun.trouble.remedy) == bool(script)


BEGUN = (sys.executable, "-c", "raise SystemExit('begun')")


def was_begun(child: ChildEngine) -> bool:
    """Whether it began an engine of its own, which ends at once, once all is over."""
    until(lambda: not child.is_starting and not child.is_connected, "the end of it")
    return child.trouble is not None and "begun" in child.trouble.detail


@pytest.mark.parametrize(
    ("why", "has_run", "is_again"),
    [(UNNEEDED, True, True), (UNNEEDED, False, True), (TOLD, False, True), (TOLD, True, False)],
)
def test_an_engine_that_took_its_window_for_gone_is_followed_by_another(
    served: Served, tmp_path: Path, why: str, has_run: bool, is_again: bool
) -> None:
    """Nor does a window that found one which was told to end, and never ran for it, stay without."""
    begun = child(tmp_path, [], *BEGUN)
    begun.start(EngineLock(tmp_path / "engine.lock"))
    until(lambda: begun.is_connected, "it to be adopted")
    served.server.tell_running(has_run)
    until(lambda: begun.is_running == has_run, "its word")

    served.server.stop(why)
    served.server.close()

    assert was_begun(begun) == is_again


def test_a_window_that_is_taken_no_more_begins_an_engine(tmp_path: Path) -> None:
    """It came between the end of the last one and the end of the listening."""
    file = ControlFile.of(tmp_path, None)
    listener = file.listen()
    begun = child(tmp_path, [], *BEGUN)

    begun.start(EngineLock(tmp_path / "engine.lock"))
    listener.accept().close()
    file.say_ending()
    listener.close()

    assert was_begun(begun)


class Held:
    """The lock of an engine of this folder; ``asked`` counts who asks for its holder."""

    def __init__(self, executor: str) -> None:
        self.holder: Holder | None = Holder(os.getppid(), "console", "", socket.gethostname(), executor)
        self.asked = 0

    def living_holder(self) -> Holder | None:
        self.asked += 1
        return self.holder


@pytest.mark.parametrize("is_ours", [True, False])
def test_the_end_of_this_folders_engine_is_waited_for_however_long_it_takes(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_ours: bool
) -> None:
    """Not that of another folder's on the same database: its windows keep it."""
    monkeypatch.setattr("backend.engine.child.LEAVING_S", 0.0)
    lock, begun = Held("another's" if not is_ours else EXECUTOR), child(tmp_path, [], *BEGUN)
    served.server.stop(TOLD)

    begun.start(lock)  # type: ignore[arg-type]
    if is_ours:
        until(lambda: lock.asked >= 10, "it to wait")
        assert begun.is_starting
        lock.holder = None  # first, as an engine that ends lets go of it
        served.server.close()

    assert was_begun(begun) == is_ours


def test_beside_an_engine_without_a_window_none_is_begun(tmp_path: Path) -> None:
    """The lock is held by a process that is no window's."""
    from datetime import UTC, datetime

    lock, told = EngineLock(tmp_path / "engine.lock"), [None]
    told.clear()
    assert lock.take("headless", datetime.now(UTC))
    begun = child(tmp_path, told, sys.executable, "-c", "raise SystemExit(1)")

    begun.start(EngineLock(tmp_path / "engine.lock"))
    until(lambda: told, "the answer")

    assert (begun.trouble, begun.is_connected, begun.is_starting) == (None, False, False)
    lock.release()


@pytest.mark.parametrize("keep", [True, False])
def test_a_window_that_closes_tells_whether_its_engine_stays(served: Served, tmp_path: Path, keep: bool) -> None:
    begun = child(tmp_path, [], sys.executable, "-c", "raise SystemExit(1)")
    begun.start(EngineLock(tmp_path / "engine.lock"))
    until(lambda: begun.is_connected, "it to be adopted")

    begun.leave(keep=keep)

    until(lambda: served.server.last_leave, "its word")
    assert served.server.last_leave == Leave(keep)
    served.server.close()
    assert begun.wait_for_end(30.0)


LATE = """
import signal, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").close()
time.sleep(600)
"""


@pytest.mark.parametrize("how", ["ends when told", "deaf"])
def test_an_engine_that_is_not_there_in_its_time_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Else it came up later, and nobody ended it."""
    told: list[None] = []
    sign = tmp_path / "sign"
    monkeypatch.setattr("backend.engine.child.LEAVING_S", 1.0 if how == "deaf" else 60.0)
    begun = child(tmp_path, told, sys.executable, "-c", LATE, str(sign), how)
    begun.start(EngineLock(tmp_path / "engine.lock"))
    until(sign.exists, "it to be begun")

    monkeypatch.setattr("backend.engine.child.READY_S", 0.0)
    until(lambda: told, "the trouble")

    assert begun.trouble is not None
    assert begun.trouble.title == "The engine could not be started."
    assert begun._process is not None
    assert begun._process.returncode == -(signal.SIGKILL if how == "deaf" else signal.SIGTERM)
