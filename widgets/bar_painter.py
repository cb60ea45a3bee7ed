"""Paints a plot of bars: grid, bands, bars, plan, limits, today, and the words beside them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from widgets import tokens
from widgets.bar_data import BarData, Form
from widgets.bar_geometry import BarGeometry, heads_that_fit, held_of, outlines_of, parts_of, plan_of
from widgets.swatch import outline_pen
from widgets.tokens import Theme

LEFT = Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignRight
MIDDLE = Qt.AlignmentFlag.AlignVCenter
LINE = 18
GAP = 6


@dataclass(frozen=True)
class BarState:
    """The chosen and the hovered bar."""

    chosen: int | None = None
    hovered: int | None = None
    has_focus: bool = False


class BarPainter:
    """One for a plot at one size in one theme; owned by the plot, in the GUI thread."""

    def __init__(self, data: BarData, place: BarGeometry, theme: Theme, font: QFont, form: Form) -> None:
        self._data, self._place, self._theme, self._form = data, place, theme, form
        self._small, self._strong = QFont(font), QFont(font)
        for each in (self._small, self._strong):
            each.setPixelSize(tokens.SMALL)
        self._strong.setWeight(QFont.Weight.DemiBold)
        self._boxes = parts_of(data, place)
        self._outlines = outlines_of(data, place) if data.has_outlines else []
        self._plan = [] if data.has_outlines else plan_of(data, place)
        self._held = held_of(data)

    def paint(self, painter: QPainter, whole: QRect, state: BarState) -> None:
        """From the ground up: what is data lies over what is not."""
        painter.fillRect(whole, QColor(self._theme.bg_surface))
        painter.setFont(self._small)
        self._paint_marks(painter, state)
        self._paint_grid(painter)
        self._paint_held(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        for boxes, colour in zip(self._boxes, self._theme.series, strict=False):
            painter.setBrush(QColor(colour))
            painter.drawRects(boxes)
        self._paint_plan(painter)
        self._paint_limits(painter)
        self._paint_today(painter)
        self._paint_heads(painter, state)
        self._paint_total(painter, state)

    def _paint_marks(self, painter: QPainter, state: BarState) -> None:
        """The ground of the hovered and the chosen bar."""
        for at, colour in ((state.hovered, self._theme.bg_hover), (state.chosen, self._theme.bg_selected)):
            if at is not None:
                band = self._place.band(at, at)
                painter.fillRect(band, QColor(colour))
                if at == state.chosen and state.has_focus:
                    painter.setPen(QPen(QColor(self._theme.focus_ring), tokens.FOCUS_RING))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRect(band.adjusted(1, 1, -1, -1))

    def _paint_grid(self, painter: QPainter) -> None:
        box = self._place.box
        for tick in self._place.ticks:
            y = self._place.y(tick)
            painter.setPen(QColor(self._theme.border_strong if tick == 0 else self._theme.chart_grid))
            painter.drawLine(box.left(), y, box.right(), y)
            painter.setPen(QColor(self._theme.chart_axis))
            painter.drawText(QRect(0, y - LINE // 2, box.left() - 8, LINE), MIDDLE | RIGHT, self._form(tick))

    def _paint_held(self, painter: QPainter) -> None:
        for first, last, words in self._held:
            band = self._place.band(first, last)
            painter.fillRect(band, QColor(self._theme.chart_gap))
            painter.setPen(QColor(self._theme.text_secondary))
            room = QRectF(self._place.box.left(), band.top(), band.left() - GAP - self._place.box.left(), LINE)
            if painter.fontMetrics().horizontalAdvance(words) <= room.width():
                painter.drawText(room, MIDDLE | RIGHT, words)

    def _paint_plan(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(outline_pen(self._theme))
        for _at, box in self._outlines:
            painter.drawRect(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(outline_pen(self._theme, tokens.LINE_WIDTH_HIGHLIGHT))
        for piece in self._plan:
            painter.drawPolyline(piece)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for at, box in self._outlines:
            planned = self._data.bars[at].planned or 0.0
            self._word_over(painter, at, box.top(), self._form(planned), self._theme.text_secondary)

    def _paint_limits(self, painter: QPainter) -> None:
        """Dashes begin after the word, so that none strikes it through."""
        box = self._place.box
        for limit in self._data.limits:
            y = self._place.y(limit.value)
            pen = QPen(QColor(self._theme.status_warning), 1)
            pen.setDashPattern([3.0, 3.0])
            painter.setPen(pen)
            start = box.left() + GAP + painter.fontMetrics().horizontalAdvance(limit.word) + GAP
            painter.drawLine(start, y, box.right(), y)
            room = QRect(box.left() + GAP // 2, y - LINE // 2, start - box.left() - GAP, LINE)
            painter.fillRect(room.adjusted(0, 2, 0, -2), QColor(self._theme.bg_surface))
            painter.drawText(room.adjusted(GAP // 2, 0, 0, 0), MIDDLE | LEFT, limit.word)

    def _paint_today(self, painter: QPainter) -> None:
        at = self._data.today
        if at is None:
            return
        box = self._place.box
        x = round(self._place.band(at, at).right())
        painter.setPen(QColor(self._theme.accent_text))
        painter.drawLine(x, box.top(), x, box.bottom())
        painter.setFont(self._strong)
        width = painter.fontMetrics().horizontalAdvance(self._data.today_word)
        is_right = x + GAP + width <= box.right()
        left = x + GAP if is_right else x - GAP - width
        painter.drawText(QRect(left, box.top(), width + 1, LINE), MIDDLE | LEFT, self._data.today_word)
        painter.setFont(self._small)

    def _paint_heads(self, painter: QPainter, state: BarState) -> None:
        box, metrics = self._place.box, painter.fontMetrics()
        heads = [(at, metrics.horizontalAdvance(bar.head)) for at, bar in enumerate(self._data.bars) if bar.head]
        for at in heads_that_fit(heads, self._place.slot):
            word = self._data.bars[at].head
            width = metrics.horizontalAdvance(word)
            left = max(0, min(round(self._place.middle(at) - width / 2), box.right() - width + GAP))
            painter.setFont(self._strong if at == state.chosen else self._small)
            painter.setPen(QColor(self._theme.text_primary if at == state.chosen else self._theme.chart_axis))
            painter.drawText(
                QRect(left - GAP, box.bottom() + 5, width + 2 * GAP, LINE), Qt.AlignmentFlag.AlignCenter, word
            )
        painter.setFont(self._small)

    def _paint_total(self, painter: QPainter, state: BarState) -> None:
        """The whole of the hovered, else of the chosen bar, over it."""
        at = state.hovered if state.hovered is not None else state.chosen
        total = self._data.bars[at].total if at is not None else None
        if at is not None and total is not None and at not in [each for each, _box in self._outlines]:
            painter.setFont(self._strong)
            self._word_over(painter, at, self._place.y(total), self._form(total), self._theme.text_primary)
            painter.setFont(self._small)

    def _word_over(self, painter: QPainter, at: int, top: int, words: str, colour: str) -> None:
        """On a ground of its own: lines lie there too."""
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(words) + 4
        left = round(self._place.middle(at) - width / 2)
        left = max(self._place.box.left(), min(left, self._place.box.right() - width))
        room = QRect(left, max(0, top - LINE), width, LINE - 2)
        painter.fillRect(room, QColor(self._theme.bg_surface))
        painter.setPen(QColor(colour))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)
