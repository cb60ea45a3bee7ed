"""The steps of a followed job on standard error: a line for each, and on a terminal a living one below them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from app.cli.output import clean, moment, tell
from backend.core.present.format import DASH, duration, estimate

if TYPE_CHECKING:
    from datetime import datetime

    from backend.engine.queries import JobDetail, StepRow

TOLD = ("running", "undoing", "done", "undone", "failed", "stopped")
CLEAR = "\r\x1b[2K"


class Progress:
    """Says what changed since it was last shown; ``quiet_s`` is for how long nothing did."""

    def __init__(self) -> None:
        self._told: dict[int, str] = {}
        self._resume_at: datetime | None = None
        self._seen: object = None
        self._changed_at = time.monotonic()
        self._has_living_line = False

    @property
    def quiet_s(self) -> float:
        return time.monotonic() - self._changed_at

    def show(self, detail: JobDetail) -> None:
        """Tell of steps that began or ended, and of a pause."""
        seen = (detail.job.state, [(step.state, step.percent, step.note, step.tries) for step in detail.steps])
        if seen != self._seen:
            self._seen, self._changed_at = seen, time.monotonic()
        for step in detail.steps:
            if step.state in TOLD and self._told.get(step.number) != step.state:
                self._told[step.number] = step.state
                self._line(_words(step))
        self._pause(detail)
        self._living(next((step for step in detail.steps if step.state in ("running", "undoing")), None))

    def close(self) -> None:
        """Take the living line away."""
        if self._has_living_line:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._has_living_line = False

    def _line(self, text: str) -> None:
        self.close()
        tell(text)

    def _pause(self, detail: JobDetail) -> None:
        until = detail.job.resume_at
        if detail.job.state == "waiting_until" and until is not None and until != self._resume_at:
            self._line(f"{'waiting':8} until {moment(until)}: {detail.job.cause}".rstrip(" :"))
        self._resume_at = until

    def _living(self, step: StepRow | None) -> None:
        """What the running step does now; written over and over, so for a terminal only."""
        if step is None or not sys.stderr.isatty():
            return
        spent = DASH if step.spent_s is None else duration(step.spent_s)
        done = f"{step.percent} % " if step.percent is not None else ""
        text = f"         {done}{spent} of {estimate(step.estimate_s)} {step.note}"
        sys.stderr.write(f"{CLEAR}{clean(text)[:100]}")
        sys.stderr.flush()
        self._has_living_line = True


def _words(step: StepRow) -> str:
    note = f" ({step.note})" if step.note and step.state in ("done", "undone", "failed", "stopped") else ""
    return f"{step.state:8} {step.title}{note}"
