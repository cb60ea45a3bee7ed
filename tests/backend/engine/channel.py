"""The engine's side of a control channel, for tests of it and of what stands at its other end."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from backend.core.secrets.keys import StoreKey
from backend.engine.control import RUNNING, ControlFile, Message
from backend.engine.control_server import ControlServer


class Served:
    """A server, and what it was told."""

    def __init__(self, file: ControlFile) -> None:
        self.file = file
        self.told: list[str] = []
        self.server = ControlServer(
            file, take_key=self._take, speak=self.told.append, end=lambda: self.told.append("end")
        )
        self.server.open()

    def _take(self, key: StoreKey) -> None:
        self.told.append(key.text())

    def window(self) -> Connection:
        window = self.file.connect()
        assert window is not None
        assert heard(window) == Message(RUNNING, "no")
        return window


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(ControlFile.of(tmp_path, None))
    yield made
    made.server.close()


def heard(window: Connection) -> Message | None:
    return Message.read(window.recv_bytes())
