"""What can be asked of a job that is there: confirm its question, cancel it, retry it, roll it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class CancelJob(Request, kind="job.cancel"):
    """Stop at the next safe point."""

    job_id: UUID


@dataclass(frozen=True)
class ConfirmJob(Request, kind="job.confirm"):
    """Say yes to what the job asks: ``fingerprint`` of the state that was seen, ``typed_name`` where one is asked."""

    job_id: UUID
    fingerprint: str = ""
    typed_name: str = ""


@dataclass(frozen=True)
class RetryJob(Request, kind="job.retry"):
    """Go on from where it stopped, or from the step with the key ``from_step``."""

    job_id: UUID
    from_step: str | None = None


@dataclass(frozen=True)
class RollBackJob(Request, kind="job.roll_back"):
    """Remove what the job made."""

    job_id: UUID


JobAction = CancelJob | ConfirmJob | RetryJob | RollBackJob
ACTIONS: Mapping[str, type[JobAction]] = {each.kind: each for each in (CancelJob, ConfirmJob, RetryJob, RollBackJob)}
