"""Reads of every table in every shape, by every mix of workspaces: each finds what the rule in words says, no more."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from backend.store.database import Store
from backend.store.schema import Base
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.store.rows import ANNA, BERT, TABLES, all_rows, key_of, settle, visible

pytestmark = pytest.mark.judged_once

READS, SEED = 300, 20260304
SCOPES = [Scope.of(ANNA), Scope.of(BERT), Scope.of(AGENCY), Scope.of(ANNA, AGENCY), Scope.of(ANNA, BERT)]


@dataclass(frozen=True)
class World:
    """All rows, those the scope may see, and the two tables a read is about."""

    rows: list[Base]
    seen: list[Base]
    one: Any
    other: Any

    def of(self, kind: type[Base]) -> list[Base]:
        return [row for row in self.seen if type(row) is kind]

    def keys(self, kind: type[Base]) -> list[Any]:
        return sorted(map(key_of, self.of(kind)))


Answer = tuple[Any, Any]
Shape = Callable[[Session, World], Answer]


def rows(session: Session, world: World) -> Answer:
    return sorted(map(key_of, session.scalars(select(world.one)))), world.keys(world.one)


def columns(session: Session, world: World) -> Answer:
    found = sorted(str(tenant) for tenant in session.scalars(select(world.one.tenant_id)))
    return found, sorted(str(row.tenant_id) for row in world.of(world.one))


def by_key(session: Session, world: World) -> Answer:
    every = [row for row in world.rows if type(row) is world.one]
    found = [key_of(row) for row in every if session.get(world.one, key_of(row)[1:]) is not None]
    return sorted(found), world.keys(world.one)


def count(session: Session, world: World) -> Answer:
    return session.scalar(select(func.count()).select_from(world.one)), len(world.of(world.one))


def alias(session: Session, world: World) -> Answer:
    named = aliased(world.one)
    return sorted(map(key_of, session.scalars(select(named).order_by(named.tenant_id)))), world.keys(world.one)


def subquery(session: Session, world: World) -> Answer:
    inner = select(world.one.tenant_id, func.count().label("n")).group_by(world.one.tenant_id).subquery()
    return session.scalar(select(func.sum(inner.c.n))) or 0, len(world.of(world.one))


def entity_of_a_subquery(session: Session, world: World) -> Answer:
    named = aliased(world.one, select(world.one).subquery())
    return sorted(map(key_of, session.scalars(select(named)))), world.keys(world.one)


def with_clause(session: Session, world: World) -> Answer:
    inner = select(world.one.tenant_id).cte()
    return session.scalar(select(func.count()).select_from(inner)), len(world.of(world.one))


def join(session: Session, world: World) -> Answer:
    one, other = world.one, aliased(world.other)
    found = session.execute(select(one, other).join(other, one.tenant_id == other.tenant_id)).tuples()
    return sorted((key_of(a), key_of(b)) for a, b in found), pairs(world)


def outer_join(session: Session, world: World) -> Answer:
    one, other = world.one, aliased(world.other)
    found = session.execute(select(one, other).outerjoin(other, one.tenant_id == other.tenant_id)).tuples()
    lonely = [row for row in world.of(one) if row.tenant_id not in {each.tenant_id for each in world.of(world.other)}]
    expected = [*pairs(world), *((key_of(row), ()) for row in lonely)]
    return sorted((key_of(a), key_of(b) if b is not None else ()) for a, b in found), sorted(expected)


def every_pair(session: Session, world: World) -> Answer:
    statement = select(func.count()).select_from(world.one).join(aliased(world.other), world.one.tenant_id.is_not(None))
    return session.scalar(statement), len(world.of(world.one)) * len(world.of(world.other))


def inside(session: Session, world: World) -> Answer:
    statement = select(world.one).where(world.one.tenant_id.in_(select(aliased(world.other).tenant_id)))
    tenants = {row.tenant_id for row in world.of(world.other)}
    expected = [row for row in world.of(world.one) if row.tenant_id in tenants]
    return sorted(map(key_of, session.scalars(statement))), sorted(map(key_of, expected))


def whether_any(session: Session, world: World) -> Answer:
    statement = select(func.count()).select_from(world.one).where(exists(select(aliased(world.other).tenant_id)))
    return session.scalar(statement), len(world.of(world.one)) * bool(world.of(world.other))


def union(session: Session, world: World) -> Answer:
    found = session.execute(union_all(select(world.one.tenant_id), select(world.other.tenant_id))).all()
    return len(found), len(world.of(world.one)) + len(world.of(world.other))


def counted_beside(session: Session, world: World) -> Answer:
    inner = select(func.count()).select_from(aliased(world.other)).scalar_subquery()
    found = session.execute(select(world.one.tenant_id, inner)).tuples().all()
    return sorted(n for _tenant, n in found), [len(world.of(world.other))] * len(world.of(world.one))


def legacy_query(session: Session, world: World) -> Answer:
    return sorted(map(key_of, session.query(world.one).all())), world.keys(world.one)


SHAPES: tuple[Shape, ...] = (
    rows, columns, by_key, count, alias, subquery, entity_of_a_subquery, with_clause, join, outer_join, every_pair,
    inside, whether_any, union, counted_beside, legacy_query,
)  # fmt: skip


def pairs(world: World) -> list[Any]:
    two = [(a, b) for a in world.of(world.one) for b in world.of(world.other)]
    return sorted((key_of(a), key_of(b)) for a, b in two if a.tenant_id == b.tenant_id)


def wrong_answers(store: Store, *, read_as: Scope | None = None) -> tuple[int, list[str]]:
    """How many reads were made, and those whose answer is not what the scope may see."""
    settle(store)
    everything, choice = all_rows(store), random.Random(SEED)
    wrong, turns = [], [*TABLES, *choice.choices(TABLES, k=READS - len(TABLES))]
    for number, one in enumerate(turns):
        scope, shape, other = choice.choice(SCOPES), SHAPES[number % len(SHAPES)], choice.choice(TABLES)
        world = World(everything, visible(everything, scope), one, other)
        with store.read(read_as or scope) as session:
            found, expected = shape(session, world)
        if found != expected:
            wrong.append(f"{shape.__name__} of {one.__name__} and {other.__name__} as {scope.workspaces}")
    return len(turns), wrong


def test_no_read_in_any_shape_leaks_and_none_lacks_a_row(any_store: Store) -> None:
    assert wrong_answers(any_store) == (READS, [])


def test_the_same_reads_without_a_scope_would_leak(sqlite_store: Store) -> None:
    """The control: reads that could not tell a leak would show none here either."""
    _reads, wrong = wrong_answers(sqlite_store, read_as=ENGINE_SCOPE)
    assert len(wrong) > READS / 2


def test_every_table_has_rows_of_both_clients_or_is_the_agency_s_alone(sqlite_store: Store) -> None:
    """The reads above say something only about tables that hold rows to leak."""
    settle(sqlite_store)
    owners = {kind: {row.tenant_id for row in all_rows(sqlite_store) if type(row) is kind} for kind in TABLES}
    assert [kind.__name__ for kind, who in owners.items() if not (who == {AGENCY} or who >= {ANNA, BERT})] == []
