"""When the person was last here: what happened since then is news to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.shell.session.settings import SettingsFile

#: An absence shorter than this is the same visit.
ABSENCE = timedelta(minutes=30)
KEEP_MS = 60_000


class LastSeen(QObject):
    """Lives in the GUI thread. ``since`` is the end of the last visit (UTC), None at the very first.

    The moment is kept every minute while the program is in front, so that a crash costs no more than that.
    """

    changed = Signal()

    def __init__(self, settings: SettingsFile, now: Callable[[], datetime], parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._now = settings, now
        self.since = _read(settings.now.seen_at)
        self._timer = QTimer(self)
        self._timer.setInterval(KEEP_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()
        self._is_here = True

    def keep(self) -> None:
        """The person is here now."""
        if self._is_here:
            self._settings.remember(seen_at=self._now().isoformat())

    def dismiss(self) -> None:
        """All of it was seen."""
        self.since = self._now()
        self.keep()
        self.changed.emit()

    def close(self) -> None:
        """The window closes: the visit ends."""
        self._timer.stop()
        self.keep()

    def turn(self, is_in_front: bool) -> None:
        """The window came in front of the person, or went behind another program or to the tray."""
        if is_in_front:
            self.come_back()
        else:
            self.leave()

    def leave(self) -> None:
        self.keep()
        self._is_here = False

    def come_back(self) -> None:
        """After a long absence another visit begins."""
        if self._is_here:
            return
        self._is_here = True
        left = _read(self._settings.now.seen_at)
        if left is not None and self._now() - left >= ABSENCE:
            self.since = left
            self.changed.emit()
        self.keep()


def _read(text: str) -> datetime | None:
    """A moment that nobody wrote, or without a zone, counts as none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
