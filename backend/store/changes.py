"""The change feed: each committing transaction says which topics changed, in the table and to this process at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session, SessionTransaction

from backend.store.advisory_locks import advisory_lock
from backend.store.schema.operations import Change
from backend.store.scope import ENGINE_SCOPE, Scope, ScopedSession

if TYPE_CHECKING:
    from sqlalchemy.orm import UOWTransaction

    from backend.store.schema.base import Base

log = logging.getLogger(__name__)

#: Only the age of what is known changed: pages look at their own pace.
AGES = "ages"
MOST_AT_ONCE = 5_000
#: What a PostgreSQL server tells its listening sessions of a commit with changes: to look into the table.
CHANNEL = "mailyard_changes"


@dataclass(frozen=True)
class Changed:
    """Rows of ``topic`` changed in ``workspace``."""

    topic: str
    workspace: UUID


class Readable(Protocol):
    """What reading the change table needs of a :class:`backend.store.database.Store`, which stands above the feed."""

    def read(self, scope: Scope) -> AbstractContextManager[ScopedSession]: ...


Listener = Callable[[frozenset[Changed]], None]


class ChangeFeed:
    """Hands changes to listeners in this process. Listeners are called on the committing thread and must be quick."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._own: dict[int, None] = {}
        self._lock = threading.Lock()

    @property
    def own(self) -> Collection[int]:
        """Sequence numbers this process committed lately and told already: who reads the table leaves them out."""
        with self._lock:
            return frozenset(self._own)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit; returns the function that ends it."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._drop(listener)

    def publish(self, changes: frozenset[Changed], own: Collection[int] = ()) -> None:
        """Tell every listener; one that fails is logged and does not keep the others from hearing.

        ``own`` are the numbers under which this process wrote them into the table.
        """
        with self._lock:
            listeners = list(self._listeners)
            self._own.update(dict.fromkeys(own))
            while len(self._own) > MOST_AT_ONCE:
                del self._own[next(iter(self._own))]
        for listener in listeners:
            try:
                listener(changes)
            except Exception:
                log.exception("A listener of the change feed failed")

    def _drop(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)


def announce(session: ScopedSession, *topics_of: Changed) -> None:
    """Add announcements by hand, for changes the unit of work does not see (bulk statements, other files)."""
    _pending(session).update(topics_of)


def read_since(store: Readable, seq: int, without: Collection[int] = ()) -> tuple[int, frozenset[Changed]]:
    """All announcements after ``seq`` but those numbered in ``without``, and the newest sequence number."""
    columns = select(Change.seq, Change.topic, Change.tenant_id)
    with store.read(ENGINE_SCOPE) as session:
        rows = session.execute(columns.where(Change.seq > seq).order_by(Change.seq).limit(MOST_AT_ONCE)).all()
        changes = frozenset(Changed(topic, workspace) for number, topic, workspace in rows if number not in without)
        return (rows[-1].seq if rows else seq), changes


def newest_seq(store: Readable) -> int:
    """The sequence number to start reading from."""
    with store.read(ENGINE_SCOPE) as session:
        return session.scalar(select(func.coalesce(func.max(Change.seq), 0))) or 0


def _pending(session: Session) -> set[Changed]:
    pending: set[Changed] = session.info.setdefault("changed", set())
    return pending


@event.listens_for(ScopedSession, "after_flush")
def _gather(session: ScopedSession, _context: UOWTransaction) -> None:
    for row in (*session.new, *session.deleted):
        if row.announced_as:
            _pending(session).add(Changed(row.announced_as, row.tenant_id))
    for row in session.dirty:
        topic = _topic_of_change(row)
        if topic:
            _pending(session).add(Changed(topic, row.tenant_id))


def _topic_of_change(row: Base) -> str:
    """Nothing where no value differs; the age of an observation alone is told under a topic of its own."""
    changed = {attribute.key for attribute in inspect(row).attrs if attribute.history.has_changes()}
    if not changed:
        return ""
    return AGES if row.announced_as and changed <= row.only_age else row.announced_as


@event.listens_for(ScopedSession, "before_commit")
def _write(session: ScopedSession) -> None:
    session.flush()
    fresh = _pending(session) - session.info.get("announced", set())
    if fresh:
        session.info.setdefault("announced", set()).update(fresh)
        _append(session, sorted(fresh, key=lambda each: (each.topic, str(each.workspace))))
        session.flush()


def _append(session: ScopedSession, fresh: list[Changed]) -> None:
    """Numbers are taken in the order of commits: a reader that saw one has seen all below it."""
    advisory_lock(session, "changes")
    # The highest number of all workspaces, whatever the session's own scope: so it goes past the session.
    last = session.connection().scalar(select(func.max(Change.seq))) or 0
    now = datetime.now(UTC)
    session.info.setdefault("seqs", []).extend(range(last + 1, last + 1 + len(fresh)))
    for seq, change in enumerate(fresh, last + 1):
        session.add(Change(seq=seq, topic=change.topic, tenant_id=change.workspace, at=now))
    if session.connection().dialect.name == "postgresql":  # told at the commit, to all in the database
        session.connection().execute(select(func.pg_notify(CHANNEL, "")))


@event.listens_for(ScopedSession, "after_commit")
def _publish(session: ScopedSession) -> None:
    """Not where a savepoint ends, of which SQLAlchemy tells alike: who read on that word would see what was before, and
    hear of it no more.
    """
    if session.in_nested_transaction():
        return
    session.info.pop("announced", None)
    own = session.info.pop("seqs", ())
    changes = frozenset(session.info.pop("changed", ()))
    feed: ChangeFeed | None = session.info.get("feed")
    if changes and feed is not None:
        feed.publish(changes, own)


@event.listens_for(ScopedSession, "after_soft_rollback")
def _drop_pending(session: ScopedSession, ended: SessionTransaction) -> None:
    """Only with the whole transaction: what came before a savepoint is still committed, and must be heard of."""
    if not ended.nested:
        for key in ("changed", "announced", "seqs"):
            session.info.pop(key, None)
