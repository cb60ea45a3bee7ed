"""The steps of a wizard from left to right: which are done, which is shown, which are to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QSizePolicy, QWidget

from backend.core.present.status import Status
from backend.core.present.text import N_, _
from widgets import tokens
from widgets.icons import icon
from widgets.status_shape import paint_status
from widgets.tip import set_tip

CIRCLE, HEIGHT, GAP, EDGE = 20, 32, 8, 4
LINE = 24


class StepState(Enum):
    """Where a person is with a step."""

    DONE = N_("done")
    CURRENT = N_("current step")
    WRONG = N_("needs correction")
    COMING = N_("to come")


@dataclass(frozen=True)
class WizardStep:
    """One step with its words."""

    words: str
    state: StepState = StepState.COMING


class Stepper(QWidget):
    """``asked`` carries the number of a step a person wants to go back to; steps to come cannot be asked for.

    Where the words of all steps have no room, only the current one has words, and the others their tooltip.
    """

    asked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.buttons: list[StepButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(LINE)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addStretch(1)

    def set_steps(self, steps: Sequence[WizardStep]) -> None:
        """Show these; a step that stays keeps its button, and with it the keyboard."""
        while len(self.buttons) < len(steps):
            button = StepButton(len(self.buttons) + 1)
            button.clicked.connect(self._ask)
            self._row.insertWidget(len(self.buttons), button)
            self.buttons.append(button)
        while len(self.buttons) > len(steps):
            gone = self.buttons.pop()
            gone.hide()
            gone.deleteLater()
        for button, step in zip(self.buttons, steps, strict=True):
            button.show_step(step)
        done = [step.words for step in steps if step.state is StepState.DONE]
        said = [
            _("step {n} of {count}: {words}").format(n=at + 1, count=len(steps), words=step.words)
            for at, step in enumerate(steps)
            if step.state in (StepState.CURRENT, StepState.WRONG)
        ]
        if done:
            said.append(_("done: {words}").format(words=", ".join(done)))
        self.setAccessibleDescription(". ".join(said))
        self._fold()

    def minimumSizeHint(self) -> QSize:
        widths = [button.width_of(is_short=not button.is_current) for button in self.buttons]
        return QSize(sum(widths) + LINE * max(0, len(widths) - 1), HEIGHT)

    def sizeHint(self) -> QSize:
        widths = [button.width_of(is_short=False) for button in self.buttons]
        return QSize(sum(widths) + LINE * max(0, len(widths) - 1), HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A thin line between neighbours."""
        painter = QPainter(self)
        painter.setPen(QColor(tokens.theme_of(self.palette()).border_strong))
        middle = self.height() // 2
        for one, other in zip(self.buttons, self.buttons[1:], strict=False):
            painter.drawLine(one.geometry().right() + 3, middle, other.geometry().left() - 3, middle)

    def _fold(self) -> None:
        is_narrow = self.sizeHint().width() > self.width()
        for button in self.buttons:
            button.show_short(is_short=is_narrow and not button.is_current)
        self._row.activate()
        self.update()

    def _ask(self) -> None:
        at = next((at for at, button in enumerate(self.buttons) if button is self.sender()), None)
        if at is not None:
            self.asked.emit(at)


class StepButton(QPushButton):
    """A circle with a number, or a mark, and the words of a step; made and owned by the stepper."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self._step, self._is_short = number, WizardStep(""), False
        self.setProperty("kind", "step")
        self.setAutoDefault(False)
        self.setFixedHeight(HEIGHT - 2 * EDGE)

    @property
    def is_current(self) -> bool:
        return self._step.state in (StepState.CURRENT, StepState.WRONG)

    def show_step(self, step: WizardStep) -> None:
        self._step = step
        can_ask = step.state is not StepState.COMING
        self.setEnabled(can_ask)
        self.setCursor(Qt.CursorShape.PointingHandCursor if can_ask else Qt.CursorShape.ArrowCursor)
        said = _("{n} {words}, {state}").format(n=self._number, words=step.words, state=_(step.state.value))
        self.setAccessibleName(said)
        self.show_short(is_short=self._is_short)

    def show_short(self, *, is_short: bool) -> None:
        """The circle alone, with the words in the tooltip."""
        self._is_short = is_short
        self.setText("" if is_short else self._step.words)
        set_tip(self, self._step.words if is_short else "")
        self.setFixedWidth(self.width_of(is_short=is_short))
        self.update()

    def width_of(self, *, is_short: bool) -> int:
        word = QFontMetrics(self._word_font(is_strong=True)).horizontalAdvance(self._step.words)
        return 2 * EDGE + CIRCLE + (0 if is_short else GAP + word + 1)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(EDGE, (self.height() - CIRCLE) / 2, CIRCLE, CIRCLE)
        self._paint_circle(painter, circle, theme)
        if self._is_short:
            return
        ink = {
            StepState.CURRENT: theme.text_primary,
            StepState.WRONG: theme.status_critical,
            StepState.DONE: theme.text_primary if self.underMouse() else theme.text_secondary,
            StepState.COMING: theme.text_muted,
        }[self._step.state]
        painter.setPen(QColor(ink))
        painter.setFont(self._word_font(is_strong=self.is_current))
        room = self.rect().adjusted(EDGE + CIRCLE + GAP, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._step.words)

    def _paint_circle(self, painter: QPainter, circle: QRectF, theme: tokens.Theme) -> None:
        state = self._step.state
        if state is StepState.WRONG:
            paint_status(painter, QPointF(int(circle.center().x()), int(circle.center().y())), Status.CRITICAL, theme)
            return
        is_current = state is StepState.CURRENT
        painter.setPen(QPen(QColor(theme.accent_fill if is_current else theme.border_control), 1))
        ground = theme.accent_fill if is_current else theme.bg_hover if self.underMouse() else theme.bg_surface
        painter.setBrush(QColor(ground))
        painter.drawEllipse(circle.adjusted(0.5, 0.5, -0.5, -0.5))
        if state is StepState.DONE:
            box = QRect(int(circle.left()) + 4, int(circle.top()) + 4, CIRCLE - 8, CIRCLE - 8)
            icon("check", theme.accent_text).paint(painter, box)
            return
        painter.setPen(QColor(theme.text_on_accent if is_current else theme.text_muted))
        font = self._word_font(is_strong=is_current)
        font.setPixelSize(tokens.SMALL)
        painter.setFont(font)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _word_font(self, *, is_strong: bool) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal)
        return font
