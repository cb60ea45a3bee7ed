"""A day of many things at once: the line below which half of them are, and the band up to what nearly all are below."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present import format as words
from backend.core.present.text import _
from widgets import tokens
from widgets.figure_menu import FigureMenu
from widgets.focus_ring import shows_focus
from widgets.grid_data import TableWords
from widgets.tip import set_tip

HEAD, FOOT, GUTTER, LOWEST = 32, 18, 30, 124
WORDS, NARROWEST, LEAST_ROOM = 20, 110, 60
TOPS = (10.0, 25.0, 50.0, 100.0)
EVERY = timedelta(hours=6)
FILL_ALPHA = 56
MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -12, Qt.Key.Key_PageDown: 12}


@dataclass(frozen=True)
class BandData:
    """Moments (epoch seconds) between ``since`` and ``until``, and two figures in percent at each.

    Moments that are further apart than ``longest_s`` have a gap between them: nothing was observed there.
    """

    since: int = 0
    until: int = 0
    times: tuple[int, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    longest_s: int = 660

    def runs(self) -> Iterator[range]:
        """Places of the moments without a gap between them."""
        begin = 0
        for at in range(1, len(self.times) + 1):
            if at == len(self.times) or self.times[at] - self.times[at - 1] > self.longest_s:
                yield range(begin, at)
                begin = at

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Seconds from which until which nothing was observed."""
        ends = [self.since]
        for run in self.runs():
            ends += [self.times[run.start], self.times[run.stop - 1]]
        ends.append(self.until)
        return ((a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if b - a > self.longest_s)

    def nearest(self, second: float) -> int:
        """The place of the moment that is nearest."""
        after = bisect_left(self.times, second)
        around = [at for at in (after - 1, after) if 0 <= at < len(self.times)]
        return min(around, key=lambda at: abs(self.times[at] - second))


class BandPlot(QWidget):
    """Painted by hand; lives in the GUI thread. ``low_name`` and ``high_name`` are what the two figures are called.

    What the pointer or the arrows are at stands above, at the right; else the newest moment. ``table_asked`` is emitted
    by *as table* in the menu; the owner shows :meth:`table`.
    """

    table_asked = Signal()

    def __init__(self, name: str, low_name: str, high_name: str) -> None:
        super().__init__()
        self._name, self._low_name, self._high_name = name, low_name, high_name
        self._data = BandData()
        self._hovered: int | None = None
        self._chosen: int | None = None
        self.menu = FigureMenu(self, self.table)
        self.menu.table_asked.connect(self.table_asked)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(NARROWEST, LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def data(self) -> BandData:
        return self._data

    @property
    def words(self) -> str:
        """What is said above the plot."""
        at = self._hovered if self._hovered is not None else self._chosen
        if not self._data.times:
            return _("not observed")
        place = len(self._data.times) - 1 if at is None else at
        low, high = words.number(self._data.low[place]), words.number(self._data.high[place])
        said = f"{self._low_name} {low} %, {self._high_name} {high} %"
        return said if at is None else f"{words.minute(_moment(self._data.times[place]))}: {said}"

    def set_data(self, data: BandData) -> None:
        """Show this; what was pointed at is let go where there is less than before."""
        self._data = data
        if self._chosen is not None and self._chosen >= len(data.times):
            self._chosen = None
        self._hovered = None
        self.setAccessibleDescription(self.words)
        set_tip(self, self.words)
        self.update()

    def table(self) -> TableWords:
        """The whole as (head, rows) of words."""
        data = self._data
        rows: list[tuple[str, ...]] = [
            (words.exact(_moment(at)), words.number(low), words.number(high))
            for at, low, high in zip(data.times, data.low, data.high, strict=True)
        ]
        return (_("Time"), f"{self._low_name} (%)", f"{self._high_name} (%)"), rows

    def sizeHint(self) -> QSize:
        return QSize(240, 130)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, box = tokens.theme_of(self.palette()), self._box()
        painter = QPainter(self)
        self._paint_words(painter, theme)
        top = self._top()
        painter.setPen(Qt.PenStyle.NoPen)
        for begin, end in self._data.gaps():
            left, right = self._x(begin, box), self._x(end, box)
            painter.fillRect(QRectF(left, box.top(), right - left, box.height()), QColor(theme.chart_gap))
        self._paint_grid(painter, theme, box, top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for run in self._data.runs():
            self._paint_run(painter, theme, run, top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        at = self._hovered if self._hovered is not None else self._chosen
        if at is not None:
            x = round(self._x(self._data.times[at], box))
            painter.setPen(QPen(QColor(theme.text_secondary), 1))
            painter.drawLine(x, box.top(), x, box.bottom())
        if shows_focus(self):
            painter.setPen(QPen(QColor(theme.focus_ring), tokens.FOCUS_RING))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        box, data = self._box(), self._data
        if data.times and box.width() > 0:
            share = (event.position().x() - box.left()) / box.width()
            self._hovered = data.nearest(data.since + share * (data.until - data.since))
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows and pages go through the moments, Home and End to their ends; Escape lets go."""
        last, key = len(self._data.times) - 1, Qt.Key(event.key())
        if last < 0 or (key not in MOVES and key not in (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Escape)):
            super().keyPressEvent(event)
            return
        at = last if self._chosen is None else self._chosen
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last, Qt.Key.Key_Escape: None}
        self._chosen = ends[key] if key in ends else max(0, min(last, at + MOVES[key]))
        self.setAccessibleDescription(self.words)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._chosen = None
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu.open(event.globalPos())

    def _box(self) -> QRect:
        return self.rect().adjusted(GUTTER, HEAD, -4, -FOOT)

    def _top(self) -> float:
        """The lowest of a few round ends that everything is below."""
        most = max((value for value in self._data.high if value == value), default=0.0)
        return next((top for top in TOPS if most <= top), TOPS[-1])

    def _x(self, second: float, box: QRect) -> float:
        span = max(1, self._data.until - self._data.since)
        return box.left() + (second - self._data.since) / span * box.width()

    def _paint_words(self, painter: QPainter, theme: tokens.Theme) -> None:
        room = self.rect().adjusted(0, 0, -4, WORDS - self.height())
        strong = QFont(self.font())
        strong.setWeight(QFont.Weight.DemiBold)
        painter.setFont(strong)
        painter.setPen(QColor(theme.text_primary))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._name)
        room.setLeft(painter.fontMetrics().horizontalAdvance(self._name) + 8)
        painter.setFont(self._small())
        painter.setPen(QColor(theme.text_muted))
        if room.width() < LEAST_ROOM:
            return  # the tip and the screen reader still say it
        said = painter.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)

    def _paint_grid(self, painter: QPainter, theme: tokens.Theme, box: QRect, top: float) -> None:
        painter.setFont(self._small())
        for value in (0.0, top / 2, top):
            y = round(box.bottom() - value / top * box.height())
            painter.setPen(QColor(theme.chart_grid))
            painter.drawLine(box.left(), y, box.right(), y)
            painter.setPen(QColor(theme.chart_axis))
            room = QRect(0, y - 9, GUTTER - 6, 18)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        free = box.left()
        for at in self._hours():
            x, word = round(self._x(at.timestamp(), box)), at.strftime("%H:%M")
            half = painter.fontMetrics().horizontalAdvance(word) // 2 + 1
            if free <= x - half and x + half <= box.right() + 4:
                free = x + half + 6
                room = QRect(x - half, box.bottom() + 2, 2 * half, FOOT - 2)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, word)

    def _hours(self) -> Iterator[datetime]:
        """Whole local hours of the axis."""
        if self._data.until <= self._data.since:
            return
        at = _moment(self._data.since).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        while at.timestamp() <= self._data.until:
            if at.timestamp() >= self._data.since:
                yield at
            at += EVERY

    def _paint_run(self, painter: QPainter, theme: tokens.Theme, run: range, top: float) -> None:
        box, data, line = self._box(), self._data, QColor(theme.series[0])
        low = [self._point(data.times[at], data.low[at], box, top) for at in run]
        high = [self._point(data.times[at], data.high[at], box, top) for at in run]
        fill = QColor(line)
        fill.setAlpha(FILL_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF([*low, *reversed(high)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(line, 1.5))
        painter.drawPolyline(QPolygonF(low))
        painter.setPen(QPen(line, 1.0, Qt.PenStyle.DotLine))
        painter.drawPolyline(QPolygonF(high))

    def _point(self, second: int, value: float, box: QRect, top: float) -> QPointF:
        return QPointF(self._x(second, box), box.bottom() - min(value, top) / top * box.height())

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        return font


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
