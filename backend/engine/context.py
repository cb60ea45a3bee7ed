"""What a running step sees: its job's wish, earlier results, the intent journal, and ways to report."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Cancelled
from backend.core.present.text import _
from backend.core.secrets.tripwire import tripwire
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal, Wanted
    from backend.store.database import Store

log = logging.getLogger("mailyard.job")

T = TypeVar("T")

POLL_LIMIT_S = 600.0  # one step polls for at most ten minutes
REPORT_EVERY_S = 0.25
ASK_EVERY_S = 0.5


@dataclass(frozen=True)
class JobFacts:
    """The unchanging part of a job's row."""

    workspace: UUID
    id: UUID
    kind: str
    wish: Mapping[str, Any]
    author: str
    about_id: UUID | None


class StepContext:
    """Lives for one execution of one step, on the engine's worker thread. ``closing`` is set when the engine ends."""

    def __init__(self, store: Store, clock: Clock, journal: Journal, job: JobFacts, closing: threading.Event) -> None:
        self.store = store
        self.clock = clock
        self.job = job
        self.answer: Mapping[str, Any] | None = None
        #: A kill ended the run before in this very step: what it had sent by then is not known.
        self.was_cut_off = False
        self._journal = journal
        self._results: Mapping[str, Mapping[str, Any]] = {}
        self._number = 0
        self._reported_at = 0.0
        self._reported: tuple[int | None, str] = (None, "")
        self._closing = closing
        self._is_cancelled = False
        self._asked_at = time.monotonic()  # the runner looked when it began the step

    def begin(
        self, number: int, results: Mapping[str, Mapping[str, Any]], answer: Mapping[str, Any] | None
    ) -> StepContext:
        """Aim this context at one step; called by the runner."""
        self._number, self._results, self.answer = number, results, answer
        return self

    def result(self, step: str) -> Mapping[str, Any]:
        """What an earlier step left, empty when it has not run."""
        return self._results.get(step, {})

    def create_once(self, wanted: Wanted) -> str:
        """Create a paid or named thing under an intent; see :class:`backend.engine.intents.Journal`."""
        self.stop_if_cancelled()
        return self._journal.create_once(self.job.workspace, self.job.id, wanted)

    def intent(self, key: str) -> UUID | None:
        """The id of the intent written under ``key``, None when none was."""
        return self._journal.intent_of(self.job.workspace, self.job.id, key)

    def removed(self, key: str) -> None:
        """The thing created under intent ``key`` is gone again."""
        self._journal.removed(self.job.workspace, self.job.id, key)

    def say(self, text: str, *, level: str = "info") -> None:
        """One line for the job's log. Known secrets are masked."""
        text = tripwire.redact(text)
        log.info("%s", text)
        with self.store.write(ENGINE_SCOPE) as session:
            session.add(
                JobLog(
                    tenant_id=self.job.workspace,
                    id=uuid4(),
                    job_id=self.job.id,
                    at=self.clock.now(),
                    level=level,
                    text=text,
                )
            )

    def progress(self, percent: int | None, note: str = "") -> None:
        """How far the step is (None = not known); written at most four times a second."""
        if (percent, note) == self._reported or time.monotonic() - self._reported_at < REPORT_EVERY_S:
            return
        self._reported, self._reported_at = (percent, note), time.monotonic()
        with self.store.write(ENGINE_SCOPE) as session:
            step = session.get_one(JobStep, (self.job.workspace, self.job.id, self._number))
            step.percent, step.note = percent, tripwire.redact(note)

    def stop_if_cancelled(self) -> None:
        """Call it wherever stopping is safe.

        :raises Cancelled: a person cancelled the job, or the engine is closing; then the step runs again with the
            next engine.
        """
        if self.is_cancelled():
            raise Cancelled(_("The job was cancelled."))

    def is_cancelled(self) -> bool:
        """Whether a person cancelled the job meanwhile, or the engine is closing. Asks the database twice a second."""
        if self._closing.is_set():
            return True
        if not self._is_cancelled and time.monotonic() - self._asked_at >= ASK_EVERY_S:
            self._asked_at = time.monotonic()
            wished = select(Job.cancel_wished).where(Job.tenant_id == self.job.workspace, Job.id == self.job.id)
            with self.store.read(ENGINE_SCOPE) as session:
                self._is_cancelled = session.scalars(wished).first() is not False
        return self._is_cancelled

    def poll(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str = "") -> T | None:
        """Call ``look`` until it answers something; None when ``limit_s`` passed. Cancelling ends it.

        :raises Cancelled: see :meth:`stop_if_cancelled`.
        """
        end = time.monotonic() + min(limit_s, POLL_LIMIT_S)
        while True:
            found = look()
            if found is not None:
                return found
            self.stop_if_cancelled()
            left = end - time.monotonic()
            if left <= 0:
                return None
            if note:
                self.progress(None, note)
            self._rest(min(every_s, left))

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._closing.wait(min(left, ASK_EVERY_S))
            self.stop_if_cancelled()

    def now(self) -> datetime:
        return self.clock.now()
