"""What a grid or a plot shows, as a table that can be read, sorted and copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from widgets.plain_dialog import PlainDialog
from widgets.record_model import Column
from widgets.record_table import RecordTable

Cells = tuple[str, ...]
#: A row with its number, by which it is told apart.
Line = tuple[int, Cells]
SIZE = (860, 520)
WIDTH = 110


class TableDialog(PlainDialog):
    """Shown by ``open()`` with the keyboard in the table.

    Rows stand in the order given, or by their first column with the highest above (``is_newest_first``).
    """

    def __init__(
        self, title: str, head: Cells, rows: Sequence[Cells], parent: QWidget, *, is_newest_first: bool = False
    ) -> None:
        super().__init__(title, SIZE, parent)
        columns = [
            Column[Line](word or title, text=_cell(at), is_number=at > 0, width=WIDTH) for at, word in enumerate(head)
        ]
        self.table: RecordTable[Line] = RecordTable(columns, lambda line: line[0], title)
        self.table.set_rows(list(enumerate(rows)))
        if is_newest_first:
            self.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
        self.body.addWidget(self.table, 1)
        self.table.setFocus()


def _cell(at: int) -> Callable[[Line], str]:
    return lambda line: line[1][at]
