"""The change feed: each committing transaction says which topics changed, in the table and to this process at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from backend.store.schema.operations import Change
from backend.store.scope import ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from sqlalchemy.orm import UOWTransaction

    from backend.store.database import Store

log = logging.getLogger(__name__)

MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class Changed:
    """Rows of ``topic`` changed in ``workspace``."""

    topic: str
    workspace: UUID


Listener = Callable[[frozenset[Changed]], None]


class ChangeFeed:
    """Hands changes to listeners in this process. Listeners are called on the committing thread and must be quick."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._guard = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit; returns the function that ends it."""
        with self._guard:
            self._listeners.append(listener)
        return lambda: self._drop(listener)

    def publish(self, changes: frozenset[Changed]) -> None:
        """Tell every listener; one that fails is logged and does not keep the others from hearing."""
        with self._guard:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(changes)
            except Exception:
                log.exception("A listener of the change feed failed")

    def _drop(self, listener: Listener) -> None:
        with self._guard:
            if listener in self._listeners:
                self._listeners.remove(listener)


def announce(session: ScopedSession, *topics_of: Changed) -> None:
    """Add announcements by hand, for changes the unit of work does not see (bulk statements, other files)."""
    _pending(session).update(topics_of)


def read_since(store: Store, seq: int) -> tuple[int, frozenset[Changed]]:
    """All announcements after ``seq`` by any process, and the newest sequence number."""
    with store.read(ENGINE_SCOPE) as session:
        rows = session.scalars(select(Change).where(Change.seq > seq).order_by(Change.seq).limit(MOST_AT_ONCE)).all()
        changes = frozenset(Changed(row.topic, row.tenant_id) for row in rows)
        return (rows[-1].seq if rows else seq), changes


def newest_seq(store: Store) -> int:
    """The sequence number to start reading from."""
    with store.read(ENGINE_SCOPE) as session:
        return session.scalar(select(func.coalesce(func.max(Change.seq), 0))) or 0


def _pending(session: Session) -> set[Changed]:
    pending: set[Changed] = session.info.setdefault("changed", set())
    return pending


@event.listens_for(ScopedSession, "after_flush")
def _gather(session: ScopedSession, _context: UOWTransaction) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if row.announced_as:
            _pending(session).add(Changed(row.announced_as, row.tenant_id))


@event.listens_for(ScopedSession, "before_commit")
def _write(session: ScopedSession) -> None:
    session.flush()
    now = datetime.now(UTC)
    fresh = _pending(session) - session.info.get("announced", set())
    if fresh:
        session.info.setdefault("announced", set()).update(fresh)
        for change in sorted(fresh, key=lambda each: (each.topic, str(each.workspace))):
            session.add(Change(topic=change.topic, tenant_id=change.workspace, at=now))
        session.flush()


@event.listens_for(ScopedSession, "after_commit")
def _publish(session: ScopedSession) -> None:
    session.info.pop("announced", None)
    changes = frozenset(session.info.pop("changed", ()))
    feed: ChangeFeed | None = session.info.get("feed")
    if changes and feed is not None:
        feed.publish(changes)


@event.listens_for(ScopedSession, "after_rollback")
def _drop_pending(session: ScopedSession) -> None:
    session.info.pop("changed", None)
    session.info.pop("announced", None)
