"""What a command imports, and how the window is opened from a terminal."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from backend.core.paths import DataFolder
from tests.app.cli.command import Commands
from tests.installation import until

QT = {"PySide6", "shiboken6", "pyqtgraph"}
BACKEND = {"sqlalchemy", "alembic", "psycopg", "cryptography"}
SELDOM = {"numpy", "httpx", "paramiko", "apscheduler", "keyring"}
SEEN = {"MAILYARD_TEST_HIDDEN": ""}


def imported(commands: Commands, path: Path, *arguments: str) -> set[str]:
    """The top-level packages of a command that could have had Qt."""
    commands.run(*arguments, passphrase=None, environment={**SEEN, "MAILYARD_TEST_MODULES": str(path)})
    return {line.split(".")[0] for line in path.read_text().splitlines()}


def test_help_imports_nothing_of_the_program_behind_it(commands: Commands, tmp_path: Path) -> None:
    assert not imported(commands, tmp_path / "modules", "--help") & (QT | BACKEND | SELDOM)
    assert not imported(commands, tmp_path / "modules", "server", "--help") & (QT | BACKEND | SELDOM)


def test_a_list_imports_what_reads_the_database_alone(commands: Commands, tmp_path: Path) -> None:
    found = imported(commands, tmp_path / "modules", "jobs", "list")

    assert "sqlalchemy" in found
    assert not found & (QT | SELDOM | {"cryptography"})


def test_no_arguments_open_the_window(commands: Commands, tmp_path: Path) -> None:
    data = {**SEEN, "XDG_DATA_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    note = DataFolder(tmp_path / "mailyard").root / "engine.json"
    commands.environment["XDG_DATA_HOME"] = str(tmp_path)

    window = commands.start(environment=data, is_bare=True)

    until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("role") == "console", "the console")
    window.signal(signal.SIGKILL)
    window.end()


NO_WINDOW = {
    "no PySide6": ({"QT_QPA_PLATFORM": "offscreen"}, "PySide6"),
    "no display": (SEEN, "There is no display"),
    "a display that is gone": ({**SEEN, "DISPLAY": ":973"}, "There is no display"),
}


@pytest.mark.parametrize(("environment", "words"), NO_WINDOW.values(), ids=NO_WINDOW)
def test_where_no_window_can_open_words_say_why(commands: Commands, environment: dict[str, str], words: str) -> None:
    ended = commands.start(environment=environment, is_bare=True).end(code=1)

    assert words in ended.err
    assert "mailyard --help" in ended.err


def test_a_folder_without_a_command_is_for_the_window_too(commands: Commands) -> None:
    assert "There is no display" in commands.run(passphrase=None, environment=SEEN, code=1).err
