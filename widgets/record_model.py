"""Rows of frozen records for a table: columns say what they show, updates keep their place by key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from backend.core.present.status import Status

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

SORT = Qt.ItemDataRole.UserRole
RECORD = Qt.ItemDataRole.UserRole + 1
COLUMN = Qt.ItemDataRole.UserRole + 2


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. ``sort`` gives what is compared (else the text); ``status`` a shape before the text.

    ``spark`` gives points (seconds, percent) for a small line before the text; ``meter`` a share of 0 to 1;
    ``note`` a second line under the text (then all rows are two lines high). ``is_toned``: the words take the
    status's colour. The unit of numbers belongs into ``title``.
    """

    title: str
    text: Callable[[Row], str]
    sort: Callable[[Row], Any] | None = None
    status: Callable[[Row], Status | None] | None = None
    spark: Callable[[Row], Sequence[tuple[int, float]]] | None = None
    meter: Callable[[Row], float | None] | None = None
    tooltip: Callable[[Row], str] | None = None
    is_number: bool = False
    is_mono: bool = False
    is_muted: Callable[[Row], bool] | None = None
    width: int = 120
    note: Callable[[Row], str] | None = None
    is_toned: bool = False


class RecordModel(QAbstractTableModel, Generic[Row]):
    """Lives in the GUI thread with its view. ``key`` tells rows apart over updates."""

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._key = key
        self._rows: list[Row] = []
        self._sort_keys: dict[int, list[Any]] = {}

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Bring the model to these rows: changed ones are updated in place, in one announcement."""
        self._sort_keys.clear()
        fresh = {self._key(row): row for row in rows}
        self._remove(fresh)
        present = {self._key(row): at for at, row in enumerate(self._rows)}
        changed = [at for key, at in present.items() if self._rows[at] != fresh[key]]
        for at in changed:
            self._rows[at] = fresh[self._key(self._rows[at])]
        self._sort_keys.clear()
        if changed:
            last = self.index(max(changed), len(self.columns) - 1)
            self.dataChanged.emit(self.index(min(changed), 0), last)
        added = [row for key, row in fresh.items() if key not in present]
        if added:
            self.beginInsertRows(ROOT, len(self._rows), len(self._rows) + len(added) - 1)
            self._rows.extend(added)
            self._sort_keys.clear()
            self.endInsertRows()

    def sort_keys(self, column: int) -> list[Any]:
        """What the rows of a column are compared by, computed once for each set of rows."""
        if column not in self._sort_keys:
            shown = self.columns[column]
            by = shown.sort or (lambda row: shown.text(row).casefold())
            self._sort_keys[column] = [by(row) for row in self._rows]
        return self._sort_keys[column]

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    def row_of(self, key: Hashable) -> int | None:
        """Where the record with this key stands."""
        return next((at for at, row in enumerate(self._rows) if self._key(row) == key), None)

    def rowCount(self, parent: AnyIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_right = column.is_number and column.spark is None  # above a small line the title stands over the line
            side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(row)
        if role == SORT:
            return self.sort_keys(index.column())[index.row()]
        if role == RECORD:
            return row
        if role == COLUMN:
            return column
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tooltip(row) if column.tooltip else column.text(row)
        return None

    def _remove(self, fresh: dict[Hashable, Row]) -> None:
        """Take out what is gone, neighbours together."""
        last = len(self._rows) - 1
        while last >= 0:
            first = last
            while first >= 0 and self._key(self._rows[first]) not in fresh:
                first -= 1
            if first < last:
                self.beginRemoveRows(ROOT, first + 1, last)
                del self._rows[first + 1 : last + 1]
                self._sort_keys.clear()
                self.endRemoveRows()
            last = first - 1
