"""Settings > About: versions, licences, and the diagnostics for whoever is asked for help."""

from __future__ import annotations

import platform
import sqlite3
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from app.pages.settings.parts import Part
from app.shell.diagnostics_dialog import DiagnosticsDialog
from app.shell.text_dialog import TextDialog
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.page import Page


class AboutPart(Part):
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
        words = _("The diagnostics hold versions, counts and the logs: no row of the database and no secret.")
        self.panel.body.addSpacing(8)
        self.panel.body.addWidget(Label(words, "muted", wraps=True))
        self.look = Button(_("Diagnostics..."))
        self.look.clicked.connect(self._look)
        self.others = Button(_("Software of others..."))
        self.others.clicked.connect(self._show_others)
        self.add_row(self.look, self.others)
        self.notice = Notice()
        self.panel.body.addWidget(self.notice)
        self.panel.body.addStretch(1)

    def _show_others(self) -> None:
        text = (files("resources") / "data" / "notices.txt").read_text(encoding="utf-8")
        TextDialog(_("Software of others"), text, self.window()).open()

    def _look(self) -> None:
        self.notice.clear()
        dialog = DiagnosticsDialog(self._page.services, self.window())
        dialog.saved.connect(self._say_saved)
        dialog.open()

    def _say_saved(self, path: Path) -> None:
        self.notice.say(Status.OK, _("Saved as {path}.").format(path=path))
