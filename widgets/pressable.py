"""A place that is opened by a press anywhere on it, and by one key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from widgets import tokens


class Pressable(QWidget):
    """``opened`` when it was pressed, once :meth:`open_as` said what that does; before, it is but a place.

    Keyboard, focus ring and screen reader have a button that lies under all of it, and shows nothing by itself.
    """

    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.cover = QPushButton(self)
        self.cover.setProperty("kind", "cover")
        self.cover.setAutoDefault(False)
        self.cover.clicked.connect(self.opened)
        self.cover.lower()
        self.cover.hide()

    @property
    def can_open(self) -> bool:
        return not self.cover.isHidden()

    def open_as(self, name: str) -> None:
        """Let it be pressed; a screen reader says ``name``. Without one it is a place again."""
        self.cover.setAccessibleName(name)
        self.cover.setVisible(bool(name))
        shape = Qt.CursorShape.PointingHandCursor if name else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.cover.setGeometry(self.rect().adjusted(4, 4, -4, -4))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.setAccepted(self.can_open and event.button() == Qt.MouseButton.LeftButton)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        is_here = self.rect().contains(event.position().toPoint())
        if self.can_open and is_here and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """What can be pressed shows it under the mouse."""
        super().paintEvent(event)
        if self.can_open and self.underMouse():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.theme_of(self.palette()).bg_hover))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), tokens.RADIUS, tokens.RADIUS)
