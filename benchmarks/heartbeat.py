"""How late the GUI thread comes back to a 5 ms heartbeat, and what it did meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 5
EXCESS_S = 0.016
LOOK_S = 0.004
OURS = ("/app/", "/widgets/", "/backend/", "/benchmarks/")


class Heartbeat(QObject):
    """Lives in the GUI thread; ``late_ms`` holds one figure a beat."""

    def __init__(self) -> None:
        super().__init__()
        self.late_ms: list[float] = []
        self.last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = time.monotonic()
        self.late_ms.append(max(0.0, (now - self.last) * 1000 - BEAT_MS))
        self.last = now

    def figures(self) -> str:
        """p50, p99, p99.9 and the worst, in milliseconds."""
        ordered = sorted(self.late_ms)
        at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99, 0.999)}
        words = f"p50 {at[0.5]:.1f} ms, p99 {at[0.99]:.1f} ms, p99.9 {at[0.999]:.1f} ms, worst {ordered[-1]:.1f} ms"
        return f"{words} ({len(ordered)} beats)"


class Witness:
    """A thread that looks what the GUI thread does whenever its beat is overdue."""

    def __init__(self, heart: Heartbeat) -> None:
        self._heart = heart
        self._main = threading.main_thread().ident
        self._ended = threading.Event()
        self.seen: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._look, name="witness", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _look(self) -> None:
        told = 0.0
        while not self._ended.wait(LOOK_S):
            last = self._heart.last
            if last != told and time.monotonic() - last > EXCESS_S + BEAT_MS / 1000:
                told = last
                self.seen[_place(sys._current_frames().get(self._main or 0))] += 1


def _place(frame: FrameType | None) -> str:
    """The innermost frame of ours; in the bare event loop the thread waits for the lock or the processor."""
    while frame is not None:
        name = frame.f_code.co_filename
        if any(part in name for part in OURS) and "benchmarks/lateness" not in name:
            short = name[max(name.rfind(part) for part in OURS) + 1 :]
            return f"{short}:{frame.f_code.co_name}"
        frame = frame.f_back
    return "the event loop itself: waiting for the interpreter's lock or a core"
