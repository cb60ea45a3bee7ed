"""Turns to every page of a console over the test fleet and writes what it shows."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtWidgets import QApplication, QDialog

from app.application import Console
from app.navigation import ACTIVITY, OVERVIEW, SERVERS, SETTINGS
from app.pages.servers.compare_dialog import CompareDialog
from app.pages.servers.wizard import NewServerWizard
from app.shell.settings import SettingsFile
from backend.bootstrap import Installation
from backend.core.paths import DataFolder
from backend.providers.refusals import unauthorized
from tests.app.window import close_console, open_console, wait_until
from tests.fleet.holdings import add_charges, add_holdings
from tests.fleet.jobs import FAILED, RUNNING, WAITING, add_jobs
from tests.fleet.orphans import add_orphans
from tests.fleet.second_account import add_second_account
from tests.fleet.servers import UNUSED, add_day_and_live, add_fleet, client_id, server_id
from tests.fleet.snapshots import add_snapshot
from tests.installation import open_installation

SETTLE_S = 5.0
LAST_VISIT = "2026-01-01T08:00:00+00:00"


class Photographer:
    """Takes the pictures of one look."""

    def __init__(self, folder: Path, look: str, console: Console) -> None:
        self._folder, self._look = folder, look
        self.console = console

    def take(self, name: str) -> None:
        """The window, and the dialog over it where there is one."""
        self._settle()
        picture = self.console.window.grab()
        dialog = self.console.window.findChild(QDialog)
        if dialog is not None and dialog.isVisible():
            picture = dialog.grab()
        picture.save(str(self._folder / f"{name}-{self._look}.png"))

    def take_dialog(self, name: str, kind: type[QDialog]) -> None:
        """A dialog over another one."""
        self._settle()
        (dialog,) = self.console.window.findChildren(kind)
        dialog.grab().save(str(self._folder / f"{name}-{self._look}.png"))

    def close_dialog(self) -> None:
        for dialog in self.console.window.findChildren(QDialog):
            dialog.reject()
        wait_until(lambda: not self.console.window.findChildren(QDialog), "the dialog to go")

    def _settle(self) -> None:
        """Until no read is under way, then one more turn so that what came is painted."""
        assert self.console.services is not None
        reader = self.console.services.reader
        wait_until(lambda: not reader.is_busy, "all reads", SETTLE_S)
        turns = iter(range(12))
        wait_until(lambda: next(turns, None) is None, "the last paint", SETTLE_S)


def main(folder: Path, look: str, appearance: str, language: str) -> None:
    """Every page once; the first minute in a folder of its own."""
    application = QApplication(["mailyard"])
    with TemporaryDirectory() as data:
        holder = _prepare(Path(data), appearance, language)
        console = open_console(application, Path(data))
        console.window.resize(1366, 768)
        photographer = Photographer(folder, look, console)
        for take in (_overview, _servers, _wizard, _activity, _settings, _palette, _empty, _trouble):
            take(photographer)
        close_console(console)
        holder.close()
    with TemporaryDirectory() as nothing:
        _remember(Path(nothing), appearance, language)
        console = open_console(application, Path(nothing))
        console.window.resize(1366, 768)
        Photographer(folder, look, console).take("first-minute")
        close_console(console)


def _prepare(data: Path, appearance: str, language: str) -> Installation:
    """The folder, and who holds its engine lock meanwhile: nothing may change while pictures are taken."""
    installation = open_installation(data)
    installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    add_fleet(installation)
    add_jobs(installation)
    add_day_and_live(installation, 1)
    add_orphans(installation)
    add_second_account(installation)
    add_snapshot(installation, 1)
    add_holdings(installation, 1)
    add_charges(installation)
    _remember(data, appearance, language)
    return installation


def _remember(data: Path, appearance: str, language: str) -> None:
    """A scheme, with ``+high`` in high contrast; and a last visit long ago."""
    scheme, _plus, contrast = appearance.partition("+")
    kept = SettingsFile(DataFolder(data).settings)
    kept.change(appearance=scheme, contrast=contrast or "auto", language=language, seen_at=LAST_VISIT)


def _page(photographer: Photographer, key: str) -> Any:
    photographer.console.window.go_to(key)
    return photographer.console.window.pages[key]


def _overview(photographer: Photographer) -> None:
    _page(photographer, OVERVIEW)
    photographer.take("overview")


def _servers(photographer: Photographer) -> None:
    page = _page(photographer, SERVERS)
    page.choose(server_id(1))
    for tab, name in enumerate(("live", "history", "network", "snapshots", "timeline")):
        page.detail.tabs.setCurrentIndex(tab)
        photographer.take(f"servers-{name}")
    page.detail.tabs.setCurrentIndex(2)
    for act in ("release_address", "firewall", "remove_firewall"):
        page.detail.network.buttons[act].click()
        photographer.take(f"sheet-{act}")
        photographer.close_dialog()
    page.choose(server_id(2))
    photographer.take("servers-network-none")
    page.detail.network.buttons["reserve"].click()
    photographer.take("sheet-reserve")
    photographer.close_dialog()
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(0)
    for act in ("reboot", "destroy", "resize", "reverse"):
        page.acts[act].trigger()
        photographer.take(f"sheet-{act}")
        photographer.close_dialog()


def _wizard(photographer: Photographer) -> None:
    window = photographer.console.window
    window.open_wizard()
    photographer.take("wizard")
    (wizard,) = window.findChildren(NewServerWizard)
    wizard.compare.click()
    photographer.take_dialog("compare", CompareDialog)
    photographer.close_dialog()


def _activity(photographer: Photographer) -> None:
    page = _page(photographer, ACTIVITY)
    for job, name in ((WAITING, "waiting"), (RUNNING, "running"), (FAILED, "failed")):
        page.choose(job)
        photographer.take(f"activity-{name}")
    page.detail.tabs.setCurrentIndex(1)
    photographer.take("activity-log")
    page.chips.choose("schedules")
    photographer.take("activity-schedules")


def _settings(photographer: Photographer) -> None:
    page = _page(photographer, SETTINGS)
    for row in range(page.list.count()):
        page.list.setCurrentRow(row)
        photographer.take(f"settings-{row}")
    page.list.setCurrentRow(0)
    page.accounts.add()
    photographer.take("account-dialog")
    photographer.close_dialog()


def _palette(photographer: Photographer) -> None:
    photographer.console.window.open_palette()
    photographer.take("palette")
    photographer.close_dialog()


def _empty(photographer: Photographer) -> None:
    """A workspace nobody has given a server yet."""
    assert photographer.console.services is not None
    photographer.console.services.view.choose(client_id(UNUSED))
    photographer.console.window.go_to(SERVERS)
    photographer.take("servers-empty")


def _trouble(photographer: Photographer) -> None:
    """A wish that was refused, told above the page."""
    window = photographer.console.window
    assert window.troubles is not None
    assert photographer.console.services is not None
    photographer.console.services.view.choose(None)
    _page(photographer, OVERVIEW)
    window.troubles.show(unauthorized("DigitalOcean", "401"))
    photographer.take("trouble")
    window.troubles.refused.clear()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
