"""Requests as rows: the one thing a page or a command writes. A request starts a job, acts on one, or is a setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from backend.engine.payload import Request, to_plain
from backend.store.changes import Changed, announce
from backend.store.schema.operations import RequestRow
from backend.store.scope import ScopedSession

TOPIC = "requests"


@dataclass(frozen=True)
class RequestEnvelope:
    """A request with what its row needs besides. ``id`` becomes the id of the job it starts, so it is known before
    anything ran.
    """

    workspace: UUID
    request: Request
    author: str
    id: UUID = field(default_factory=uuid4)


def write_request(session: ScopedSession, envelope: RequestEnvelope, now: datetime) -> None:
    """Put the request where the engine finds it; the caller commits."""
    put_row(
        session,
        RequestRow(
            tenant_id=envelope.workspace,
            id=envelope.id,
            kind=envelope.request.kind,
            payload=to_plain(envelope.request),
            author=envelope.author,
            at=now,
        ),
    )


def put_row(session: ScopedSession, row: RequestRow) -> None:
    """The same with a request that is stored already, as those of schedules are."""
    session.add(row)
    announce(session, Changed(TOPIC, row.tenant_id))
