"""Whether what is kept is whole, and whether secrets are renewed by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.store.audit import first_broken
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from backend.upkeep.requests import RenewDue

if TYPE_CHECKING:
    from backend.store.query import Source


@dataclass(frozen=True)
class AuditChain:
    """Query: the number of the first line of the audit log that does not follow from the one before; None: all do."""

    topics: ClassVar[tuple[str, ...]] = ("audit",)

    def run(self, source: Source) -> int | None:
        with source.store.read(Scope.of(AGENCY)) as session:
            return first_broken(session)


@dataclass(frozen=True)
class RenewalRow:
    """Whether secrets that are due are renewed without a person's word; ``next_at`` None: they are not."""

    is_on: bool
    next_at: datetime | None


@dataclass(frozen=True)
class RenewalByItself:
    """Query: the switch for it. Off where no engine ever ran."""

    topics: ClassVar[tuple[str, ...]] = ("schedules",)

    def run(self, source: Source) -> RenewalRow:
        with source.store.read(ENGINE_SCOPE) as session:
            schedule = session.scalars(select(Schedule).where(Schedule.kind == RenewDue.kind)).first()
        is_on = schedule is not None and schedule.enabled
        return RenewalRow(is_on, schedule.next_at if schedule is not None and is_on else None)
