"""Between whoever shows desktop notifications and whoever asks for one: neither knows the other."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class NotificationChannel(QObject):
    """Lives in the GUI thread as long as the console.

    ``test_asked``: show one now, whatever is in front. ``lacking`` says why none can be shown here.
    """

    test_asked = Signal()
    lacking = Signal(str)
