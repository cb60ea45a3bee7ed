"""When an engine that belongs to windows ends by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from backend.engine.jobs import ACTIVE, GOES_ON
from backend.store.schema.operations import Job, RequestRow
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.control import Leave
    from backend.store.query import Source

log = logging.getLogger(__name__)

GRACE_S = 10.0  # a person whose window crashed opens the next one within this time, and finds its engine
FIRST_S = 60.0  # as long as a slow machine may take until the window that began us is there


class LastWindow:
    """Asked now and then by the process that is the engine.

    A window that closes in order says whether it stays, else ends it at once: what that stops was said before. After
    one that died, jobs under way are carried to their end. ``keeps`` tells what the person's setting says of staying,
    ``is_busy`` whether any job is under way.
    """

    def __init__(
        self, *, keeps: Callable[[], bool], is_busy: Callable[[], bool], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._keeps, self._is_busy, self._now = keeps, is_busy, now
        self._had_window, self._is_left = False, False
        self._idle_since = now()

    def is_over(self, windows: int, *, last_leave: Leave | None) -> bool:
        """Whether the engine shall end now."""
        if windows:
            self._had_window, self._is_left = True, False
        elif last_leave is not None:  # one may come and go between two looks
            self._had_window = True
        is_needed = bool(windows) or self._is_kept(last_leave)
        if not is_needed and last_leave is not None:
            return True
        if is_needed or self._is_busy():
            self._idle_since = self._now()
        is_over = self._now() - self._idle_since >= (GRACE_S if self._had_window else FIRST_S)
        if self._had_window and not (windows or is_over or self._is_left):
            self._is_left = True
            log.info("No window is left, and the engine stays")
        return is_over

    def _is_kept(self, last_leave: Leave | None) -> bool:
        """The window's own word counts before the setting: one that removes its folder keeps no engine there."""
        said = last_leave.keeps if last_leave is not None else None
        return self._keeps() if said is None else said


@dataclass(frozen=True)
class WorkUnderWay:
    """Query: how many jobs and requests go on without a person, in all workspaces.

    ``is_locked``: a job that waits may wait for the secret store, which nobody will unlock; it is left to the next
    engine.
    """

    is_locked: bool
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> int:
        states = ACTIVE if self.is_locked else GOES_ON
        jobs = select(func.count()).select_from(Job).where(Job.state.in_(sorted(states)))
        requests = select(func.count()).select_from(RequestRow).where(RequestRow.handled_at.is_(None))
        with source.store.read(ENGINE_SCOPE) as session:
            return (session.scalar(jobs) or 0) + (session.scalar(requests) or 0)
