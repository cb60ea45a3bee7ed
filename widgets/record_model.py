"""Rows of frozen records for a table: told apart by key, sorted by value, filtered by words, shown by columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from backend.core.present.status import Status
from widgets.answer_mark import Answer
from widgets.tip import plain, with_exact

Row = TypeVar("Row")
AnyIndex = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

MOST_RANGES = 20  # of changed rows told one by one


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column. ``sort`` gives what is compared (else the text); ``status`` a shape before the text,
    ``answer`` the mark of a yes or no, which is no status.

    ``spark`` gives points (seconds, percent) for a small line before the text; ``meter`` a share of 0 to 1, before the
    text or below its note, in the colour of a warning where the status is one;
    ``note`` a second line under the text (then all rows are two lines high). ``is_toned``: the words take the
    status's colour. ``tail`` is muted at the right end of the words. ``is_name``: where there is no room the middle is
    left out, for both ends tell names apart.

    The unit of numbers belongs into ``title``. Where it is a row's own (a currency), ``unit`` gives it: as long as all
    rows have the same, it stands in the title (``unit_title``, with ``{unit}``), else beside each number.

    A column is as wide as what its cells say, at least ``width`` and (but for the first) at most ``most`` px. Where
    there is no room for all, one with more ``patience`` gives later; 0: as its kind does.

    A tooltip ends with the exact moments of what it or the cell tells in short.
    """

    title: str
    text: Callable[[Row], str]
    sort: Callable[[Row], Any] | None = None
    status: Callable[[Row], Status | None] | None = None
    answer: Callable[[Row], Answer | None] | None = None
    spark: Callable[[Row], Sequence[tuple[int, float]]] | None = None
    meter: Callable[[Row], float | None] | None = None
    tooltip: Callable[[Row], str] | None = None
    is_number: bool = False
    is_mono: bool = False
    is_muted: Callable[[Row], bool] | None = None
    width: int = 0
    note: Callable[[Row], str] | None = None
    is_toned: bool = False
    tail: Callable[[Row], str] | None = None
    is_name: bool = False
    unit: Callable[[Row], str] | None = None
    unit_title: str = ""
    most: int = 320
    patience: float = 0.0


class RecordModel(QAbstractTableModel, Generic[Row]):
    """Lives in the GUI thread with its view. ``key`` tells rows apart over updates.

    It orders and filters its rows itself: a proxy would call back for every pair and every row of each change.
    """

    def __init__(
        self, columns: Sequence[Column[Row]], key: Callable[[Row], Hashable], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.key = key
        self._all: dict[Hashable, Row] = {}
        self._shown: list[Row] = []
        self._sorted_by: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)
        self._words: tuple[str, ...] = ()
        self._texts: dict[Hashable, tuple[Row, str]] = {}
        self._units: dict[int, str] = {}
        self._allows: Callable[[Row], bool] | None = None

    @property
    def rows(self) -> Sequence[Row]:
        """All rows, in the order they came."""
        return list(self._all.values())

    @property
    def allowed(self) -> Sequence[Row]:
        """The rows of the list that is looked at: all that the predicate lets through, whatever is typed."""
        return [row for row in self._all.values() if self._allows is None or self._allows(row)]

    @property
    def shown(self) -> Sequence[Row]:
        """The rows the filters let through, in the order they are seen."""
        return self._shown

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Bring the model to these rows: what is the same keeps its place and stays silent."""
        self._all = {self.key(row): row for row in rows}
        self._texts = {key: kept for key, kept in self._texts.items() if self._all.get(key) is kept[0]}
        self._share_units()
        self._arrange()

    def title(self, at: int) -> str:
        """The title of a column, with the unit that all its rows share."""
        column, unit = self.columns[at], self._units.get(at, "")
        return column.unit_title.format(unit=unit) if unit else column.title

    def text(self, at: int, row: Row) -> str:
        """What the cell of a column says, with its unit where the title does not tell it."""
        column = self.columns[at]
        text = column.text(row)
        if column.unit is None or self._units.get(at):
            return text
        return f"{text} {column.unit(row)}".rstrip()

    def touch(self, columns: Sequence[int]) -> None:
        """What these columns (neighbours) say beside the rows themselves has changed."""
        self._texts.clear()
        if self._sorted_by[0] in columns or self._words:
            self._arrange()
        if self._shown:
            last = self.index(len(self._shown) - 1, max(columns))
            self.dataChanged.emit(self.index(0, min(columns)), last)

    def set_words(self, text: str) -> None:
        """Show only rows with all these words, in any column."""
        self._words = tuple(text.casefold().split())
        self._arrange()

    def set_predicate(self, allows: Callable[[Row], bool] | None) -> None:
        """Show only rows that ``allows`` lets through; all for None."""
        self._allows = allows
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By value; unknown values (None) come before all others."""
        self._sorted_by = (column, order)
        self._arrange()

    def has(self, key: Hashable) -> bool:
        """Whether there is a record with this key, shown or not."""
        return key in self._all

    def row_of(self, key: Hashable) -> int | None:
        """Where the record with this key is shown."""
        return next((at for at, row in enumerate(self._shown) if self.key(row) == key), None)

    def rowCount(self, parent: AnyIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: AnyIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_right = column.is_number and column.spark is None  # above a small line the title stands over the line
            side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.column(), row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            tail = column.tail(row) if column.tail else ""
            return ", ".join(part for part in (self.text(index.column(), row), tail) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.text(index.column(), row)
            tip = column.tooltip(row) if column.tooltip else text
            beside = [more(row) for more in (column.note, column.tail) if more is not None]
            return plain(with_exact(tip, tip, text, *beside))
        return None

    def _share_units(self) -> None:
        """A unit that all rows share (those that have one) stands in the title."""
        found = {at: column.unit for at, column in enumerate(self.columns) if column.unit is not None}
        units = {at: {unit(row) for row in self._all.values()} - {""} for at, unit in found.items()}
        shared = {at: next(iter(each)) for at, each in units.items() if len(each) == 1}
        if shared != self._units:
            self._units = shared
            self._texts.clear()
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, min(found), max(found))

    def _arrange(self) -> None:
        """Bring what is shown to what should be: take out, put in, change the order, tell what differs."""
        wanted = self._ordered([row for row in self._all.values() if self._is_let_through(row)])
        keys = [self.key(row) for row in wanted]
        self._remove(set(keys))
        present = {self.key(row) for row in self._shown}
        added = [row for key, row in zip(keys, wanted, strict=True) if key not in present]
        if added:
            self.beginInsertRows(ROOT, len(self._shown), len(self._shown) + len(added) - 1)
            self._shown.extend(added)
            self.endInsertRows()
        self._reorder(keys)
        changed = [at for at, row in enumerate(wanted) if _differ(self._shown[at], row)]
        self._shown = wanted
        self._tell(changed)

    def _is_let_through(self, row: Row) -> bool:
        if self._allows is not None and not self._allows(row):
            return False
        if not self._words:
            return True
        text = self._text(row)
        return all(word in text for word in self._words)

    def _text(self, row: Row) -> str:
        """All words of a row, kept while the row is the same: a letter more in the filter asks every row again."""
        key = self.key(row)
        known = self._texts.get(key)
        if known is None or known[0] is not row:
            known = (row, " ".join(self.text(at, row) for at in range(len(self.columns))).casefold())
            self._texts[key] = known
        return known[1]

    def _ordered(self, rows: list[Row]) -> list[Row]:
        at, order = self._sorted_by
        if not 0 <= at < len(self.columns):
            return rows
        column = self.columns[at]
        by = column.sort or (lambda row: column.text(row).casefold())

        def rank(row: Row) -> tuple[bool, Any]:
            value = by(row)
            return value is not None, value

        return sorted(rows, key=rank, reverse=order is Qt.SortOrder.DescendingOrder)

    def _remove(self, kept: set[Hashable]) -> None:
        """Take out what is not shown any more, neighbours together; where they are many, moved to the end before."""
        is_kept = [self.key(row) in kept for row in self._shown]
        if sum(one is not other for one, other in pairwise(is_kept)) > 2 * MOST_RANGES:
            self._reorder(sorted(map(self.key, self._shown), key=lambda key: key not in kept))
        last = len(self._shown) - 1
        while last >= 0:
            first = last
            while first >= 0 and self.key(self._shown[first]) not in kept:
                first -= 1
            if first < last:
                self.beginRemoveRows(ROOT, first + 1, last)
                del self._shown[first + 1 : last + 1]
                self.endRemoveRows()
            last = first - 1

    def _reorder(self, keys: list[Hashable]) -> None:
        """Put the shown rows into the order of ``keys``; selection and current row go with their rows."""
        now = [self.key(row) for row in self._shown]
        if now == keys:
            return
        self.layoutAboutToBeChanged.emit()
        place = {key: at for at, key in enumerate(keys)}
        before = self.persistentIndexList()
        after = [self.index(place[now[index.row()]], index.column()) for index in before]
        self._shown.sort(key=lambda row: place[self.key(row)])
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _tell(self, changed: list[int]) -> None:
        """Announce changed rows, neighbours together; many scattered ones as one range."""
        ranges: list[list[int]] = []
        for at in changed:
            if ranges and ranges[-1][1] == at - 1:
                ranges[-1][1] = at
            else:
                ranges.append([at, at])
        if len(ranges) > MOST_RANGES:
            ranges = [[changed[0], changed[-1]]]
        for first, last in ranges:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))


def _differ(one: object, other: object) -> bool:
    return one is not other and one != other
