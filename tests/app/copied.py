"""What lies on the clipboard, as another program finds it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from widgets.clipboard import HINTS


def is_left_out_of_histories() -> bool:
    """Whether a clipboard's history is told to keep no copy of it."""
    data = QGuiApplication.clipboard().mimeData()
    return all(data.data(name).data() == value for name, value in HINTS)
