"""Where a job and its step stand after what happened: pure changes of two rows, written by the runner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from backend.core.errors import MailyardError, RateLimited, SecretStoreLocked
from backend.core.secrets.tripwire import tripwire
from backend.engine.jobs import Ask, Done, StepOutcome, WaitUntil
from backend.store.schema.operations import Job, JobStep

TRIES = 5
BACK_OFF_S = (5, 15, 45, 120)
LOCKED_AGAIN_S = 30

Change = Callable[[Job, JobStep, datetime], None]


def begun(job: Job, row: JobStep, now: datetime) -> None:
    """The step runs. One that a kill cut off stands as running still: beginning it again is no new try."""
    is_forward = job.direction == "forward"
    if row.state not in ("running", "undoing"):
        row.tries += 1
    row.state, row.percent = ("running" if is_forward else "undoing"), None
    row.started_at, row.ended_at = row.started_at or now, None
    job.state = "running"


def settled(outcome: StepOutcome, job: Job, row: JobStep, now: datetime) -> None:
    """The step came to an end of its own, or wants something first."""
    if isinstance(outcome, Ask):
        row.state, row.tries = "waiting", 0
        job.state, job.question = "waiting_for_you", outcome.question.to_json()
    elif isinstance(outcome, WaitUntil):
        row.state, row.note, row.tries = "waiting", outcome.why, 0
        job.state, job.resume_at = "waiting_until", outcome.at
    else:
        _done(outcome, job, row, now)


def failed(error: MailyardError, job: Job, row: JobStep, now: datetime) -> None:
    """A wait where trying again by ourselves can help, else the job's end with cause and remedy."""
    job.cause, job.remedy = tripwire.redact(error.title), tripwire.redact(error.remedy)
    row.note, row.percent = job.cause, None
    if isinstance(error, SecretStoreLocked):  # only a person can help, at any time: that uses up no try
        row.tries = max(0, row.tries - 1)
        _wait(job, row, now + timedelta(seconds=LOCKED_AGAIN_S))
    elif error.retryable and row.tries < TRIES:
        _wait(job, row, now + back_off(error, row.tries))
    else:
        row.state, row.ended_at = "failed", now
        job.is_retryable = True
        end(job, "failed", now)


def ended_early(is_closing: bool, job: Job, row: JobStep, now: datetime) -> None:
    """The step stopped at a safe point: because a person cancelled, or only because the engine closes."""
    if is_closing and not job.cancel_wished:
        cut_off(job, row, now)
    else:
        cancelled(job, row, now)


def cut_off(job: Job, row: JobStep, _now: datetime) -> None:
    """The engine closes under the step: it is to run again, and this was no try."""
    row.state, row.percent, row.tries = "waiting", None, max(0, row.tries - 1)
    job.state = "queued"


def cancelled(job: Job, row: JobStep, now: datetime) -> None:
    if row.state != "pending":  # a step that was never begun has nothing to undo
        row.state, row.ended_at, row.percent = "stopped", now, None
    job.is_retryable = True
    end(job, "cancelled", now)


def end(job: Job, state: str, now: datetime) -> None:
    job.state, job.ended_at, job.resume_at, job.cancel_wished = state, now, None, False


def back_off(error: MailyardError, tries: int) -> timedelta:
    """How long to wait after the ``tries``-th try; the other side's own figure where it gave one."""
    seconds = float(BACK_OFF_S[min(tries - 1, len(BACK_OFF_S) - 1)])
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        seconds = max(error.retry_after_s, 1.0)
    return timedelta(seconds=seconds)


def _done(outcome: Done, job: Job, row: JobStep, now: datetime) -> None:
    is_forward = job.direction == "forward"
    row.state, row.ended_at, row.percent = ("done" if is_forward else "undone"), now, None
    row.note = tripwire.redact(outcome.note) if is_forward else row.note
    row.result = dict(outcome.result) if is_forward else row.result
    job.cause, job.remedy, job.question = "", "", None


def _wait(job: Job, row: JobStep, until: datetime) -> None:
    row.state = "waiting"
    job.state, job.resume_at = "waiting_until", until
