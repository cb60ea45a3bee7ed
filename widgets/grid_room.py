"""How a grid shares its room: words first, then the cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontMetrics

from widgets import tokens
from widgets.grid_data import GridData
from widgets.grid_geometry import EDGE, GridGeometry

ASIDE_GAP, ABOVE = 24, 6
LEFT_SHARE, LEFT_LEAST = 0.4, 96
TURNED_MOST = 120


@dataclass(frozen=True)
class GridFonts:
    """Of heads above and beside, of the rows' names and figures, and of the chosen row's name."""

    head: QFont
    row: QFont
    chosen: QFont


@dataclass(frozen=True)
class CellSize:
    """The least size of a cell, and how wide it grows where there is room."""

    width: int
    height: int
    widest: int


def share(data: GridData, fonts: GridFonts, view: QSize, size: CellSize) -> tuple[GridGeometry, bool]:
    """Where all stands in a viewport, and whether the heads are turned because they have no room side by side."""
    head = QFontMetrics(fonts.head)
    left, asides = _names(data, fonts, view.width()), _asides(data, fonts)
    room = view.width() - left - sum(asides) - EDGE
    cell_width = max(size.width, min(size.widest, room // max(1, len(data.columns))))
    is_turned = not _fit_flat(data, head, cell_width)
    top = _turned_height(data, head) if is_turned else tokens.TABLE_HEADER
    counts = len(data.rows), len(data.columns)
    return GridGeometry(view.width(), view.height(), *counts, left, top, cell_width, size.height, asides), is_turned


def _names(data: GridData, fonts: GridFonts, width: int) -> int:
    """As wide as the longest name, but the cells keep most of the room."""
    chosen, head = QFontMetrics(fonts.chosen), QFontMetrics(fonts.head)
    longest = max((chosen.horizontalAdvance(row.head) for row in data.rows), default=0)
    wanted = max(longest, head.horizontalAdvance(data.corner)) + EDGE + ASIDE_GAP
    return min(wanted, max(LEFT_LEAST, round(width * LEFT_SHARE)))


def _asides(data: GridData, fonts: GridFonts) -> tuple[int, ...]:
    head, row = QFontMetrics(fonts.head), QFontMetrics(fonts.row)
    found = []
    for at, word in enumerate(data.aside_heads):
        figures = max((row.horizontalAdvance(each.asides[at]) for each in data.rows), default=0)
        found.append(max(figures, head.horizontalAdvance(word)) + ASIDE_GAP)
    return tuple(found)


def _fit_flat(data: GridData, metrics: QFontMetrics, cell_width: int) -> bool:
    """Whether the heads have room side by side above their columns."""
    headed = [(at, metrics.horizontalAdvance(column.head)) for at, column in enumerate(data.columns) if column.head]
    return all((one + other) / 2 + 8 <= (after - at) * cell_width for (at, one), (after, other) in pairwise(headed))


def _turned_height(data: GridData, metrics: QFontMetrics) -> int:
    longest = max(metrics.horizontalAdvance(column.head) for column in data.columns)
    return min(TURNED_MOST, longest + 2 * ABOVE + 2)
