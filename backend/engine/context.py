"""What a running step sees: its job's request, earlier results, the intent journal, and ways to report."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Cancelled, StoreError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.core.secrets.redactor import redactor
from backend.engine.payload import Result, from_plain
from backend.store.schema.operations import Job, JobLog, JobStep
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.engine.intents import Journal, ResourceSpec
    from backend.engine.plan import Answer
    from backend.store.database import Store

log = logging.getLogger("mailyard.job")

T = TypeVar("T")
L = TypeVar("L", bound=Result)
R_co = TypeVar("R_co", covariant=True)
#: What each step left, by its key, as it lies in its row; empty where it left nothing.
Stored = Mapping[str, Mapping[str, object]]

POLL_LIMIT_S = 600.0  # one step polls for at most ten minutes
REPORT_EVERY_S = 0.25
ASK_EVERY_S = 0.5
#: Of so many things the pace is known; and what is left for less is over before it is read.
KNOWN_PACE, SHORTEST_LEFT_S = 3, 10.0


@dataclass(frozen=True)
class JobFacts(Generic[R_co]):
    """The unchanging part of a job's row, its request read."""

    workspace: UUID
    id: UUID
    request: R_co
    author: str
    about_id: UUID | None


class StepContext(Generic[R_co]):
    """Lives for one execution of one step, on the engine's worker thread. ``closing`` is set when the engine ends.

    ``R_co`` is the request of the job; what serves several kinds names what it needs of theirs, or ``object``.
    """

    def __init__(
        self, store: Store, clock: Clock, journal: Journal, job: JobFacts[R_co], closing: threading.Event
    ) -> None:
        self.store = store
        self.clock = clock
        self.job = job
        self.answer: Answer | None = None
        #: A kill ended the run before in this very step: what it had sent by then is not known.
        self.was_cut_off = False
        self._journal = journal
        self._results: Stored = {}
        self._number = 0
        self._reported_at = 0.0
        self._reported: tuple[int | None, str] = (None, "")
        self._counted_from: tuple[int, float] | None = None
        self._closing = closing
        self._is_cancelled = False
        self._asked_at = time.monotonic()  # the runner looked when it began the step

    def begin(self, number: int, results: Stored, answer: Answer | None) -> StepContext[R_co]:
        """Aim this context at one step; called by the runner."""
        self._number, self._results, self.answer = number, results, answer
        self._counted_from = None
        return self

    def result(self, step: str, kind: type[L]) -> L | None:
        """What an earlier step left; None when it has not run or left nothing.

        :raises Refused: it left something else.
        """
        stored = self._results.get(step)
        return from_plain(kind, stored) if stored else None

    def need(self, step: str, kind: type[L]) -> L:
        """The same of a step that must have left it: that it did not is a bug of the job kind."""
        found = self.result(step, kind)
        if found is None:
            raise LookupError(f"the step {step} left no {kind.__name__}")
        return found

    def create_once(self, wanted: ResourceSpec) -> str:
        """Create a paid or named thing under an intent; see :class:`backend.engine.intents.Journal`."""
        self.stop_if_cancelled()
        return self._journal.create_once(self.job.workspace, self.job.id, wanted)

    def intent(self, key: str) -> UUID | None:
        """The id of the intent written under ``key``, None when none was."""
        return self._journal.intent_of(self.job.workspace, self.job.id, key)

    def number(self, key: str) -> str | None:
        """The provider's id of the thing created under ``key``, where its answer told it."""
        return self._journal.number_of(self.job.workspace, self.job.id, key)

    def removed(self, key: str, *, was_seen: bool = True) -> None:
        """The thing created under intent ``key`` is gone again. ``was_seen`` False: looking did not find it.

        :raises NotYet: it was not found, and may have been ordered so recently that it is not shown yet.
        """
        close = self._journal.removed if was_seen else self._journal.never_seen
        close(self.job.workspace, self.job.id, key)

    def say(self, text: str, *, level: str = "info") -> None:
        """One line for the job's log. Known secrets are masked."""
        text = redactor.redact(text)
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
            step.percent, step.note = percent, redactor.redact(note)

    def count(self, done: int, of: int, note: str = "") -> None:
        """The step has ``done`` ``of`` its things behind it. The time that is left is told of once it is long.

        It follows from the pace since the first call: what an earlier run did is passed over in no time.
        """
        now = time.monotonic()
        if self._counted_from is None:
            self._counted_from = (done, now)
        first, since = self._counted_from
        left = remaining(done - first, of - done, now - since)
        self.progress(round(100 * done / of), note if left is None else _left_words(note, left))

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
            requested = select(Job.cancel_requested).where(Job.tenant_id == self.job.workspace, Job.id == self.job.id)
            with suppress(StoreError), self.store.read(ENGINE_SCOPE) as session:  # asked again soon
                self._is_cancelled = session.scalars(requested).first() is not False
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

    def mark(self) -> datetime:
        """The present moment, for :meth:`since`: to be kept where something is ordered."""
        return self._journal.mark()

    def since(self, moment: datetime) -> timedelta:
        """How long ago that was, however the wall clock was set since; see :class:`backend.core.clock.PassedTime`."""
        return self._journal.since(moment)


def remaining(done: int, left: int, seconds: float) -> float | None:
    """Seconds for what is left, when ``done`` took ``seconds``; None where the pace is not known or the rest short."""
    if done < KNOWN_PACE:
        return None
    rest = left * seconds / done
    return rest if rest >= SHORTEST_LEFT_S else None


def _left_words(note: str, seconds: float) -> str:
    time_left = words.estimate(seconds)
    return (
        _("{note}, {time} left").format(note=note, time=time_left) if note else _("{time} left").format(time=time_left)
    )
