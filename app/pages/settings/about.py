"""Settings > About: versions, licences, and the diagnostics for whoever is asked for help."""

from __future__ import annotations

import platform
import sqlite3
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from app.shell.diagnostics.dialog import DiagnosticsDialog
from app.shell.window.part import PanelPart
from app.shell.window.text_dialog import TextDialog
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.banner import Banner
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.window.page import Page


class AboutPart(PanelPart):
    """Versions at once; the diagnostics are looked at before they are saved."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("About Mailyard"))
        self.rows = KeyValues()
        self.rows.set_rows(
            [
                (_("Version"), metadata.version("mailyard")),
                (_("Python"), platform.python_version()),
                (_("Qt for Python"), metadata.version("PySide6-Essentials")),
                (_("SQLite"), sqlite3.sqlite_version),
                (_("Fonts"), _("Inter and JetBrains Mono, SIL Open Font License 1.1")),
                (_("Icons"), _("Lucide, ISC licence")),
            ]
        )
        self.panel.body.addWidget(self.rows)
        words = _("The diagnostics contain versions, counts and logs, but no database rows and no secrets.")
        self.panel.body.addSpacing(8)
        self.panel.body.addWidget(Label(words, "muted", wraps=True))
        self.look = Button(_("Diagnostics..."))
        self.look.clicked.connect(self._look)
        self.others = Button(_("Third-party licences..."))
        self.others.clicked.connect(self._show_others)
        self.add_row(self.look, self.others)
        self.banner = Banner()
        self.panel.body.addWidget(self.banner)
        self.panel.body.addStretch(1)

    def _show_others(self) -> None:
        text = (files("resources") / "data" / "notices.txt").read_text(encoding="utf-8")
        TextDialog(_("Third-party licences"), text, self.window()).open()

    def _look(self) -> None:
        self.banner.clear()
        dialog = DiagnosticsDialog(self._page.services, self.window())
        dialog.saved.connect(self._say_saved)
        dialog.open()

    def _say_saved(self, path: Path) -> None:
        self.banner.say(Status.OK, _("Saved as {path}.").format(path=path))
