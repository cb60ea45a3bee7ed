"""A chart as a table in a window, or as a file where the person wants it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from backend.core.paths import at_home
from backend.core.present.text import _
from backend.upkeep.saved_file import SavedFile
from widgets.table_dialog import TableDialog

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from widgets.charts.stack import ChartStack


class ChartFiles(QObject):
    """Does what the menu of one stack of charts asks for; lives with the stack. ``part`` goes into the file's name."""

    def __init__(self, page: Page, charts: ChartStack, part: str) -> None:
        super().__init__(charts)
        self._page, self._charts, self._part = page, charts, part
        self.server = ""
        charts.table_asked.connect(self._show_table)
        charts.save_asked.connect(self._ask)

    def write_to(self, path: str) -> None:
        """What is shown, in the form that the name ends in."""
        from widgets.charts.saving import saved

        target = Path(path)
        content = saved(self._charts, target.suffix.lstrip("."))
        reader = self._page.services.reader
        reader.ask(self, "file", SavedFile(content, target), self._written, self._page.show_error)

    def _show_table(self) -> None:
        head, rows = self._charts.rows()
        TableDialog(self.server, head, rows, self._charts, is_newest_first=True).open()

    def _ask(self, kind: str) -> None:
        name = f"{self.server}-{self._part}.{kind}"
        dialog = QFileDialog(self._charts, _("Save chart"), str(at_home(name)), f"*.{kind}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.fileSelected.connect(self.write_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _written(self, _path: Path) -> None:
        """The file is where it was asked for."""
