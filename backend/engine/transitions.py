"""Where a job and its step stand after what happened: pure changes of two rows, written by the runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from backend.core.errors import MailyardError, RateLimited, SecretStoreLocked
from backend.core.present.text import _
from backend.core.secrets.redactor import redactor
from backend.engine.jobs import RETURNING, Ask, Done, Step, StepOutcome, WaitUntil
from backend.engine.payload import to_plain
from backend.store.schema.operations import UNDER_WAY, Job, JobStep

TRIES = 5
BACK_OFF_S = (5, 15, 45, 120)
LOCKED_AGAIN_S = 30
HELD_UP_AGAIN_S = 5

Change = Callable[[Job, JobStep, datetime], None]


def begun(job: Job, row: JobStep, now: datetime) -> None:
    """The step runs. One that a kill cut off stands as running still: beginning it again is no new try."""
    is_forward = job.direction == "forward"
    if row.state not in UNDER_WAY:
        row.tries += 1
    row.state, row.percent = ("running" if is_forward else "undoing"), None
    row.started_at, row.began_at, row.ended_at = row.started_at or now, now, None
    job.state, job.started_at = "running", job.started_at or now


def settled(outcome: StepOutcome, job: Job, row: JobStep, now: datetime) -> None:
    """The step came to an end of its own, or wants something first."""
    if isinstance(outcome, Ask):
        row.state, row.tries = "waiting", 0
        job.state, job.question = "waiting_for_you", to_plain(outcome.question)
    elif isinstance(outcome, WaitUntil):
        row.state, row.note, row.tries = "waiting", outcome.why, 0
        job.state, job.resume_at = "waiting_until", outcome.at
    else:
        _done(outcome, job, row, now)


def failed(error: MailyardError, job: Job, row: JobStep, now: datetime) -> None:
    """A wait where trying again by ourselves can help, else the job's end with cause and remedy. What made a job go
    back stays its cause while it waits on the way.
    """
    cause, remedy = redactor.redact(error.title), redactor.redact(error.remedy)
    row.note, row.percent = cause, None
    if job.direction != RETURNING:
        job.cause, job.remedy = cause, remedy
    if isinstance(error, SecretStoreLocked):  # only a person can help, at any time: that uses up no try
        row.tries = max(0, row.tries - 1)
        _wait(job, row, now + timedelta(seconds=LOCKED_AGAIN_S))
    elif error.retryable and row.tries < TRIES:
        _wait(job, row, now + back_off(error, row.tries))
    else:
        row.state, row.ended_at = "failed", now
        job.cause, job.remedy, job.is_retryable = cause, remedy, True
        end(job, "failed", now)


def ended_early(is_closing: bool, job: Job, row: JobStep, now: datetime) -> None:
    """The step stopped at a safe point: because a person cancelled, or only because the engine closes."""
    if is_closing and not job.cancel_requested:
        cut_off(job, row, now)
    else:
        cancelled(job, row, now)


def cut_off(job: Job, row: JobStep, _now: datetime) -> None:
    """The engine closes under the step: it is to run again, and this was no try."""
    row.state, row.percent, row.tries = "waiting", None, max(0, row.tries - 1)
    job.state = "queued"


def given_up(job: Job, cause: str, remedy: str, now: datetime) -> None:
    """The run is over without a step that failed; a person may try the job again."""
    job.cause, job.remedy, job.is_retryable = cause, remedy, True
    end(job, "failed", now)


def cancelled(job: Job, row: JobStep, now: datetime) -> None:
    if row.state != "pending":  # a step that was never begun has nothing to undo
        row.state, row.ended_at, row.percent = "stopped", now, None
    job.is_retryable = True
    end(job, "cancelled", now)


def turned_back(job: Job, rows: Sequence[JobStep], steps: Sequence[Step[Any]]) -> bool:
    """Whether a job that stopped on its way undoes by itself what it did; then it runs, from where it stopped."""
    if job.direction != "forward" or job.state not in ("failed", "cancelled") or not is_half_way(job, rows, steps):
        return False
    for row in rows:
        row.tries = 0
    job.direction, job.state, job.ended_at, job.question, job.is_retryable = RETURNING, "running", None, None, False
    return True


def is_half_way(job: Job, rows: Sequence[JobStep], steps: Sequence[Step[Any]]) -> bool:
    """Whether it stands where it must not stay: at a marked step after the first of them began, or on the way back."""
    marks = {step.key: step.goes_back for step in steps}
    if not any(marks.get(row.key) and row.state != "pending" for row in rows):
        return False
    here = next((row for row in rows if row.state != "done"), None)
    is_at_mark = job.direction == "forward" and here is not None and marks.get(here.key, False)
    return is_at_mark or job.direction == RETURNING


def held_up(job: Job, now: datetime) -> None:
    """An earlier job of its lane stands half-way, between two tries: nothing of this one begins."""
    job.cause, job.remedy = _("An earlier job for the same thing is half-way, and must come to its end first."), ""
    job.state, job.resume_at = "waiting_until", now + timedelta(seconds=HELD_UP_AGAIN_S)


def finished(job: Job, now: datetime) -> None:
    """No step is left."""
    job.is_retryable = False
    if job.direction == RETURNING:
        job.remedy = _("All is as it was before. Request it again when the cause is mended.") if job.cause else ""
        end(job, "failed" if job.cause else "cancelled", now)
    else:
        end(job, "succeeded" if job.direction == "forward" else "rolled_back", now)


def end(job: Job, state: str, now: datetime) -> None:
    job.state, job.ended_at, job.resume_at, job.cancel_requested = state, now, None, False


def back_off(error: MailyardError, tries: int) -> timedelta:
    """How long to wait after the ``tries``-th try; the other side's own figure where it gave one."""
    seconds = float(BACK_OFF_S[min(tries - 1, len(BACK_OFF_S) - 1)])
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        seconds = max(error.retry_after_s, 1.0)
    return timedelta(seconds=seconds)


def _done(outcome: Done, job: Job, row: JobStep, now: datetime) -> None:
    is_forward = job.direction == "forward"
    row.state, row.ended_at, row.percent = ("done" if is_forward else "undone"), now, None
    row.note = redactor.redact(outcome.note) if is_forward else row.note
    if is_forward:
        row.result = to_plain(outcome.result) if outcome.result is not None else {}
    job.question = None
    if job.direction != RETURNING:
        job.cause, job.remedy = "", ""


def _wait(job: Job, row: JobStep, until: datetime) -> None:
    row.state = "waiting"
    job.state, job.resume_at = "waiting_until", until
