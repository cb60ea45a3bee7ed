"""The window opens the database it was told, or says why not; it never makes another one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.application import Console
from app.cli import main as commands
from backend.core.paths import DataFolder
from tests.app.window import OPEN_S, close_console, wait_until
from tests.installation import open_installation
from tests.requirements import ROOT

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def consoles(qapp: QApplication) -> Iterator[list[Console]]:
    opened: list[Console] = []
    yield opened
    for console in opened:
        close_console(console)


def _open(qapp: QApplication, consoles: list[Console], folder: Path, url: str) -> Console:
    consoles.append(Console(qapp, DataFolder(folder), database_url=url))
    consoles[-1].start()
    window = consoles[-1].window
    wait_until(lambda: consoles[-1].engine_start.is_done or window.has_opening_error, "the console to open", OPEN_S)
    return consoles[-1]


def test_a_database_out_of_reach_is_said_and_no_other_is_opened(
    qapp: QApplication, consoles: list[Console], tmp_path: Path
) -> None:
    console = _open(qapp, consoles, tmp_path / "data", NOWHERE)

    assert console.window.has_opening_error
    assert console.installation is None
    assert not [path for path in (tmp_path / "data").iterdir() if path.suffix in (".db", ".lock")]


def test_a_window_on_a_shared_database_is_the_client_of_the_engine_elsewhere(
    qapp: QApplication, consoles: list[Console], tmp_path: Path, postgres_url: str
) -> None:
    elsewhere = open_installation(tmp_path / "elsewhere", database_url=postgres_url)
    try:
        assert elsewhere.become_engine("headless")
        console = _open(qapp, consoles, tmp_path / "data", postgres_url)

        assert console.installation is not None
        assert console.installation.engine is None
        assert console.installation.lock.living_holder() == elsewhere.lock.living_holder()
        assert not (tmp_path / "data" / "app.db").exists()
    finally:
        close_console(consoles.pop())
        elsewhere.close()


def test_the_command_line_and_the_environment_reach_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[Path, str | None, bool]] = []

    def note(root: Path, *, database_url: str | None = None, is_demo: bool = False) -> int:
        asked.append((root, database_url, is_demo))
        return 0

    monkeypatch.setattr(commands, "open_window", note)
    for arguments, environment in ((["--database-url", NOWHERE], ""), ([], NOWHERE), (["--demo"], NOWHERE)):
        monkeypatch.setenv("MAILYARD_DATABASE_URL", environment)
        monkeypatch.setattr(sys, "argv", ["mailyard", "--data-dir", str(tmp_path), *arguments])
        with pytest.raises(SystemExit) as end:
            commands.run()
        assert end.value.code == 0

    assert asked == [(tmp_path, NOWHERE, False), (tmp_path, NOWHERE, False), (tmp_path, None, True)]


@pytest.mark.parametrize("arguments", [["--passphrase-fd", "0"], ["--demo", "--database-url", NOWHERE]])
def test_what_the_window_cannot_follow_is_refused_in_words(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "--data-dir", str(tmp_path), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)

    assert done.returncode == 2
    assert arguments[0].strip("-") in done.stderr
    assert list(tmp_path.iterdir()) == []
