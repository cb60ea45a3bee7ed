"""The ring around what has the focus: 2 px wide, 2 px off the control, never clipped by the control itself."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGraphicsView,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from widgets import tokens

RINGED = (QPushButton, QLineEdit, QComboBox, QCheckBox, QRadioButton, QAbstractSpinBox, QGraphicsView)
OFFSET = 2
REACH = OFFSET + tokens.FOCUS_RING
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)


class FocusRing(QWidget):
    """One ring around one control; a child of the widget the control scrolls or moves with."""

    def __init__(self, control: QWidget) -> None:
        ground = _ground_of(control)
        super().__init__(ground)
        self._control, self._ground = control, ground
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._watched = _path(control, ground)
        for widget in self._watched:
            widget.installEventFilter(self)
        self._place()

    def let_go(self) -> None:
        """Stop watching and go; called by the owner when the focus moves on."""
        for widget in self._watched:
            if shiboken6.isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        self.hide()
        self.deleteLater()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Follow the control wherever its layout puts it."""
        if event.type() in MOVES:
            self._place()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.theme_of(self.palette()).focus_ring), tokens.FOCUS_RING))
        inset = tokens.FOCUS_RING / 2
        radius = tokens.RADIUS + OFFSET + inset
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), radius, radius)

    def _place(self) -> None:
        if not (shiboken6.isValid(self._control) and shiboken6.isValid(self._ground)):
            return
        reach = 0 if isinstance(self._control, QGraphicsView) else REACH  # charts fill their room: ring inside
        corner = self._control.mapTo(self._ground, QPoint(0, 0))
        self.setGeometry(QRect(corner, self._control.size()).adjusted(-reach, -reach, reach, reach))
        self.setVisible(self._control.isVisibleTo(self._ground))
        self.raise_()


class FocusRings(QObject):
    """Owner of the one ring of the program; lives in the GUI thread with the appearance."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.ring: FocusRing | None = None

    def follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """The focus moved: a slot of ``QApplication.focusChanged``."""
        if self.ring is not None and shiboken6.isValid(self.ring):
            self.ring.let_go()
        self.ring = None
        if now is not None and isinstance(now.parent(), QComboBox | QAbstractSpinBox):
            now = now.parentWidget()
        if isinstance(now, RINGED):
            self.ring = FocusRing(now)


def _ground_of(control: QWidget) -> QWidget:
    """The widget to draw in: the content of a scroll area, so that the ring scrolls along, else the window."""
    widget = control.parentWidget() or control
    while not widget.isWindow():
        parent = widget.parentWidget()
        area = parent.parentWidget() if parent is not None else None
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            break
        if parent is None:
            break
        widget = parent
    return widget


def _path(control: QWidget, ground: QWidget) -> list[QWidget]:
    path, widget = [control], control.parentWidget()
    while widget is not None and widget is not ground:
        path.append(widget)
        widget = widget.parentWidget()
    return path
