"""The console with its engine beside it: what tests of it share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.application import Console
from backend.core.paths import DataFolder
from backend.core.secrets.values import Secret
from backend.engine.lock import EngineLock, Holder
from backend.store.scope import AGENCY
from tests.app.person import Person
from tests.app.window import close_console, open_beside
from tests.app.window_process import window_process
from tests.installation import PASSPHRASE, choices, until

#: An engine imports much before it runs, and a machine that has much to do takes long over that.
END_S = 90.0
NewBeside = Callable[..., Person]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def new_beside(qapp: QApplication, folder: Path, qtbot: Any) -> Iterator[NewBeside]:
    """Opens consoles whose engine is a process beside them; all are closed with the test."""
    opened: list[Console] = []

    def make(*, is_typed: bool = False) -> Person:
        opened.append(open_beside(qapp, folder, None if is_typed else choices()))
        return Person(opened[-1])

    yield make
    for console in reversed(opened):
        console.settings.change(keep_engine=False)
        close_console(console)
    until(lambda: living(folder) is None, "the engine to end", END_S)


def unlock(console: Console) -> None:
    """As with a first secret, or what a person types: the window's store opens, and its engine has the key."""
    assert console.installation is not None
    console.installation.client.keep_secret_now("api_keys", AGENCY, Secret("kept by the window"))


def living(folder: Path) -> Holder | None:
    """Who is the engine of a folder now."""
    return EngineLock(folder / "engine.lock").living_holder()


def is_gone(holder: Holder) -> bool:
    """Also when it is a zombie that its parent has not asked for yet."""
    try:
        return Path(f"/proc/{holder.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until_running(folder: Path) -> Holder:
    return until(lambda: living(folder), "the engine", END_S)


def left_engine(folder: Path, passphrase: Secret | None = PASSPHRASE) -> Holder:
    """The engine of a window that was killed; the person wants it to stay, however late the next window comes.

    Without a passphrase its secret store is locked.
    """
    data = DataFolder(folder)
    data.prepare()
    data.settings.write_text(json.dumps({"keep_engine": True}))
    with window_process(folder, passphrase) as window:
        holder = until_running(folder)
        window.kill()
        window.wait(timeout=END_S)
    return holder
