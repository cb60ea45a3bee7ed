"""What was observed: what each check says now, and all it said. Time series live in the metrics file."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, ColumnElement, Index, String, UniqueConstraint, Uuid, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.checks import SERVER
from backend.core.present.message import Message
from backend.store.schema.base import TOLD, Base, Said, ScopeLike, UtcTime
from backend.store.schema.fleet import used_during, used_now


class _Judged(Base):
    """A verdict of a check on a subject: ok, warning, critical, inconclusive (why) or waiting (until)."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    check_key: Mapped[str] = mapped_column(String(60))
    verdict: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Said, default="", info=TOLD)
    #: None: ``why`` is no msgid but words as they were said.
    why_values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    since: Mapped[datetime] = mapped_column(UtcTime)

    @property
    def reason(self) -> Message:
        return Message.stored(self.why, self.why_values)


class Check(_Judged):
    """What a check says now. ``known_verdict`` is the last that found something out, held since ``known_since``.

    ``about`` is what a list calls the subject, ``named_as`` the title that its reasons need before them, if any.
    """

    __tablename__ = "check_result"
    kept_because = "one row a check of a subject"
    __table_args__ = (UniqueConstraint("tenant_id", "subject_kind", "subject_id", "check_key"),)
    announced_as = "servers"
    only_age = frozenset({"observed_at"})

    about: Mapped[str] = mapped_column(String(253), default="", info=TOLD)
    named_as: Mapped[str] = mapped_column(String(120), default="")
    counts_for_health: Mapped[bool] = mapped_column(Boolean, default=False)
    known_verdict: Mapped[str | None] = mapped_column(String(20))
    known_since: Mapped[datetime | None] = mapped_column(UtcTime)
    observed_at: Mapped[datetime] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        used = used_now(cls.tenant_id, cls.subject_id, scope)
        return or_(cls.owned_by(scope), and_(cls.subject_kind == SERVER, used))


class CheckInterval(_Judged):
    """A verdict from ``since`` to ``until``, None while it holds. ``before``: what was known when it began, or ""."""

    __tablename__ = "check_interval"
    __table_args__ = (
        Index("ix_check_interval_subject", "tenant_id", "subject_kind", "subject_id", "check_key", "since"),
        Index("ix_check_interval_since", "since"),
    )

    before: Mapped[str] = mapped_column(String(20), default="")
    until: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def visible_to(cls, scope: ScopeLike) -> ColumnElement[bool]:
        used = used_during(cls.tenant_id, cls.subject_id, cls.since, cls.until, scope)
        return or_(cls.owned_by(scope), and_(cls.subject_kind == SERVER, used))
