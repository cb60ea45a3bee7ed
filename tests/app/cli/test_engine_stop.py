"""``mailyard engine stop`` ends the engine that works, and no other; what it cannot end it says."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import engine
from app.cli.options import Options
from app.cli.output import Exit
from backend.engine.control import ControlFile
from backend.engine.control_server import ControlServer
from backend.engine.lock import Holder
from backend.mail.requests import UpgradeMail
from tests.app.cli.command import Commands
from tests.installation import held_installation, until
from tests.sample_data.jobs import add_waiting
from tests.sample_data.servers import server_id

Told = list[str]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def listening(tmp_path: Path, told: Told) -> Iterator[ControlServer]:
    """The channel of an engine of this process."""
    folder = tmp_path / "data"
    file = ControlFile.of(folder, None)
    server = ControlServer(file, take_key=lambda _it: None, speak=told.append, end=lambda: told.append("end"))
    folder.mkdir(mode=0o700)
    server.open()
    yield server
    server.close()


def test_one_that_stands_by_for_a_window_is_left_alone(
    commands: Commands, listening: ControlServer, told: Told
) -> None:
    works = commands.engine()

    done = commands.run("engine", "stop")

    assert "engine: stopped the headless" in done.out
    works.end(0)
    assert (told, listening.windows) == ([], 0)


def holder_here(**changes: Any) -> Holder:
    """The process of these tests as the engine of a window."""
    me = Holder.myself("console", datetime.now(UTC))
    return Holder(**{**vars(me), **changes})


def test_the_engine_of_a_window_is_told_over_its_channel(
    listening: ControlServer, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "kill", lambda *given: told.append(f"killed {given}"))

    engine._ask_to_end(holder_here(), Options(tmp_path / "data"))

    until(lambda: told, "its word")
    assert told == ["end"]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"host": "elsewhere"}, None, "runs on another machine"),
        ({"role": "command"}, None, "until its job has ended"),
        (
            {"executor": "of another folder"},
            PermissionError(errno.EPERM, "not permitted"),
            "may not be ended",
        ),
    ],
    ids=["another machine", "a command", "another user"],
)
def test_what_cannot_be_ended_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    error: OSError | None,
    words: str,
) -> None:
    def kill(_pid: int, number: int) -> None:
        assert number == signal.SIGTERM
        assert error is not None
        raise error

    monkeypatch.setattr(os, "kill", kill)

    with pytest.raises(typer.Exit) as ended:
        engine._ask_to_end(holder_here(**changes), Options(tmp_path / "data"))

    assert ended.value.exit_code == Exit.REFUSED
    assert words in capsys.readouterr().err


def test_what_a_job_has_half_way_then_is_named(commands: Commands) -> None:
    about, title = "mx1.example.net", "Upgrade the mail server"
    with held_installation(commands.folder) as installation:
        add_waiting(installation, UpgradeMail(server_id(1)), "copy", about=about)

    told = commands.run("engine", "stop")

    assert f"{about}: {title}: it is half-way" in told.err
    assert commands.asks("engine", "stop")["half_way"] == [{"about": about, "title": title}]
