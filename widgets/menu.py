"""A menu with the corners of the program."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from widgets import tokens


class Menu(QMenu):
    """A popup is a window of its own: without a mask its corners are square, whatever the style sheet says.

    A translucent ground would do the same only where a compositor runs.
    """

    def __init__(self, parent: QWidget, name: str = "") -> None:
        super().__init__(parent)
        self.setAccessibleName(name)

    def show_once(self, place: QPoint) -> None:
        """Open at a place of the screen; gone when it is closed."""
        self.aboutToHide.connect(self.deleteLater)
        self.popup(place)

    def add_menu(self, words: str) -> Menu:
        """One that opens from a line of this one."""
        menu = Menu(self, words)
        self.addMenu(menu).setText(words)
        return menu

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), tokens.RADIUS, tokens.RADIUS)
        self.setMask(QRegion(shape.toFillPolygon().toPolygon()))
