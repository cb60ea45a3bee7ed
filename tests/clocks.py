"""Clocks that a test sets, and what is left of a time that runs down by the machine's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic


class SetClock:
    """The machine's clock: a test sets it, or lets time pass."""

    def __init__(self) -> None:
        self._offset, self._passed_s = timedelta(), 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic_s(self) -> float:
        return monotonic() + self._passed_s

    def move(self, **by: float) -> None:
        """Somebody sets the clock, ahead or back: no time passed."""
        self._offset += timedelta(**by)

    def pass_by(self, **by: float) -> None:
        """So much time passes, by every clock."""
        self.move(**by)
        self._passed_s += timedelta(**by).total_seconds()


class StillClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return self.at.timestamp()


class Countdown:
    """Of a window of ``seconds`` that begins soon: the emulator that counts it tells whole seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._began_s = seconds, monotonic()

    def is_left(self, told: float) -> bool:
        """Whether that may be left of it now, however long it took to ask."""
        return self._seconds - (monotonic() - self._began_s) - 1 <= told <= self._seconds
