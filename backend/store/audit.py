"""The audit log: who did what, when; each row's hash covers the one before it, so that a change shows.

Rows that are old are removed from its beginning. The row that says so carries the number and the hash of the last one
that went, so that a beginning that was cut off by anybody else shows too.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select

from backend.store.advisory_locks import advisory_lock
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, ScopedSession

FIRST = "0" * 64
SWEPT = "audit.sweep"


def record(session: ScopedSession, *, at: datetime, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Append one line in the caller's transaction. The log is the agency's: one chain per installation."""
    advisory_lock(session, "audit")
    last = session.scalars(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1)).first()
    row = AuditRow(
        tenant_id=AGENCY,
        seq=last.seq + 1 if last else 1,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        detail=detail,
        previous_hash=last.hash if last else FIRST,
        hash="",
    )
    row.hash = _hash_of(row)
    session.add(row)
    session.flush()


def first_broken(session: ScopedSession) -> int | None:
    """The sequence number of the first row whose hash or link is wrong, None when the chain holds."""
    rows = iter(session.scalars(select(AuditRow).order_by(AuditRow.seq)))
    first = next(rows, None)
    if first is None:
        return None
    beginning, swept = (str(first.seq - 1), first.previous_hash), {("0", FIRST)}
    expected, previous = first.seq - 1, first.previous_hash
    for row in (first, *rows):
        expected += 1
        if row.seq != expected or row.previous_hash != previous or row.hash != _hash_of(row):
            return row.seq
        previous = row.hash
        if row.action == SWEPT:
            swept.add((row.subject, row.detail))
    return None if beginning in swept else first.seq


def is_old(before: datetime) -> ColumnElement[bool]:
    """Rows that may go: all in front of the first that is not older than ``before``. The newest stays.

    By their numbers, not by their times: a clock that was set back must not leave a hole in the chain.
    """
    young = select(func.min(AuditRow.seq)).where(AuditRow.at >= before).scalar_subquery()
    newest = select(func.max(AuditRow.seq)).scalar_subquery()
    return AuditRow.seq < func.coalesce(young, newest)


def note_sweep(session: ScopedSession, now: datetime) -> None:
    """Write down where the chain begins from now on, in the transaction that removed what was in front."""
    first = session.scalars(select(AuditRow).order_by(AuditRow.seq).limit(1)).one()
    record(session, at=now, actor="Mailyard", action=SWEPT, subject=str(first.seq - 1), detail=first.previous_hash)


def _hash_of(row: AuditRow) -> str:
    text = "\x1f".join(
        (str(row.seq), row.at.isoformat(), row.actor, row.action, row.subject, row.detail, row.previous_hash)
    )
    return sha256(text.encode()).hexdigest()
