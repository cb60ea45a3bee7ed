"""Short facts below each other, each a row that leads somewhere: a shape, words, a small meter, a value."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from backend.core.present.status import Status, word
from widgets import tokens
from widgets.focus_ring import shows_focus
from widgets.status_shape import paint_status, word_colour
from widgets.tip import set_tip, with_exact

SHAPE_ROOM, METER, GAP = 18, (64, 6), 8
CENTRE = Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Fact:
    """``key`` tells it apart; ``share`` (of one) is shown as a meter before ``value``, which the status tones
    where ``is_toned``."""

    key: Hashable
    text: str
    value: str
    status: Status | None = None
    share: float | None = None
    tip: str = ""
    is_toned: bool = True


class FactRow(QAbstractButton):
    """One of them. Lives with its list."""

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self.fact = fact
        self.has_shapes = False
        self.setFixedHeight(tokens.ROW)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_fact(fact, has_shapes=False)

    def show_fact(self, fact: Fact, *, has_shapes: bool) -> None:
        """``has_shapes``: some row of the list has one, so all words begin behind its place."""
        self.fact, self.has_shapes = fact, has_shapes
        status = [word(fact.status)] if fact.status is not None else []
        self.setAccessibleName(", ".join([*status, fact.text, fact.value]))
        set_tip(self, with_exact(fact.tip or f"{fact.text}: {fact.value}", fact.text, fact.value))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, tokens.ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, tokens.ROW)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, fact, box = tokens.theme_of(self.palette()), self.fact, self.rect()
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            painter.fillRect(box, QColor(theme.bg_selected if self.isDown() else theme.bg_hover))
        painter.setPen(QColor(theme.chart_grid))
        painter.drawLine(box.left(), box.bottom(), box.right(), box.bottom())
        left = SHAPE_ROOM if self.has_shapes else 0
        if fact.status is not None:
            paint_status(painter, QPointF(6, box.center().y()), fact.status, theme)
        right = self._paint_value(painter, theme, box)
        painter.setFont(self.font())
        wanted = painter.fontMetrics().horizontalAdvance(fact.text) + GAP
        if fact.share is not None and right - GAP - METER[0] - wanted >= left:
            right = self._paint_meter(painter, theme, right)
        painter.setPen(QColor(theme.text_primary))
        room = QRect(left, box.top(), right - GAP - left, box.height())
        text = painter.fontMetrics().elidedText(fact.text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | CENTRE, text)
        if shows_focus(self):
            painter.setPen(QPen(QColor(theme.focus_ring), tokens.FOCUS_RING))
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _paint_value(self, painter: QPainter, theme: tokens.Theme, box: QRect) -> int:
        """At the right end, at most half of the row; where it begins."""
        fact, font = self.fact, QFont(self.font())
        tone = word_colour(fact.status, theme) if fact.status is not None and fact.is_toned else None
        if tone is not None:
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(tone or theme.text_secondary))
        most = box.width() * 3 // 5
        text = painter.fontMetrics().elidedText(fact.value, Qt.TextElideMode.ElideRight, most)
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | CENTRE, text)
        return box.right() - width

    def _paint_meter(self, painter: QPainter, theme: tokens.Theme, right: int) -> int:
        width, height = METER
        box = QRectF(right - GAP - width, self.height() / 2 - height / 2, width, height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.meter_track))
        painter.drawRoundedRect(box, tokens.CELL_RADIUS, tokens.CELL_RADIUS)
        painter.setBrush(QColor(theme.accent_fill))
        share = max(0.0, min(1.0, self.fact.share or 0.0))
        painter.drawRoundedRect(
            QRectF(box.left(), box.top(), width * share, height), tokens.CELL_RADIUS, tokens.CELL_RADIUS
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        return int(box.left())


class FactList(QWidget):
    """``pressed`` carries the key of the row a person went for. Rows that stay keep their widget, and the keyboard."""

    pressed = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._rows: dict[Hashable, FactRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def rows(self) -> list[FactRow]:
        return list(self._rows.values())

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these and no others, in this order."""
        before, self._rows = self._rows, {}
        has_shapes = any(fact.status is not None for fact in facts)
        for at, fact in enumerate(facts):
            row = before.pop(fact.key, None) or self._made(fact)
            row.show_fact(fact, has_shapes=has_shapes)
            self._rows[fact.key] = row
            self._column.insertWidget(at, row)
        for row in before.values():
            row.hide()
            row.deleteLater()

    def _made(self, fact: Fact) -> FactRow:
        row = FactRow(fact)
        row.clicked.connect(self._tell)
        return row

    def _tell(self) -> None:
        row = self.sender()
        if isinstance(row, FactRow):
            self.pressed.emit(row.fact.key)
