"""What all tests share: the lab, the emulators, an installation, and the walls every test stands within."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.bootstrap import Installation
from tests.installation import Driver, open_installation

pytest_plugins = [
    "tests.lab.plugin",
    "tests.emulators.plugin",
    "tests.prism.plugin",
    "tests.postgres.plugin",
    "tests.walls.plugin",
    "tests.gate.report",
    "tests.pace",
    "tests.tiers",
]


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
