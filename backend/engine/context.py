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
    """Lives for one execution of one step, on the engine's worker thread."""

    def __init__(self, store: Store, clock: Clock, journal: Journal, job: JobFacts) -> None:
        self.store = store
        self.clock = clock
        self.job = job
        self.answer: Mapping[str, Any] | None = None
        self._journal = journal
        self._results: dict[str, Mapping[str, Any]] = {}
        self._number = 0
        self._reported_at = 0.0
        self._stopped = threading.Event()

    def begin(
        self, number: int, results: dict[str, Mapping[str, Any]], answer: Mapping[str, Any] | None
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
        if time.monotonic() - self._reported_at < REPORT_EVERY_S:
            return
        self._reported_at = time.monotonic()
        with self.store.write(ENGINE_SCOPE) as session:
            step = session.get_one(JobStep, (self.job.workspace, self.job.id, self._number))
            step.percent, step.note = percent, tripwire.redact(note)

    def stop_if_cancelled(self) -> None:
        """:raises Cancelled: a person cancelled the job; call it wherever stopping is safe."""
        if self.is_cancelled():
            raise Cancelled(_("The job was cancelled."))

    def is_cancelled(self) -> bool:
        """Whether a person cancelled the job meanwhile, or the engine is closing."""
        with self.store.read(ENGINE_SCOPE) as session:
            job = session.get(Job, (self.job.workspace, self.job.id))
            return job is None or job.cancel_wished

    def poll(self, look: Callable[[], T | None], *, every_s: float, limit_s: float, note: str = "") -> T | None:
        """Call ``look`` until it answers something; None when ``limit_s`` passed. Cancelling ends it.

        :raises Cancelled: a person cancelled meanwhile.
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
            self._stopped.wait(min(every_s, left))

    def now(self) -> datetime:
        return self.clock.now()
