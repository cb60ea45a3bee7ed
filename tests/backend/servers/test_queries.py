"""What pages read of servers: whole in a few statements however many there are, and only what a scope may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event

from backend.accounts.queries import Accounts
from backend.bootstrap import Installation
from backend.servers.queries import HistorySeries, LiveSeries, ServerDetails, Servers
from backend.store.metrics import ServerKey
from backend.store.query import Query, Source
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.installation import open_installation

CLIENT = UUID("00000000-0000-4000-8000-0000000000c1")
MANY = 1_000


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A thousand servers with addresses, uses, timeline and two hours of samples."""
    installation = open_installation(tmp_path_factory.mktemp("fleet"))
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    _fill(installation)
    yield installation
    installation.close()


def _fill(installation: Installation) -> None:
    now, account = installation.clock.now(), uuid4()
    ids = [UUID(int=number + 1) for number in range(MANY)]
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(Workspace(tenant_id=CLIENT, name="Client", kind="client", created_at=now))
        common = {"provider": "digitalocean", "secret_ref": "x", "state": "verified", "created_at": now}
        session.add(Account(tenant_id=AGENCY, id=account, name="Main", **common))
        session.flush()
        for number, server_id in enumerate(ids):
            name, plan = f"mx{number:04}.example.net", "s-1vcpu-1gb"
            server: dict[str, Any] = {"region": "fra1", "plan": plan, "life": "active", "created_at": now}
            session.add(Server(tenant_id=AGENCY, id=server_id, account_id=account, name=name, **server))
        session.flush()
        for server_id in ids:
            of: dict[str, Any] = {"tenant_id": AGENCY, "server_id": server_id}
            session.add(Address(id=uuid4(), ip="203.0.113.1", family=4, kind="public", since=now, **of))
            session.add(ServerEvent(id=uuid4(), at=now, kind="ready", text="ready", **of))
        for server_id in ids[:10]:
            use = {"server_tenant_id": AGENCY, "server_id": server_id, "since": now}
            session.add(ServerUse(tenant_id=CLIENT, id=uuid4(), **use))
    at = int(now.timestamp())
    values = {"cpu": 5.0, "memory": 40.0, "disk": 20.0}
    rows = [(ServerKey(AGENCY, each), at - 300 * turn, values) for each in ids for turn in range(3)]
    installation.metrics.add_many(ENGINE_SCOPE, rows)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The statements that any database engine of this process executes."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _source(installation: Installation) -> Source:
    return Source(installation.store, installation.metrics, installation.clock.now() + timedelta(seconds=1))


AGENCY_SCOPE, CLIENT_SCOPE, ALL = Scope.of(AGENCY), Scope.of(CLIENT), Scope.of(AGENCY, CLIENT)
FIRST, LAST = UUID(int=1), UUID(int=MANY)


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (Servers(AGENCY_SCOPE), 6),
        (Servers(ALL), 6),
        (Servers(CLIENT_SCOPE), 6),
        (ServerDetails(AGENCY_SCOPE, FIRST), 2),
        (HistorySeries(AGENCY_SCOPE, FIRST), 3),
        (LiveSeries(AGENCY_SCOPE, FIRST), 2),
        (Accounts(), 2),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else "",
)
def test_a_page_is_read_in_a_few_statements_with_a_thousand_servers(
    fleet: Installation, query: Query[object], most: int
) -> None:
    with _counted() as statements:
        query.run(_source(fleet))

    assert 0 < len(statements) <= most, statements


def test_all_servers_are_in_the_list_by_name_with_their_sparklines(fleet: Installation) -> None:
    rows = Servers(AGENCY_SCOPE).run(_source(fleet))

    assert [row.name for row in rows] == [f"mx{number:04}.example.net" for number in range(MANY)]
    assert {len(row.sparks["cpu"].points) for row in rows} == {3}
    assert rows[0].sparks["memory"].now == 40.0
    assert (rows[0].workspaces, rows[-1].workspaces) == (("Client",), ())


@pytest.mark.parametrize("scope", [AGENCY_SCOPE, ALL])
def test_the_agency_sees_who_uses_a_server(fleet: Installation, scope: Scope) -> None:
    assert [row.workspaces for row in Servers(scope).run(_source(fleet))[9:11]] == [("Client",), ()]


def test_a_client_sees_the_servers_it_uses_and_nothing_of_the_others(fleet: Installation) -> None:
    source = _source(fleet)

    assert len(Servers(CLIENT_SCOPE).run(source)) == 10
    seen, hidden = ServerDetails(CLIENT_SCOPE, FIRST).run(source), ServerDetails(CLIENT_SCOPE, LAST).run(source)
    assert (len(seen.addresses), len(seen.events)) == (1, 1)
    assert (hidden.addresses, hidden.events) == ((), ())
    assert len(HistorySeries(CLIENT_SCOPE, FIRST).run(source).times) == 3
    assert len(HistorySeries(CLIENT_SCOPE, LAST).run(source).times) == 0
    assert len(LiveSeries(CLIENT_SCOPE, LAST).run(source).times) == 0


def test_counts_are_of_servers_that_are_there(fleet: Installation) -> None:
    (row,) = Accounts().run(_source(fleet))

    assert row.servers == MANY
