"""A console over a large fleet, for measuring: prepared once, opened in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal

from app.application import Console
from app.navigation import SERVERS
from app.shell.settings import SettingsFile
from backend.core.paths import DataFolder
from tests.fleet.servers import add_fleet
from tests.installation import open_installation


def prepare(folder: Path, servers: int) -> None:
    """A data folder with this many servers and two hours of samples of each; its window opens on Servers."""
    installation = open_installation(folder)
    installation.lock.take("benchmark", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, servers)
    installation.close()
    SettingsFile(DataFolder(folder).settings).change(page=SERVERS)


def server_table(console: Console) -> Any:
    """The table of the Servers page, None while the page is not there."""
    page: Any = console.window.pages.get("servers")
    return page.table if page is not None else None


class Painted(QObject):
    """Tells of each paint of a widget, once it is on its way to the screen."""

    painted = Signal()

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted.emit()
        return False
