"""Unobserved time: bands in the ground of a plot, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from backend.core.present import format as words
from backend.core.present.decimate import Gap
from backend.core.present.text import _, ngettext, telling

HOUR_S, DAY_S, MONTH_S, SECONDS_BELOW_S = 3600.0, 86_400.0, 32 * 86_400.0, 600.0


class GapBands(pg.GraphicsObject):  # type: ignore[misc]
    """Lies under the grid of a plot, which owns it: one item for all gaps, so that a tick does not flicker."""

    def __init__(self, view_box: Any) -> None:
        super().__init__()
        self._box = view_box
        self._colour = QColor()
        self.gaps: tuple[Gap, ...] = ()
        self.setZValue(-20)
        view_box.sigRangeChanged.connect(self._changed)

    def show_gaps(self, gaps: Sequence[Gap]) -> None:
        if tuple(gaps) != self.gaps:
            self.gaps = tuple(gaps)
            self.update()

    def recolour(self, colour: str) -> None:
        self._colour = QColor(colour)
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(self._box.viewRect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        room = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for gap in self.gaps:
            left, right = max(gap.since, room.left()), min(gap.until, room.right())
            if left < right:
                painter.fillRect(QRectF(left, room.top(), right - left, room.height()), self._colour)

    def _changed(self, *_: Any) -> None:
        self.prepareGeometryChange()
        self.update()


def gap_words(gap: Gap, now: float) -> str:
    """'not observed 3 to 8 Oct: the host refused our key'; *since* where it goes on."""
    if gap.until >= now - 1:
        when = _("not observed since {start}").format(start=stamp(gap.since, now))
    else:
        start, end = _ends(gap, now)
        when = _("not observed {start} to {end}").format(start=start, end=end)
    why = gap.why.rstrip(".")
    return _("{when}: {why}").format(when=when, why=why) if why else when


def gaps_in_view(gaps: Sequence[Gap], start: float, end: float, now: float) -> str:
    """The newest gap that is seen, and how many more there are; empty where all was observed."""
    seen = [gap for gap in gaps if gap.until > start and gap.since < end]
    if not seen:
        return ""
    said = gap_words(seen[-1], now)
    more = len(seen) - 1
    if not more:
        return said
    return ngettext("{gap}; {n} more gap", "{gap}; {n} more gaps", more).format(gap=said, n=words.number(more))


def stamp(moment: float, now: float, *, span_s: float = DAY_S) -> str:
    """A moment on this computer's clock, with its day when that is not today; as exact as so long a time needs."""
    local = datetime.fromtimestamp(moment).astimezone()
    if span_s > MONTH_S:
        return telling(words.day(local), local)
    clock = local.strftime("%H:%M:%S" if span_s <= HOUR_S else "%H:%M")
    if local.date() == datetime.fromtimestamp(now).astimezone().date():
        return telling(clock, local)
    return telling(_("{day}, {time}").format(day=words.day(local), time=clock), local)


def _ends(gap: Gap, now: float) -> tuple[str, str]:
    """Days where it lasted for days; seconds where it lasted for minutes; the day once where both are of one."""
    start, end = (datetime.fromtimestamp(each).astimezone() for each in (gap.since, gap.until))
    if gap.until - gap.since >= 2 * DAY_S:
        return telling(words.day(start), start), telling(words.day(end), end)
    span_s = HOUR_S if gap.until - gap.since < SECONDS_BELOW_S else DAY_S
    last = start.timestamp() if start.date() == end.date() else now
    return stamp(gap.since, now, span_s=span_s), stamp(gap.until, last, span_s=span_s)
