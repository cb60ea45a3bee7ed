"""What is thrown away, and when: by rules that features give, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, delete, inspect, select, tuple_

from backend.store.schema.base import Base
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.database import Store
    from backend.store.scope import ScopedSession

#: Rows that go in one transaction: others must not wait long for their turn to write.
BATCH = 500


def _nothing(_session: ScopedSession, _now: datetime) -> None:
    """Most rows leave no trace."""


@dataclass(frozen=True)
class RetentionRule:
    """Rows of ``table`` go when ``keep`` is over: those for which ``is_old`` holds of the moment so long ago.

    What hangs on a row by a foreign key goes with it. ``note`` is called in the transaction that removed some.
    """

    table: type[Base]
    keep: timedelta
    is_old: Callable[[datetime], ColumnElement[bool]]
    note: Callable[[ScopedSession, datetime], None] = _nothing


def sweep(
    store: Store,
    now: datetime,
    rules: Iterable[RetentionRule],
    *,
    between: Callable[[], None] = lambda: None,
) -> int:
    """Delete what is older than the rules allow; returns how many rows went, without what hung on them.

    ``between`` is called before each batch; it may raise to stop there: what went is gone, and the next sweep goes on.
    """
    return sum(_sweep(store, now, rule, between) for rule in rules)


def _sweep(store: Store, now: datetime, rule: RetentionRule, between: Callable[[], None]) -> int:
    gone = 0
    while True:
        between()
        removed = _remove_some(store, now, rule)
        gone += removed
        if removed < BATCH:
            return gone


def _remove_some(store: Store, now: datetime, rule: RetentionRule) -> int:
    """In the order of their keys, so that a chain of rows loses its oldest first."""
    key = inspect(rule.table).primary_key
    old = select(*key).where(rule.is_old(now - rule.keep)).order_by(*key).limit(BATCH)
    with store.write(ENGINE_SCOPE) as session:
        done = session.execute(delete(rule.table).where(tuple_(*key).in_(old)))
        removed: int = done.rowcount  # type: ignore[attr-defined]
        if removed:
            rule.note(session, now)
    return removed
