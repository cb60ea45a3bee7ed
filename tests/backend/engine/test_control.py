"""The control channel between an engine and its windows, and when an engine without one ends."""

from __future__ import annotations

import errno
import stat
import tempfile
import time
from itertools import pairwise
from multiprocessing.connection import Connection, Listener
from pathlib import Path

import pytest

from backend.core.secrets.keys import StoreKey
from backend.engine.control import (
    END,
    ENDING,
    KEY,
    LANGUAGE,
    LEAVE,
    RUNNING,
    TOLD,
    ControlFile,
    Leave,
    Message,
    hang_up,
)
from backend.engine.control_server import FIRST_PAUSE_S
from backend.engine.last_window import FIRST_S, GRACE_S, LastWindow
from tests.backend.engine.channel import Served, heard
from tests.backend.engine.channel import served as served
from tests.installation import until


def test_what_a_window_says_is_heard(served: Served) -> None:
    with served.window() as window:
        key = StoreKey("5a17", bytes(range(32)))
        for message in (Message(KEY, key.text()), Message(LANGUAGE, "de"), Message(KEY, "none"), Message(END)):
            message.send(window)
        window.send_bytes(b"not ours")
        window.send_bytes(b'{"kind": "of a later version", "value": ""}')
        until(lambda: len(served.told) == 3, "all of it")
        assert served.told == [key.text(), "de", "end"]
        assert served.server.windows == 1


@pytest.mark.parametrize(
    ("says", "leave"),
    [("yes", Leave(True)), ("no", Leave(False)), ("", Leave(None)), (None, None)],
    ids=["keeps it", "keeps it not", "of another version", "killed"],
)
def test_how_a_window_left_is_known(served: Served, says: str | None, leave: Leave | None) -> None:
    window = served.window()
    if says is not None:
        Message(LEAVE, says).send(window)
        until(lambda: not served.server.windows, "it to be gone")
        assert not window.poll()  # it can wait for the engine's end
    window.close()
    until(lambda: not served.server.windows, "it to be gone")

    assert served.server.last_leave == leave


def test_windows_hear_whether_it_runs_and_why_it_ends(served: Served) -> None:
    with served.window() as window:
        served.server.tell_running(True)
        assert heard(window) == Message(RUNNING, "yes")
        served.server.stop(TOLD)
        assert heard(window) == Message(ENDING, TOLD)
        assert served.file.connect() is None
        served.server.close()
        with pytest.raises(EOFError):
            window.recv_bytes()


def test_nobody_else_can_reach_it_and_nothing_of_it_stays(tmp_path: Path) -> None:
    made = Served(ControlFile.of(tmp_path, "postgresql://one"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert ControlFile.of(tmp_path, None).connect() is None  # of another database
    made.server.close()

    assert modes == {0o600}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_temporary_deep", [False, True])
def test_a_folder_whose_path_is_too_long_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_temporary_deep: bool
) -> None:
    """Nor need the folder for temporary files have a short one."""
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    if is_temporary_deep:
        monkeypatch.setattr(tempfile, "tempdir", str(deep))
    made = Served(ControlFile.of(deep, None))
    folder = Path(made.file.path.read_text().splitlines()[0]).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    made.window().close()
    made.server.close()

    assert not folder.exists()


def test_the_socket_of_a_killed_engine_is_cleared_away(tmp_path: Path) -> None:
    file = ControlFile.of(tmp_path, None)
    left = tmp_path / "engine-0.sock"
    left.touch()
    file.path.write_text(str(left))

    made = Served(file)
    assert not left.exists()
    made.window().close()
    made.server.close()


class Failing:
    """Accepts nothing the first few times, as where no descriptor is left; when it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: float) -> None:
        self.asked_at: list[float] = []
        accept = Listener.accept

        def fail(listener: Listener) -> Connection:
            self.asked_at.append(time.monotonic())
            if len(self.asked_at) <= times:
                raise OSError(errno.EMFILE, "Too many open files")
            return accept(listener)

        monkeypatch.setattr(Listener, "accept", fail)


def test_where_windows_cannot_be_taken_it_is_tried_again_with_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(monkeypatch, times=4)
    made = Served(ControlFile.of(tmp_path, None))

    made.window().close()

    pauses = [after - before for before, after in pairwise(failing.asked_at[:5])]
    assert all(pause >= 0.9 * FIRST_PAUSE_S * 2**number for number, pause in enumerate(pauses)), pauses
    made.server.close()


def test_a_pause_holds_up_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.engine.control_server.FIRST_PAUSE_S", 600.0)
    monkeypatch.setattr("backend.engine.control_server.LONGEST_PAUSE_S", 600.0)
    failing = Failing(monkeypatch, times=float("inf"))
    made = Served(ControlFile.of(tmp_path, None))
    until(lambda: failing.asked_at, "the first try")

    made.server.close()

    thread = made.server._thread
    assert thread is not None
    until(lambda: not thread.is_alive(), "its thread to end")
    assert len(failing.asked_at) == 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("keeps", "is_busy", "leave", "passed", "is_over"),
    [
        (False, True, Leave(), 0.0, True),  # closed: what that stops was said
        (True, False, Leave(), 10 * GRACE_S, False),
        (True, True, Leave(False), 0.0, True),  # its folder is to be removed, whatever the setting says
        (False, False, Leave(True), 10 * GRACE_S, False),  # the setting could not be written
        (False, False, None, GRACE_S - 1, False),
        (False, False, None, GRACE_S, True),
        (False, True, None, 10 * GRACE_S, False),  # a window that died stops no job
        (True, False, None, 10 * GRACE_S, False),
    ],
)
def test_when_an_engine_ends_after_its_last_window(
    keeps: bool, is_busy: bool, leave: Leave | None, passed: float, is_over: bool
) -> None:
    clock = Clock()
    last = LastWindow(keeps=lambda: keeps, is_busy=lambda: is_busy, now=clock)
    assert not last.is_over(1, last_leave=None)

    clock.now += passed

    assert last.is_over(0, last_leave=leave) == is_over


def test_that_it_stays_without_a_window_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    last = LastWindow(keeps=lambda: True, is_busy=lambda: False)

    for windows, leave in ((0, None), (1, None), (0, Leave()), (0, Leave()), (1, Leave()), (0, Leave())):
        assert not last.is_over(windows, last_leave=leave)

    assert caplog.messages == ["No window is left, and the engine stays"] * 2


def test_a_window_that_came_and_went_between_two_looks_was_one(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    last = LastWindow(keeps=lambda: True, is_busy=lambda: False)

    for leave in (None, Leave(), Leave()):
        assert not last.is_over(0, last_leave=leave)

    assert caplog.messages == ["No window is left, and the engine stays"]


def test_an_engine_whose_window_never_came_ends_too() -> None:
    clock = Clock()
    last = LastWindow(keeps=lambda: False, is_busy=lambda: False, now=clock)

    clock.now += GRACE_S
    assert not last.is_over(0, last_leave=None)
    clock.now += FIRST_S
    assert last.is_over(0, last_leave=None)


def test_hanging_up_wakes_who_waits(served: Served) -> None:
    window = served.window()
    hang_up(window)
    with pytest.raises(EOFError):
        window.recv_bytes()
    window.close()
