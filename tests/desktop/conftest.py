"""The desktop of a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.desktop import services
from tests.desktop.services import Notifications


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
