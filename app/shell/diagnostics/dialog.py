"""What would be sent when somebody is asked for help: shown whole, before it is saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from backend.core.paths import at_home
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.upkeep.diagnostics import Diagnostics, DiagnosticsArchive, DiagnosticsFile
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.label import Label
from widgets.log_view import MOST_LINES, LogView
from widgets.plain_dialog import PlainDialog

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError

FILE_NAME = "mailyard-diagnostics.zip"
SIZE, LIST_WIDTH = (860, 560), 220
LOG = ".log"  # what ends so is looked at from its end, other files from their beginning


class DiagnosticsDialog(PlainDialog):
    """``saved`` carries the path; ``first`` names the file that is looked at first."""

    saved = Signal(object)

    def __init__(self, services: Services, parent: QWidget, *, first: str = "facts.json") -> None:
        super().__init__(_("Diagnostics"), SIZE, parent)
        self._services, self._first = services, first
        self._files: tuple[DiagnosticsFile, ...] = ()
        note = _("The archive contains only this: versions, counts and logs, with secrets and your home folder masked.")
        self.body.addWidget(Label(note, "muted", wraps=True))
        self.banner = Banner()
        self.body.addWidget(self.banner)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Files of the archive"))
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.currentRowChanged.connect(self._show)
        self.text, self.cut = LogView(_("Content of the file")), Label("", "small")
        right = QVBoxLayout()
        right.addWidget(self.text, 1)
        right.addWidget(self.cut)
        row = QHBoxLayout()
        row.setSpacing(tokens.PANEL_GAP)
        row.addWidget(self.list)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)
        self.keep, self.save = Button(_("Close")), Button(_("Save..."), "primary")
        self.keep.clicked.connect(self.reject)
        self.save.clicked.connect(self._ask)
        self.save.setEnabled(False)
        self.set_foot(DialogFooter(self.keep, self.save))
        services.reader.ask(self, "files", Diagnostics(services.installation.folder), self._take, self._failed)

    def write_to(self, path: str) -> None:
        """Write what is shown into the chosen file."""
        query = DiagnosticsArchive(self._files, Path(path))
        self._services.reader.ask(self, "archive", query, self._written, self._failed)

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _take(self, files: tuple[DiagnosticsFile, ...]) -> None:
        self._files = files
        for file in files:
            item = QListWidgetItem(f"{file.name}  ·  {words.size(len(file.text.encode()))}", self.list)
            item.setSizeHint(QSize(0, tokens.ROW))
        at = next((at for at, file in enumerate(files) if file.name == self._first), 0)
        self.list.setCurrentRow(at)
        self.save.setEnabled(True)

    def _show(self, at: int) -> None:
        lines = self._files[at].text.splitlines()
        self.text.set_lines(lines)
        if not self._files[at].name.endswith(LOG):
            self.text.verticalScrollBar().setValue(0)
        hidden = max(0, len(lines) - MOST_LINES)
        before = ngettext(
            "{n} earlier line is in the archive as well.", "{n} earlier lines are in the archive as well.", hidden
        )
        self.cut.setText(before.format(n=words.number(hidden)))
        self.cut.setVisible(hidden > 0)

    def _ask(self) -> None:
        dialog = QFileDialog(self, _("Save diagnostics"), str(at_home(FILE_NAME)))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(self.write_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _written(self, path: Path) -> None:
        self.saved.emit(path)
        self.accept()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy, details=error.detail)
