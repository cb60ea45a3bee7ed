"""What the engine does: requests, jobs with steps and log, intents, schedules, the change feed, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backend.store.schema.base import TOLD, Base, Said, ScopeLike, UtcTime
from backend.store.schema.fleet import USE, ServerUse, used_during

#: States of a step that runs, forward or backward.
UNDER_WAY = ("running", "undoing")
BIG = BigInteger().with_variant(Integer, "sqlite")


class RequestRow(Base):
    """What somebody asked for: start a job, or act on one. Written by clients, taken once by the engine."""

    __tablename__ = "request"
    __table_args__ = (Index("ix_request_open", "handled_at", "at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UtcTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    refusal: Mapped[str | None] = mapped_column(Said, info=TOLD)


class Job(Base):
    """A durable, resumable run of steps: what pages read and what an engine carries on.

    ``run`` counts the times it was started; ``cut_offs`` how often the engine of this run was killed under it.
    ``title`` is the message id of what was asked for, empty where its kind says it.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_started", "tenant_id", "requested_at"),
        Index("ix_job_state", "state"),
        Index("ix_job_about", "about_id"),
    )
    announced_as = "jobs"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(120), default="", server_default="")
    about: Mapped[str] = mapped_column(String(253), default="")
    about_id: Mapped[UUID | None] = mapped_column(Uuid)
    author: Mapped[str] = mapped_column(String(120))
    lane: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    run: Mapped[int] = mapped_column(Integer, default=1)
    cut_offs: Mapped[int] = mapped_column(Integer, default=0)
    direction: Mapped[str] = mapped_column(String(10), default="forward")
    resume_at: Mapped[datetime | None] = mapped_column(UtcTime)
    question: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cause: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    remedy: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    is_retryable: Mapped[bool] = mapped_column(default=False)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    requested_at: Mapped[datetime] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        used = used_during(cls.tenant_id, cls.about_id, cls.requested_at, cls.ended_at, scope)
        return or_(cls.owned_by(scope), used)


class _OfJob(Base):
    """Rows that belong to a job and are seen by whoever may see it."""

    __abstract__ = True

    job_id: Mapped[UUID] = mapped_column(Uuid)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        job = aliased(Job)  # a statement that names both must not be taken for it
        used = used_during(job.tenant_id, job.about_id, job.requested_at, job.ended_at, scope)
        return or_(cls.owned_by(scope), cls.job_id.in_(select(job.id).where(used)))


class JobStep(_OfJob):
    """One step of a job: its state, result and times. ``result`` holds references, never secret values.

    ``spent_s`` is the time it ran, by a clock that nobody sets: what it waited between two tries or for a person is
    no part of it. None of a step that an earlier version ran. ``began_at`` is when it began the last time.
    """

    __tablename__ = "job_step"
    kept_because = "goes with its job"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),)
    announced_as = "jobs"

    job_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    percent: Mapped[int | None] = mapped_column(Integer)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    spent_s: Mapped[float | None] = mapped_column(Float)
    began_at: Mapped[datetime | None] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class JobLog(_OfJob):
    """One line a job wrote about itself."""

    __tablename__ = "job_log"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),
        Index("ix_job_log_job", "tenant_id", "job_id", "at"),
    )
    announced_as = "jobs"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    level: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Said, info=TOLD)


class IntentRow(Base):
    """What we are about to create, written before the call; ``state``: open, repeated (ordered once
    more), created, removed, void.

    ``waited_s``: how long what is not shown was waited for since ``written_at``, as counted up to ``checked_at``.
    """

    __tablename__ = "intent"
    __table_args__ = (
        Index("ix_intent_open", "state"),
        UniqueConstraint("tenant_id", "job_id", "key"),
    )
    announced_as = "intents"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    job_id: Mapped[UUID] = mapped_column(Uuid)
    key: Mapped[str] = mapped_column(String(60))
    account_id: Mapped[UUID] = mapped_column(Uuid)
    resource: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(253))
    state: Mapped[str] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(80))
    written_at: Mapped[datetime] = mapped_column(UtcTime)
    waited_s: Mapped[float] = mapped_column(Float, default=0.0)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Schedule(Base):
    """When a job is requested by the scheduler: every ``every_s`` seconds, from ``next_at``.

    With ``daily_at`` ("02:00") instead at that time of day in the time zone ``zone``, at most ``jitter_s`` later.
    """

    __tablename__ = "schedule"
    kept_because = "one row a schedule"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "subject"),
        Index("ix_schedule_due", "enabled", "next_at"),
    )
    announced_as = "schedules"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    every_s: Mapped[int] = mapped_column(Integer)
    daily_at: Mapped[str] = mapped_column(String(5), default="")
    zone: Mapped[str] = mapped_column(String(60), default="")
    jitter_s: Mapped[int] = mapped_column(Integer, default=0)
    grace_s: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcTime)
    enabled: Mapped[bool] = mapped_column(default=True)  # False: a person paused it

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        return or_(cls.owned_by(scope), exists().where(_is_of_used_server(cls, scope)))


class ScheduleRun(Base):
    """One due time of a schedule and what came of it: a job, or a skip with its reason."""

    __tablename__ = "schedule_run"
    __table_args__ = (Index("ix_schedule_run_schedule", "tenant_id", "schedule_id", "due_at"),)
    announced_as = "schedules"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    schedule_id: Mapped[UUID] = mapped_column(Uuid)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Said, default="", info=TOLD)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        of, then = aliased(Schedule), aliased(ServerUse)
        was_used = [then.tenant_id.in_(scope.workspaces), then.server_id == USE.server_id, then.since <= cls.due_at]
        is_during = or_(then.until.is_(None), then.until >= cls.due_at)
        seen = exists().where(of.id == cls.schedule_id, _is_of_used_server(of, scope), *was_used, is_during)
        return or_(cls.owned_by(scope), seen)


class SettingRow(Base):
    """What a person chose for the whole console, by the ``key`` that is the name of the request for it; no row: what
    comes with the program.
    """

    __tablename__ = "setting"
    kept_because = "one row a setting"
    announced_as = "settings"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Change(Base):
    """One announcement of the change feed: rows of ``topic`` changed in this workspace.

    ``seq`` counts over all workspaces in the order of commits; backend/store/changes.py gives the numbers out.
    """

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_seq", "seq"),)

    seq: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcTime)


class AuditRow(Base):
    """One line of the hash-chained audit log: each row's hash covers the row before it."""

    __tablename__ = "audit"
    announced_as = "audit"

    seq: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(Text, default="")
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


def _is_of_used_server(schedule: Any, scope: ScopeLike) -> ColumnElement[bool]:
    """Its subject is the id of a server of its owner that the scope uses now; databases write ids in two ways."""
    return and_(
        USE.server_tenant_id == schedule.tenant_id,
        func.replace(cast(USE.server_id, String), "-", "") == func.replace(schedule.subject, "-", ""),
        USE.tenant_id.in_(scope.workspaces),
        USE.until.is_(None),
    )
