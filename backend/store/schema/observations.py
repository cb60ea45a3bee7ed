"""What was observed: the last verdict of each check. Time series live in the metrics file."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from backend.store.schema.base import Base, UtcTime


class Check(Base):
    """One observation with a verdict: ok, warning, critical, inconclusive (why) or waiting (until)."""

    __tablename__ = "check_result"
    __table_args__ = (Index("ix_check_result_subject", "tenant_id", "subject_id", "kind"),)
    announced_as = "servers"
    only_age = frozenset({"observed_at"})

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text, default="")
    since: Mapped[datetime] = mapped_column(UtcTime)
    observed_at: Mapped[datetime] = mapped_column(UtcTime)
