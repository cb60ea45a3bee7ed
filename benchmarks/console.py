"""A console over a large fleet, for measuring: its data folder is prepared once."""

from __future__ import annotations

from pathlib import Path

from app.shell.session.settings import SettingsFile
from backend.core.paths import DataFolder
from tests.installation import open_installation
from tests.sample_data.servers import add_fleet


def prepare(folder: Path, servers: int) -> None:
    """A data folder with this many servers and two hours of samples of each; its window opens on Servers."""
    installation = open_installation(folder)
    installation.lock.take("benchmark", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation, servers)
    installation.close()
    SettingsFile(DataFolder(folder).settings).change(page="servers")
