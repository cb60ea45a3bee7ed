"""How much room a window has on its screen, with its title bar and within what panels of the desktop leave."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

#: What a frame takes: known only once a window stands there. Title bars are 28 (macOS) to 37 (GNOME) pixels high.
FRAME = QSize(8, 40)


def room(widget: QWidget) -> QSize:
    """The largest a window can be without a part of it beyond the edge, in pixels of the layout."""
    return widget.screen().availableGeometry().size() - FRAME


def fitting(widget: QWidget, width: int, height: int) -> tuple[int, int]:
    """A size cut to what the screen has room for."""
    fits = QSize(width, height).boundedTo(room(widget))
    return fits.width(), fits.height()
