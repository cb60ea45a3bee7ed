"""Where bars, lines and words of a plot stand; numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRect, QRectF

from widgets import tokens
from widgets.bar_data import BarData

WIDEST_BAR, BAR_SHARE = 30, 0.62
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MOST_TICKS = 6
HEADROOM = 1.02


@dataclass(frozen=True)
class BarGeometry:
    """A plot of ``count`` bars in ``box`` (pixels), whose values go from 0 to ``top``."""

    box: QRect
    count: int
    top: float
    ticks: tuple[float, ...]

    @property
    def slot(self) -> float:
        """The room of one bar with its gap."""
        return self.box.width() / max(1, self.count)

    @property
    def bar_width(self) -> int:
        return max(1, min(WIDEST_BAR, floor(self.slot * BAR_SHARE)))

    def y(self, value: float) -> int:
        return self.box.bottom() + 1 - round(value / self.top * self.box.height())

    def middle(self, at: int) -> float:
        """The middle of a bar, across."""
        return self.box.left() + (at + 0.5) * self.slot

    def left(self, at: int) -> int:
        return round(self.middle(at) - self.bar_width / 2)

    def band(self, first: int, last: int) -> QRectF:
        """The room of some neighbours, from top to bottom."""
        start = self.box.left() + first * self.slot
        return QRectF(start, self.box.top(), (last + 1 - first) * self.slot, self.box.height())

    def at(self, x: int) -> int | None:
        """The bar at a place across; None beside them."""
        found = floor((x - self.box.left()) / self.slot)
        return found if 0 <= found < self.count and self.box.left() <= x else None


def scale(highest: float) -> tuple[float, tuple[float, ...]]:
    """The end of the axis for values up to ``highest``, and its ticks from 0 on, at round numbers."""
    wanted = max(highest, 1e-9) * HEADROOM
    power = 10.0 ** floor(log10(wanted / MOST_TICKS))
    step = next(each * power for each in STEPS if each * power * MOST_TICKS >= wanted)
    count = ceil(wanted / step)
    return max(wanted, step * (count - 1)), tuple(step * at for at in range(count + 1) if step * at <= wanted)


def parts_of(data: BarData, place: BarGeometry) -> list[list[QRect]]:
    """The boxes of each part, with one pixel between parts that are high enough to spare it."""
    found: list[list[QRect]] = [[] for _part in data.parts]
    width = place.bar_width
    for at, bar in enumerate(data.bars):
        left, base, below = place.left(at), 0.0, place.box.bottom() + 1
        for boxes, value in zip(found, bar.values, strict=False):
            base += value
            top = place.y(base)
            gap = 1 if below - top > 2 and below <= place.box.bottom() else 0
            if below - gap > top:
                boxes.append(QRect(left, top, width, below - gap - top))
            below = top
    return found


def plan_of(data: BarData, place: BarGeometry) -> list[list[QPointF]]:
    """The planned line, in pieces where some bars have no plan."""
    pieces: list[list[QPointF]] = [[]]
    for at, bar in enumerate(data.bars):
        if bar.planned is None:
            pieces.append([])
        else:
            pieces[-1].append(QPointF(place.middle(at), place.y(bar.planned)))
    return [piece for piece in pieces if len(piece) > 1]


def outlines_of(data: BarData, place: BarGeometry) -> list[tuple[int, QRect]]:
    """A box on each bar up to its plan, where that is higher."""
    found = []
    for at, bar in enumerate(data.bars):
        if bar.planned is not None and bar.planned > (bar.total or 0.0):
            top, bottom = place.y(bar.planned), place.y(bar.total or 0.0)
            found.append((at, QRect(place.left(at), top, place.bar_width - 1, bottom - top - 1)))
    return found


def held_of(data: BarData) -> list[tuple[int, int, str]]:
    """(first, last, words) of neighbours that were held for one reason."""
    found: list[tuple[int, int, str]] = []
    for at, bar in enumerate(data.bars):
        if bar.held and found and found[-1][1] == at - 1 and found[-1][2] == bar.held:
            found[-1] = (found[-1][0], at, bar.held)
        elif bar.held:
            found.append((at, at, bar.held))
    return found


def heads_that_fit(heads: list[tuple[int, int]], slot: float) -> list[int]:
    """Of (bar, width of its word) those that have room side by side, evenly, the last one always."""
    for every in range(1, len(heads) + 1):
        kept = heads[::-1][::every]
        pairs = pairwise(kept)
        if all((one + other) / 2 + tokens.SPACE[1] <= (at - before) * slot for (at, one), (before, other) in pairs):
            return [at for at, _width in kept]
    return []
