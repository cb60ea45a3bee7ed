"""The desktop of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.desktop import desk, services
from tests.desktop.screen_reader import ScreenReader
from tests.desktop.services import Notifications

DEMO_S = 300.0


@pytest.fixture
def display() -> Iterator[str]:
    """A screen of the test's own."""
    with services.x_server() as name:
        yield name


@pytest.fixture
def bus() -> Iterator[str]:
    """The address of a session bus without services; its socket has a short path."""
    with TemporaryDirectory(prefix="bus-") as folder, services.message_bus(Path(folder)) as address:
        yield address


@pytest.fixture
def notifications(display: str, bus: str) -> Iterator[Notifications]:
    """A notification service on that screen and bus."""
    with services.notifications(display, bus) as service:
        yield service


@pytest.fixture
def demo(display: str, bus: str, tmp_path: Path) -> Iterator[ScreenReader]:
    """A screen reader on a desktop where the demo was opened for the first time, and has its past."""
    with desk.opened(display, bus, tmp_path, ["--data-dir", str(tmp_path / "data"), "--demo"]) as eyes:
        eyes.find("label", "Engine running", seconds=DEMO_S)
        yield eyes
