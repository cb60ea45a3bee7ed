"""One thing to see to, or one piece of advice: a shape, what and why, where and since when, and one button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status, word
from widgets import tokens
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.status_mark import StatusMark

WHERE_WIDTH, BUTTON_WIDTH, MARK_WIDTH = 150, 108, 16
NARROW, NARROW_WHERE = 640, 96
HEIGHT = 62


@dataclass(frozen=True)
class NeedText:
    """The words of a row. ``since`` None: it is not known; ``amount`` stands before the button (*-6.20 USD*)."""

    status: Status
    title: str
    detail: str = ""
    where: str = ""
    since: datetime | None = None
    act: str = ""
    amount: str = ""


class NeedRow(QFrame):
    """``acted`` when the button, or the row itself, was pressed; a row without an act has neither."""

    acted = Signal()

    def __init__(self, text: NeedText) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.text = text
        self.mark = StatusMark(text.status)
        self.mark.setFixedWidth(MARK_WIDTH)
        self.title, self.detail = ElidedLabel(role="strong"), ElidedLabel(role="muted")
        self.where, self.since = ElidedLabel(role="muted"), ElidedLabel(role="small")
        self.amount = Label("", "strong")
        self.button = Button("")
        self.button.setMinimumWidth(BUTTON_WIDTH)
        keeping = self.button.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # so that what stands before it is below each other in a list
        self.button.setSizePolicy(keeping)
        self.button.clicked.connect(self.acted)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        row.setSpacing(12)
        row.addWidget(self.mark)
        row.addLayout(_column(self.title, self.detail), 1)
        self._aside = QWidget()
        self._aside.setFixedWidth(WHERE_WIDTH)
        self._aside.setLayout(_column(self.where, self.since))
        for widget in (self._aside, self.amount, self.button):
            row.addWidget(widget)
        self.show_text(text)

    def show_text(self, text: NeedText) -> None:
        """Say this; the row keeps its place and the keyboard."""
        self.text = text
        self.mark.show_status(text.status)
        self.title.setText(text.title)
        self.detail.setText(text.detail)
        self.where.setText(text.where)
        self.where.setVisible(bool(text.where))
        self._aside.setVisible(bool(text.where or text.since))
        self.amount.setText(text.amount)
        self.amount.setVisible(bool(text.amount))
        self.button.setText(text.act)
        self.button.setVisible(bool(text.act))
        self._show_kind("primary" if text.status is Status.WAITING else "plain")
        self.setCursor(Qt.CursorShape.PointingHandCursor if text.act else Qt.CursorShape.ArrowCursor)
        self.show_age()

    def show_age(self) -> None:
        """Since when, seen now."""
        text = self.text
        age = words.age(text.since, datetime.now(UTC)) if text.since else ""
        self.since.setText(age)
        self.since.setVisible(bool(age))
        said = (word(text.status), text.title, text.detail, text.amount, text.where, age)
        self.setAccessibleName(", ".join(each for each in said if each))
        self.button.setAccessibleName(f"{text.act}: {text.title}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the title needs it more."""
        super().resizeEvent(event)
        self._aside.setFixedWidth(NARROW_WHERE if event.size().width() < NARROW else WHERE_WIDTH)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.setAccepted(bool(self.text.act) and event.button() == Qt.MouseButton.LeftButton)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        is_here = self.rect().contains(event.position().toPoint())
        if self.text.act and is_here and event.button() == Qt.MouseButton.LeftButton:
            self.acted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin line below, from where the words begin; what can be pressed shows it under the mouse."""
        super().paintEvent(event)
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        bottom = self.height() - 1
        if self.text.act and self.underMouse():
            painter.fillRect(self.rect().adjusted(0, 0, 0, -1), QColor(theme.bg_hover))
        painter.setPen(QColor(theme.border_subtle))
        painter.drawLine(self.title.x(), bottom, self.width() - tokens.PANEL_PADDING - 1, bottom)

    def _show_kind(self, kind: str) -> None:
        if self.button.property("kind") != kind:
            self.button.setProperty("kind", kind)
            self.button.style().unpolish(self.button)
            self.button.style().polish(self.button)


def _column(*labels: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addStretch(1)
    for label in labels:
        column.addWidget(label)
    column.addStretch(1)
    return column
