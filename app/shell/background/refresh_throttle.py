"""How often a view reads again in a storm of changes: at once after a quiet time, else a fifth of the time at most."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

SHARE = 5
MOST_MS = 2000


class RefreshThrottle(QObject):
    """Lives in the GUI thread. ``due`` says: read now."""

    due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._cost_ms = 0.0
        self._is_again = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._rested)

    def poke(self) -> None:
        """Something changed; changes during a rest are one."""
        if self._rest.isActive():
            self._is_again = True
            return
        self._begin_rest()
        self._cost_ms = 0.0
        self.due.emit()

    def took(self, seconds: float) -> None:
        """How long a reading after the last ``due`` took, from the question to the answer; the longest counts."""
        self._cost_ms = max(self._cost_ms, seconds * 1000)
        if self._rest.isActive():
            self._begin_rest()

    def close(self) -> None:
        """Nothing is due any more."""
        self._rest.stop()
        self._is_again = False

    def _begin_rest(self) -> None:
        self._rest.start(round(min(MOST_MS, (SHARE - 1) * self._cost_ms)))

    def _rested(self) -> None:
        if self._is_again:
            self._is_again = False
            self.poke()
