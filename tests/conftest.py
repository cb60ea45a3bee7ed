"""What all tests share: the lab, the emulators, an installation, and the walls every test stands within."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from backend.bootstrap import Installation
from tests.installation import Driver, open_installation
from tests.patience import PatientBot
from tests.requirements import OFFSCREEN

if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
    os.environ["QT_QPA_PLATFORM"] = OFFSCREEN

pytest_plugins = [
    "tests.lab.plugin",
    "tests.emulators.plugin",
    "tests.prism.plugin",
    "tests.postgres.plugin",
    "tests.walls.plugin",
    "tests.deadline",
    "tests.gate.report",
    "tests.pace",
    "tests.sharing",
    "tests.near",
    "tests.tiers",
    "tests.times",
]


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


@pytest.fixture
def new_installation(tmp_path: Path) -> Iterator[Callable[..., Installation]]:
    """Opens installations (by default on one folder); all are closed with the test."""
    opened: list[Installation] = []

    def make(folder: Path | None = None, **changes: Any) -> Installation:
        opened.append(open_installation(folder or tmp_path / "data", **changes))
        return opened[-1]

    yield make
    for installation in reversed(opened):
        installation.close()


@pytest.fixture
def engine(new_installation: Callable[..., Installation]) -> Installation:
    """An installation whose engine runs in this process."""
    installation = new_installation()
    assert installation.become_engine("test")
    return installation


@pytest.fixture
def driver(engine: Installation) -> Driver:
    return Driver(engine)
