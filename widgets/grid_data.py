"""What a grid shows, as plain values: kinds of cells, columns, rows; and the same as words and as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets.swatch import Swatch

#: A cell in which nothing stands.
NOTHING = -1
#: (first column, number of columns, kind) of neighbours that look the same.
Run = tuple[int, int, int]
TableWords = tuple[tuple[str, ...], list[tuple[str, ...]]]


@dataclass(frozen=True)
class CellKind:
    """What a cell can be, with the word of the legend, the tooltip and the table."""

    swatch: Swatch
    word: str


@dataclass(frozen=True)
class GridColumn:
    """``name`` says which it is wherever a cell is told of; ``head`` stands above it, and may be left out."""

    name: str
    head: str = ""


@dataclass(frozen=True)
class GridRow:
    """One row: ``cells`` are numbers of kinds or :data:`NOTHING`, one a column.

    ``notes`` add words to cells (none, or one a column), ``asides`` are figures at the right end.
    """

    head: str
    cells: tuple[int, ...]
    notes: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()


@dataclass(frozen=True)
class GridData:
    """All of a grid. ``corner`` names what the rows are (*Server*).

    :raises ValueError: a row does not have as many cells, notes or asides as it should, or a cell is of no kind.
    """

    corner: str
    kinds: tuple[CellKind, ...]
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    aside_heads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.cells) != len(self.columns) or len(row.notes) not in (0, len(self.columns)):
                raise ValueError(f"{row.head}: {len(row.cells)} cells for {len(self.columns)} columns")
            if len(row.asides) != len(self.aside_heads):
                raise ValueError(f"{row.head}: {len(row.asides)} asides for {len(self.aside_heads)} heads")
            if row.cells and not NOTHING <= min(row.cells) <= max(row.cells) < len(self.kinds):
                raise ValueError(f"{row.head}: a cell of no kind")

    def word(self, row: int, column: int) -> str:
        """What stands in a cell."""
        kind = self.rows[row].cells[column]
        said = _("nothing") if kind == NOTHING else self.kinds[kind].word
        note = self.rows[row].notes[column] if self.rows[row].notes else ""
        return _("{what}, {note}").format(what=said, note=note) if note else said

    def tell(self, row: int, column: int) -> str:
        """A cell with its row and its column, for tooltips and screen readers."""
        return _("{row}, {column}: {what}").format(
            row=self.rows[row].head, column=self.columns[column].name, what=self.word(row, column)
        )

    def summary(self) -> str:
        """How large it is and how often each kind stands in it."""
        count = Counter(kind for row in self.rows for kind in row.cells)
        rows = ngettext("{n} row", "{n} rows", len(self.rows)).format(n=words.number(len(self.rows)))
        columns = ngettext("{n} column", "{n} columns", len(self.columns)).format(n=words.number(len(self.columns)))
        said = [
            _("{what}: {n}").format(what=kind.word, n=words.number(count[at])) for at, kind in enumerate(self.kinds)
        ]
        return ", ".join((rows, columns, *said))

    def table(self) -> TableWords:
        """The whole as (head, rows) of words."""
        head = (self.corner, *(column.name for column in self.columns), *self.aside_heads)
        across = range(len(self.columns))
        return head, [
            (row.head, *(self.word(at, column) for column in across), *row.asides) for at, row in enumerate(self.rows)
        ]


def runs(cells: Sequence[int]) -> tuple[Run, ...]:
    """The row as stretches of cells that look the same, without those in which nothing stands."""
    found, start = [], 0
    for kind, stretch in groupby(cells):
        length = len(list(stretch))
        if kind != NOTHING:
            found.append((start, length, kind))
        start += length
    return tuple(found)
