"""The audit log: who did what, when; each row's hash covers the one before it, so that a change shows."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from backend.store.queues import in_turn
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, ScopedSession

FIRST = "0" * 64


def record(session: ScopedSession, *, at: datetime, actor: str, action: str, subject: str, detail: str = "") -> None:
    """Append one line in the caller's transaction. The log is the agency's: one chain per installation."""
    in_turn(session, "audit")
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
    previous = FIRST
    expected = 1
    for row in session.scalars(select(AuditRow).order_by(AuditRow.seq)):
        if row.seq != expected or row.previous_hash != previous or row.hash != _hash_of(row):
            return row.seq
        previous, expected = row.hash, expected + 1
    return None


def _hash_of(row: AuditRow) -> str:
    text = "\x1f".join(
        (str(row.seq), row.at.isoformat(), row.actor, row.action, row.subject, row.detail, row.previous_hash)
    )
    return sha256(text.encode()).hexdigest()
