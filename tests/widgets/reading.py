"""What a screen reader and an eye get from a widget."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QWidget


def spoken(widget: QWidget) -> str:
    """The name a screen reader says."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def described(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description)


def role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def do(widget: QWidget, action: str) -> None:
    """Have a screen reader do one of the actions that a widget offers it."""
    acts = QAccessible.queryAccessibleInterface(widget).actionInterface()
    assert action in acts.actionNames(), acts.actionNames()
    acts.doAction(action)


def picture(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def colour_at(widget: QWidget, x: int, y: int) -> str:
    """The colour of one pixel as #RRGGBB."""
    return picture(widget).pixelColor(QPoint(x, y)).name().upper()


def has_colour(widget: QWidget, colour: str) -> bool:
    """Whether any pixel of the widget has exactly this colour."""
    image = picture(widget)
    wanted = QColor(colour).rgb()
    return any(image.pixel(x, y) == wanted for y in range(image.height()) for x in range(image.width()))
