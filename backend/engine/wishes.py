"""Wishes: the one thing a page or a command writes. A wish starts a job, or acts on one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from backend.store.changes import Changed, announce
from backend.store.schema.operations import WishRow
from backend.store.scope import ScopedSession

Action = Literal["job.confirm", "job.cancel", "job.retry", "job.roll_back"]
ACTIONS: tuple[Action, ...] = ("job.confirm", "job.cancel", "job.retry", "job.roll_back")
WATCH = "server.watch"
TOPIC = "wishes"


@dataclass(frozen=True)
class Wish:
    """``kind`` is a job kind's name or an action; ``payload`` is plain data with secret references only.

    The wish's id becomes the id of the job it starts, so it is known before anything ran.
    """

    workspace: UUID
    kind: str
    payload: Mapping[str, Any]
    author: str
    id: UUID = field(default_factory=uuid4)


def act_on(job_id: UUID, action: Action, *, workspace: UUID, author: str, **details: Any) -> Wish:
    """A wish about a job: confirm its question, cancel, retry (``from_step``), or roll back."""
    return Wish(workspace, action, {"job_id": str(job_id), **details}, author)


def write_wish(session: ScopedSession, wish: Wish, now: datetime) -> None:
    """Put the wish where the engine finds it; the caller commits."""
    session.add(
        WishRow(
            tenant_id=wish.workspace,
            id=wish.id,
            kind=wish.kind,
            payload=dict(wish.payload),
            author=wish.author,
            at=now,
        )
    )
    announce(session, Changed(TOPIC, wish.workspace))
