"""What the engine does: wishes, jobs with steps and log, intents, schedules, the change feed, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, Integer, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import Base, UtcTime

BIG = BigInteger().with_variant(Integer, "sqlite")


class WishRow(Base):
    """What somebody asked for: start a job, or act on one. Written by clients, taken once by the engine."""

    __tablename__ = "wish"
    __table_args__ = (Index("ix_wish_open", "taken_at", "at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UtcTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcTime)
    refusal: Mapped[str | None] = mapped_column(Text)


class Job(Base):
    """A durable, resumable run of steps as pages read it; ``run`` counts the workflows that carried it."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_started", "tenant_id", "wished_at"),
        Index("ix_job_state", "state"),
        Index("ix_job_about", "about_id"),
    )
    announced_as = "jobs"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    wish: Mapped[dict[str, Any]] = mapped_column(JSON)
    about: Mapped[str] = mapped_column(String(253), default="")
    about_id: Mapped[UUID | None] = mapped_column(Uuid)
    author: Mapped[str] = mapped_column(String(120))
    lane: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    run: Mapped[int] = mapped_column(Integer, default=1)
    direction: Mapped[str] = mapped_column(String(10), default="forward")
    resume_at: Mapped[datetime | None] = mapped_column(UtcTime)
    question: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    cause: Mapped[str] = mapped_column(Text, default="")
    remedy: Mapped[str] = mapped_column(Text, default="")
    is_retryable: Mapped[bool] = mapped_column(default=False)
    cancel_wished: Mapped[bool] = mapped_column(default=False)
    wished_at: Mapped[datetime] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class JobStep(Base):
    """One step of a job: its state, result and times. ``result`` holds references, never secret values."""

    __tablename__ = "job_step"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),)
    announced_as = "jobs"

    job_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    percent: Mapped[int | None] = mapped_column(Integer)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class JobLog(Base):
    """One line a job wrote about itself."""

    __tablename__ = "job_log"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),
        Index("ix_job_log_job", "tenant_id", "job_id", "at"),
    )
    announced_as = "jobs"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    job_id: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(UtcTime)
    level: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)


class IntentRow(Base):
    """What we are about to create, written before the call; ``state``: open, created, removed, void."""

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
    settled_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Schedule(Base):
    """When a job is wished by the timetable: every ``every_s`` seconds, from ``next_at``."""

    __tablename__ = "schedule"
    __table_args__ = (UniqueConstraint("tenant_id", "kind", "subject"),)
    announced_as = "schedules"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(80), default="")
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    every_s: Mapped[int] = mapped_column(Integer)
    grace_s: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcTime)
    enabled: Mapped[bool] = mapped_column(default=True)


class Tick(Base):
    """One due time of a schedule and what came of it: a job, or a skip with its reason."""

    __tablename__ = "tick"
    __table_args__ = (Index("ix_tick_schedule", "tenant_id", "schedule_id", "due_at"),)
    announced_as = "schedules"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    schedule_id: Mapped[UUID] = mapped_column(Uuid)
    due_at: Mapped[datetime] = mapped_column(UtcTime)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")


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
