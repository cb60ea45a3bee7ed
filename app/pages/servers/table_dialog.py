"""A chart's samples as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.record_model import Column
from widgets.record_table import RecordTable

Cells = tuple[str, ...]


class ChartTable(QDialog):
    """Shown by ``open()``; the newest sample first."""

    def __init__(self, title: str, head: Cells, rows: Sequence[Cells], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(640, 420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = [Column[Cells](word, text=_cell(at), is_number=at > 0, width=110) for at, word in enumerate(head)]
        table: RecordTable[Cells] = RecordTable(columns, lambda row: row[0], _("Samples"))
        table.set_rows(rows)
        table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(table)


def _cell(at: int) -> Callable[[Cells], str]:
    return lambda row: row[at]
