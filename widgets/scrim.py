"""The shade over a window while a dialog asks something of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QWidget

from widgets import tokens


class Scrim(QWidget):
    """Covers its window while it is shown: neither the mouse nor a shortcut reaches what lies below.

    What it holds (a dialog) goes with it. ``clicked`` beside the dialog; ``resized`` as the window was.
    """

    clicked = Signal()
    resized = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def cover(self) -> None:
        """Lie over the window, also when its size changes, until :meth:`lift`."""
        self._window.installEventFilter(self)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()

    def lift(self) -> None:
        """Uncover the window, for good."""
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._window:
            self.setGeometry(self._window.rect())
            self.resized.emit()
        return False

    def event(self, event: QEvent) -> bool:
        """A key that somebody below the shade waits for is a plain key here."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if not self._has_own(QKeySequence(event.keyCombination())):
                event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), QColor(tokens.theme_of(self.palette()).overlay_scrim))

    def _has_own(self, keys: QKeySequence) -> bool:
        actions = any(keys in action.shortcuts() for action in self.findChildren(QAction))
        return actions or any(keys == shortcut.key() for shortcut in self.findChildren(QShortcut))
