"""What tests of the window share: a console on a folder of the test's own, and a person in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.application import Console
from backend.bootstrap import Installation
from backend.choices import Choices
from backend.core.present.text import activate
from tests.app.person import Person
from tests.app.window import close_console, open_console
from tests.installation import held_installation
from tests.prepared import Prepared
from tests.sample_data.jobs import add_jobs
from tests.sample_data.servers import add_fleet

NewConsole = Callable[..., Person]


@pytest.fixture
def new_console(qapp: QApplication, tmp_path: Path, qtbot: Any) -> Iterator[NewConsole]:
    """Opens consoles (by default on one folder) with a person in front; all are closed with the test."""
    opened: list[Console] = []

    def make(folder: Path | None = None, wanted: Choices | None = None) -> Person:
        opened.append(open_console(qapp, folder or tmp_path / "data", wanted))
        return Person(opened[-1])

    yield make
    for console in reversed(opened):
        close_console(console)
    activate("en")


@pytest.fixture
def person(new_console: NewConsole) -> Person:
    """A person in front of a console on an empty folder; its engine runs in this process."""
    return new_console()


def _fleet(folder: Path) -> None:
    with held_installation(folder) as installation:
        add_fleet(installation, 12)
        add_jobs(installation)


#: What it tells was observed up to the moment it was made: it may be so much older than the test that sees it.
FLEET = Prepared(_fleet, fresh_s=20.0)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Installation]:
    """The test fleet in the folder consoles open by default, its engine lock held: nothing runs."""
    FLEET.write(tmp_path / "data")
    with held_installation(tmp_path / "data") as installation:
        yield installation


@pytest.fixture
def watcher(fleet: Installation, new_console: NewConsole) -> Person:
    """A person in front of the test fleet; the console is a client beside the engine's holder."""
    assert fleet.lock.is_held
    return new_console()
