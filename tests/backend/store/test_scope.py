"""A session carries a Scope: nothing goes through it unscoped, and the bridge is for reading only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Executable, delete, func, insert, select, text, update
from sqlalchemy.orm import Session, aliased

from backend.store.database import Store
from backend.store.schema.fleet import Server, ServerUse
from backend.store.schema.mail import Domain, Mailbox
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, ScopedSession, UnscopedQuery
from tests.backend.store.rows import ANNA, BERT, row_of, settle

pytestmark = pytest.mark.judged_once

TABLE: Any = Server.__table__
DOMAINS: Any = Domain.__table__

PAST_THE_CLASS: dict[str, Callable[[], Executable]] = {
    "text": lambda: text("SELECT 1"),
    "a table": lambda: select(TABLE),
    "a table's column beside a class": lambda: select(Domain.name, TABLE.c.name),
    "a join to a table": lambda: select(Domain.name).join(TABLE, TABLE.c.id == Domain.server_id),
    "a subquery of a table": lambda: select(Domain).where(Domain.server_id.in_(select(TABLE.c.id))),
    "a class's rows out of a table": lambda: select(aliased(Domain, select(DOMAINS).subquery())),
    "a table inside its class's own select": lambda: select(Domain).where(Domain.id.in_(select(DOMAINS.c.id))),
    "a bare table beside its class's alias": lambda: select(aliased(Domain).name, DOMAINS.c.name),
    "an alias of a table": lambda: select(Domain.name, TABLE.alias().c.name),
    "a count of a table": lambda: select(Domain.name, select(func.count(TABLE.c.id)).scalar_subquery()),
    "a select from a table": lambda: select(Domain.name).select_from(TABLE),
    "a bulk insert": lambda: insert(Domain).values(tenant_id=BERT, id=uuid4(), name="x.example"),
}


def test_a_scope_names_at_least_one_workspace() -> None:
    with pytest.raises(UnscopedQuery):
        Scope.of()


def test_a_session_without_a_scope_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="scope"):
        ScopedSession()  # type: ignore[call-arg]


@pytest.mark.parametrize("form", PAST_THE_CLASS)
def test_what_names_a_table_past_its_class_is_refused(sqlite_store: Store, form: str) -> None:
    with sqlite_store.read(Scope.of(ANNA)) as session, pytest.raises(UnscopedQuery):
        session.execute(PAST_THE_CLASS[form]())


@pytest.mark.parametrize("form", ["text", "a table"])
def test_a_core_statement_is_refused_in_the_engine_s_scope_too(sqlite_store: Store, form: str) -> None:
    with sqlite_store.read(ENGINE_SCOPE) as session, pytest.raises(UnscopedQuery):
        session.execute(PAST_THE_CLASS[form]())


def test_one_statement_serves_scope_after_scope(any_store: Store) -> None:
    """SQLAlchemy keeps compiled statements: the scope of the first must not stay in them."""
    settle(any_store)
    seen = []
    for scope in (Scope.of(ANNA), Scope.of(BERT), Scope.of(ANNA, BERT), Scope.of(uuid4()), Scope.of(ANNA)):
        with any_store.read(scope) as session:
            seen.append(sorted(session.scalars(select(Domain.name))))
    anna, bert = ["anna-shop.example", "anna.example"], ["bert.example"]
    assert seen == [anna, bert, sorted(anna + bert), [], anna]


def test_two_clients_of_one_server_see_it_and_only_their_own_domains(any_store: Store) -> None:
    fleet = settle(any_store)
    on_it = select(Server.id, Domain.name).join(Domain, Domain.server_id == Server.id).order_by(Domain.name)

    def seen(*workspaces: Any) -> list[str]:
        with any_store.read(Scope.of(*workspaces)) as session:
            found = session.execute(on_it).tuples().all()
        assert {server for server, _name in found} == {fleet.shared}
        return [name for _server, name in found]

    assert seen(ANNA) == ["anna-shop.example", "anna.example"]
    assert seen(BERT) == ["bert.example"]
    assert seen(AGENCY, ANNA, BERT) == ["anna-shop.example", "anna.example", "bert.example"]


def test_a_client_s_use_of_a_server_is_its_own_secret(any_store: Store) -> None:
    settle(any_store)
    with any_store.read(Scope.of(ANNA)) as session:
        assert set(session.scalars(select(ServerUse.tenant_id))) == {ANNA}


def test_a_server_leaves_sight_when_its_use_ends(any_store: Store) -> None:
    fleet = settle(any_store)
    ended = select(ServerUse).where(ServerUse.tenant_id == ANNA, ServerUse.server_id == fleet.shared)
    with any_store.write(ENGINE_SCOPE) as session:
        use = session.scalars(ended).one()
        use.until = use.since
    with any_store.read(Scope.of(ANNA)) as session:
        assert session.get(Server, (AGENCY, fleet.shared)) is None
    with any_store.read(Scope.of(BERT)) as session:
        assert session.get(Server, (AGENCY, fleet.shared)) is not None


FOREIGN_WRITES: dict[str, Callable[[Session, Server], object]] = {
    "a new row": lambda session, _server: session.add(row_of(Domain, BERT)),
    "a change of what is only used": lambda _session, server: setattr(server, "name", "mine"),
    "taking what is only used": lambda _session, server: setattr(server, "tenant_id", ANNA),
    "removing what is only used": lambda session, server: session.delete(server),
}


@pytest.mark.parametrize("form", FOREIGN_WRITES)
def test_a_foreign_write_is_refused(any_store: Store, form: str) -> None:
    fleet = settle(any_store)
    with pytest.raises(UnscopedQuery), any_store.write(Scope.of(ANNA)) as session:
        FOREIGN_WRITES[form](session, session.get_one(Server, (AGENCY, fleet.shared)))
    assert unchanged(any_store, fleet.shared)


BULK = {
    "an update of what is only used": update(Server).values(name="mine"),
    "an update": update(Domain).values(server_id=None),
    "a removal": delete(Mailbox),
}


@pytest.mark.parametrize("form", BULK)
def test_a_bulk_change_reaches_only_what_is_owned(any_store: Store, form: str) -> None:
    fleet = settle(any_store)
    with any_store.write(Scope.of(ANNA)) as session:
        session.execute(BULK[form])
    with any_store.read(ENGINE_SCOPE) as session:
        assert session.get_one(Server, (AGENCY, fleet.shared)).name != "mine"
        assert list(session.scalars(select(Domain.name).where(Domain.tenant_id == BERT))) == ["bert.example"]
        assert BERT in session.scalars(select(Mailbox.tenant_id)).all()


def unchanged(store: Store, server_id: UUID) -> bool:
    with store.read(ENGINE_SCOPE) as session:
        server = session.get(Server, (AGENCY, server_id))
        domains = session.scalars(select(Domain.name)).all()
    return server is not None and server.name != "mine" and len(domains) == 3


def test_an_alias_is_narrowed_like_the_class(any_store: Store) -> None:
    settle(any_store)
    one, other = aliased(Domain), aliased(Domain)
    with any_store.read(Scope.of(BERT)) as session:
        pairs = session.execute(select(one.name, other.name).join(other, one.name <= other.name)).tuples().all()
    assert pairs == [("bert.example", "bert.example")]
