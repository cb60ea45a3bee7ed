"""Settings > About: versions, licences, and the diagnostics for whoever is asked for help."""

from __future__ import annotations

import platform
import sqlite3
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from app.pages.settings.parts import Part
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.upkeep.diagnostics import Diagnostics
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.page import Page

FILE_NAME = "mailyard-diagnostics.zip"


class AboutPart(Part):
    """Versions at once; the diagnostics are written on a reader's thread."""

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
        self.save = Button(_("Save diagnostics..."))
        self.save.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self.save)
        row.addStretch(1)
        self.panel.body.addLayout(row)
        self.notice = Notice()
        self.panel.body.addWidget(self.notice)
        self.panel.body.addStretch(1)

    def write_to(self, path: str) -> None:
        """Write the archive to the chosen file."""
        services = self._page.services
        query = Diagnostics(services.installation.folder, Path(path))
        services.reader.ask(self, "diagnostics", query, self._written, self._failed)

    def _ask(self) -> None:
        dialog = QFileDialog(self.window(), _("Save diagnostics"), str(Path.home() / FILE_NAME))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(self.write_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _written(self, path: Path) -> None:
        self.notice.say(Status.OK, _("Saved as {path}.").format(path=path))

    def _failed(self, error: MailyardError) -> None:
        self.notice.say(Status.CRITICAL, error.title, error.remedy, details=error.detail)
