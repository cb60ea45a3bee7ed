"""The steps of a job from top to bottom: shape, title, note, time, a line that joins them, and room for a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QHideEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.status import Status, word
from backend.core.present.text import _
from widgets import tokens
from widgets.status_shape import paint_status
from widgets.tip import show_tip, with_exact
from widgets.turning import Turning

ROW, PLAIN_ROW = 40, 28  # with a note below the title, and without
EDGE = 4
GLYPH_X = 22
WORDS_X = 40
LINE, NOTE_Y = 20, 17
BOX_TOP, BOX_GAP = 26, 16
NARROWEST, WIDTH = 200, 320


@dataclass(frozen=True)
class StepLine:
    """One step; ``status`` None is a step to come (a thin ring)."""

    title: str
    note: str
    time: str
    status: Status | None
    is_current: bool = False


class JobProgress(QWidget):
    """Painted by hand; all lines are its accessible description."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: tuple[StepLine, ...] = ()
        self._box: QWidget | None = None
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._turning = Turning(self)
        self._turning.turned.connect(self._repaint_rings)

    @property
    def lines(self) -> tuple[StepLine, ...]:
        return self._lines

    @property
    def current_end(self) -> int:
        """The lower edge of the current step with its note, in px; 0 where none is current."""
        at = next((at for at, line in enumerate(self._lines) if line.is_current), None)
        return 0 if at is None else self._top_of(at) + _height(self._lines[at])

    def begin_at(self, y: int) -> int:
        """Where the first step begins that is whole from ``y`` on, in px; ``y`` where there is none."""
        begins = (self._top_of(at) - EDGE for at in range(len(self._lines)))
        return next((begin for begin in begins if begin >= y), y)

    def set_lines(self, lines: Sequence[StepLine]) -> None:
        """Show these steps; nothing happens if they are shown already."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self.setAccessibleDescription("\n".join(_spoken(line) for line in lines))
        self._turning.run(self._is_running())
        self._arrange()

    def set_box(self, box: QWidget | None) -> None:
        """Put a widget (the question of a waiting job) under the current step; None takes it away.

        The box becomes ours; one that is replaced is deleted.
        """
        if box is self._box:
            return
        if self._box is not None:
            self._box.removeEventFilter(self)
            self._box.hide()
            self._box.deleteLater()
        self._box = box
        if box is not None:
            box.setParent(self)
            box.installEventFilter(self)
            box.show()
        self._arrange()

    def sizeHint(self) -> QSize:
        width = max(WIDTH, self.width())
        return QSize(WIDTH, self.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return EDGE + sum(map(_height, self._lines)) + self._box_height(width) + EDGE

    def minimumSizeHint(self) -> QSize:
        box = self._box.minimumSizeHint().width() if self._box is not None else 0
        return QSize(max(NARROWEST, WORDS_X + box + tokens.PANEL_PADDING), self.sizeHint().height())

    def tip_at(self, y: int) -> str:
        """The whole words of the step at ``y``; nothing beside them."""
        for at, line in enumerate(self._lines):
            if self._top_of(at) <= y < self._top_of(at) + _height(line):
                return with_exact("\n".join(part for part in (line.title, line.note) if part), line.note, line.time)
        return ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(event.globalPos(), self.tip_at(event.pos().y()), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The box asks for another height: the steps below it move."""
        if watched is self._box and event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._turning.run(self._is_running())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._turning.run(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = tokens.theme_of(self.palette())
        for at, line in enumerate(self._lines):
            if self._top_of(at + 1) >= event.rect().top() and self._top_of(at) <= event.rect().bottom():
                self._paint_row(painter, at, line, theme)

    def _box_at(self) -> int:
        """The step the box stands under: the current one, else the last."""
        if self._box is None:
            return -1
        return next((at for at, line in enumerate(self._lines) if line.is_current), len(self._lines) - 1)

    def _lead(self) -> int:
        """How far below the top of its step the box begins: under the note, or in its place."""
        at = self._box_at()
        return ROW if at >= 0 and self._lines[at].note else BOX_TOP

    def _box_height(self, width: int) -> int:
        """How far the box moves the steps below it."""
        if self._box is None:
            return 0
        at = self._box_at()
        return self._lead() + self._room_of_box(width) + BOX_GAP - (_height(self._lines[at]) if at >= 0 else 0)

    def _room_of_box(self, width: int) -> int:
        if self._box is None:
            return 0
        inner = width - WORDS_X - tokens.PANEL_PADDING
        return self._box.heightForWidth(inner) if self._box.hasHeightForWidth() else self._box.sizeHint().height()

    def _top_of(self, at: int) -> int:
        below_box = self._box is not None and at > self._box_at()
        above = sum(map(_height, self._lines[:at]))
        return EDGE + above + (self._box_height(self.width()) if below_box else 0)

    def _arrange(self) -> None:
        if self._box is not None:
            top = self._top_of(max(0, self._box_at())) + self._lead()
            width = self.width() - WORDS_X - tokens.PANEL_PADDING
            self._box.setGeometry(WORDS_X, top, width, self._room_of_box(self.width()))
        self.updateGeometry()
        self.update()

    def _is_running(self) -> bool:
        return any(line.status is Status.RUNNING for line in self._lines)

    def _repaint_rings(self) -> None:
        for at, line in enumerate(self._lines):
            if line.status is Status.RUNNING:
                self.update(QRect(GLYPH_X - 8, self._top_of(at), 16, LINE))

    def _paint_row(self, painter: QPainter, at: int, line: StepLine, theme: tokens.Theme) -> None:
        top = self._top_of(at)
        centre = QPointF(GLYPH_X, top + LINE / 2)
        if at + 1 < len(self._lines):
            painter.setPen(QPen(QColor(theme.border_strong), 1))
            painter.drawLine(QPointF(GLYPH_X + 0.5, top + 18), QPointF(GLYPH_X + 0.5, self._top_of(at + 1) + 2))
        if line.status is None:
            painter.setPen(QPen(QColor(theme.border_control), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, 4.75, 4.75)
        else:
            paint_status(painter, centre, line.status, theme, degrees=self._turning.degrees)
        box = QRect(WORDS_X, top, self.width() - WORDS_X - tokens.PANEL_PADDING, LINE)
        painter.setFont(self._font(tokens.SMALL))
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, line.time)
        room = box.width() - painter.fontMetrics().horizontalAdvance(line.time) - 12
        self._paint_words(painter, QRectF(box), line, theme, room)

    def _paint_words(self, painter: QPainter, box: QRectF, line: StepLine, theme: tokens.Theme, room: int) -> None:
        weight = QFont.Weight.DemiBold if line.is_current else QFont.Weight.Normal
        painter.setFont(self._font(tokens.BODY, weight))
        painter.setPen(QColor(theme.text_secondary if line.status is None else theme.text_primary))
        title = painter.fontMetrics().elidedText(line.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(self._font(tokens.SMALL))
        painter.setPen(QColor(theme.text_muted))
        note = painter.fontMetrics().elidedText(line.note, Qt.TextElideMode.ElideRight, round(box.width()))
        painter.drawText(box.translated(0, NOTE_Y), Qt.AlignmentFlag.AlignVCenter, note)

    def _font(self, size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size)
        font.setWeight(weight)
        return font


def _height(line: StepLine) -> int:
    return ROW if line.note else PLAIN_ROW


def _spoken(line: StepLine) -> str:
    state = word(line.status) if line.status is not None else _("Pending")
    return ", ".join(part for part in (f"{line.title}: {state}", line.note, line.time) if part)
