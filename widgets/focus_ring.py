"""The ring around what has the focus, for who works by keyboard: 2 px wide, 2 px off the control, never clipped."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QGraphicsView,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from widgets import tokens

RINGED = (QPushButton, QLineEdit, QComboBox, QCheckBox, QRadioButton, QAbstractSpinBox, QGraphicsView)
#: They have a ring from a click as well: it says where letters go.
TYPED_IN = (QLineEdit, QAbstractSpinBox)
#: The property of a window whose focus came by mouse.
BY_MOUSE = "by_mouse"
KEYS = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)
OFFSET = 2
REACH = OFFSET + tokens.FOCUS_RING
MOVES = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange)


def shows_focus(widget: QWidget) -> bool:
    """Whether a widget that paints its own ring should: it has the focus, and what was last done was done by key."""
    return widget.hasFocus() and widget.window().property(BY_MOUSE) is not True


class FocusRing(QWidget):
    """One ring around one control; a child of the widget the control scrolls or moves with. It keeps neither alive."""

    def __init__(self, control: QWidget) -> None:
        ground = _ground_of(control)
        super().__init__(ground)
        self._control, self._ground = _known(control), _known(ground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        path = _path(control, ground)
        self._watched = [_known(widget) for widget in path]
        for widget in path:
            widget.installEventFilter(self)
        self._place()

    def let_go(self) -> None:
        """Stop watching and go; called by the owner when the focus moves on."""
        for known in self._watched:
            widget = known()
            if widget is not None:
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
        control, ground = self._control(), self._ground()
        if control is None or ground is None:
            return
        reach = 0 if isinstance(control, QGraphicsView) else REACH  # charts fill their room: ring inside
        corner = control.mapTo(ground, QPoint(0, 0))
        self.setGeometry(QRect(corner, control.size()).adjusted(-reach, -reach, reach, reach))
        self.setVisible(control.isVisibleTo(ground))
        self.raise_()


class FocusRings(QObject):
    """Owner of the one ring of the program; lives in the GUI thread with the appearance.

    Who clicks knows where the hand is: a press of the mouse takes the ring away, a key brings it back. The windows of
    the platform tell which it was, since the focus moves also where neither key nor mouse moved it, as into a sheet.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.ring: FocusRing | None = None
        self._now: Callable[[], QWidget | None] = _nothing
        self._is_by_mouse = False

    def follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """The focus moved: a slot of ``QApplication.focusChanged``."""
        self._now = _nothing if now is None else _known(now)
        handle = now.window().windowHandle() if now is not None else None
        if handle is not None:
            handle.installEventFilter(self)  # once for each window: the filter it has already is put first
        self._show()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """A key that a shortcut takes is told by its release only."""
        if event.type() == QEvent.Type.MouseButtonPress:
            self.turn(is_by_mouse=True)
        elif isinstance(event, QKeyEvent) and event.type() in KEYS and event.key() not in MODIFIERS:
            self.turn(is_by_mouse=False)
        return False

    def turn(self, *, is_by_mouse: bool) -> None:
        """Say what was last done, by mouse or by key."""
        if is_by_mouse != self._is_by_mouse:
            self._is_by_mouse = is_by_mouse
            self._show()

    def _show(self) -> None:
        if self.ring is not None and shiboken6.isValid(self.ring):
            self.ring.let_go()
        self.ring = None
        control = self._now()
        if control is None:
            return
        control.window().setProperty(BY_MOUSE, self._is_by_mouse)
        control.update()
        if isinstance(control.parent(), QComboBox | QAbstractSpinBox):
            control = control.parentWidget()
        if isinstance(control, RINGED) and (not self._is_by_mouse or isinstance(control, TYPED_IN)):
            self.ring = FocusRing(control)


def _nothing() -> None:
    return None


def _known(widget: QWidget) -> Callable[[], QWidget | None]:
    """Asks for a widget as long as there is one.

    A window goes with the last reference to it. That must not be ours: it would go when the focus moves on, in the
    midst of what Qt does about that, and the process with it.
    """
    found = weakref.ref(widget) if widget.parent() is None else lambda: widget

    def ask() -> QWidget | None:
        there = found()
        return there if there is not None and shiboken6.isValid(there) else None

    return ask


def _ground_of(control: QWidget) -> QWidget:
    """The widget to draw in: the content of a scroll area, so that the ring scrolls along, else the window."""
    widget = control.parentWidget() or control
    while not widget.isWindow() and not isinstance(widget, QDialog):
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
