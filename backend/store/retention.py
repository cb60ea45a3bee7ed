"""What is thrown away, and when: the change feed, old job logs, old ticks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from backend.store.schema.operations import Change, Job, JobLog, Tick, WishRow
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.database import Store


@dataclass(frozen=True)
class KeepRule:
    """How long each kind of row is kept."""

    changes: timedelta = timedelta(days=1)
    job_log: timedelta = timedelta(days=90)
    ticks: timedelta = timedelta(days=30)
    wishes: timedelta = timedelta(days=90)


def sweep(store: Store, now: datetime, rule: KeepRule | None = None) -> int:
    """Delete what is older than the rule allows; returns how many rows went.

    Logs of unfinished jobs stay, and the newest change: the numbers go on from it.
    """
    rule = rule or KeepRule()
    unfinished = select(Job.id).where(Job.ended_at.is_(None))
    newest = select(func.max(Change.seq)).scalar_subquery()
    statements = (
        delete(Change).where(Change.at < now - rule.changes, Change.seq < newest),
        delete(JobLog).where(JobLog.at < now - rule.job_log, JobLog.job_id.not_in(unfinished)),
        delete(Tick).where(Tick.due_at < now - rule.ticks),
        delete(WishRow).where(WishRow.taken_at < now - rule.wishes),
    )
    with store.write(ENGINE_SCOPE) as session:
        return sum(session.execute(statement).rowcount for statement in statements)  # type: ignore[attr-defined]
