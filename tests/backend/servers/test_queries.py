"""What pages read of servers: whole in a few statements however many there are, and only what a scope may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Engine, event

from backend.accounts.queries import Accounts
from backend.bootstrap import Installation
from backend.servers.charts.queries import HistorySeries, LiveSeries
from backend.servers.network.queries import AttachedResources
from backend.servers.queries import ServerDetails, Servers
from backend.servers.sparklines import RecentSparklines, Sparklines
from backend.store.query import Query
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.servers.fleet import AGENCY_SCOPE, ALL, CLIENT_SCOPE, fill, source_of
from tests.installation import open_installation

MANY = 1_000


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A thousand servers with addresses, uses, timeline and two hours of samples."""
    installation = open_installation(tmp_path_factory.mktemp("fleet"))
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    fill(installation, MANY)
    yield installation
    installation.close()


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


FIRST, LAST = UUID(int=1), UUID(int=MANY)


@pytest.mark.parametrize(
    ("query", "most"),
    [
        (Servers(AGENCY_SCOPE), 6),
        (Servers(ALL), 6),
        (Servers(CLIENT_SCOPE), 6),
        (RecentSparklines(AGENCY_SCOPE), 2),
        (RecentSparklines(ALL, Sparklines({}, 0)), 2),
        (ServerDetails(AGENCY_SCOPE, FIRST), 3),
        (AttachedResources(AGENCY_SCOPE, FIRST), 4),
        (HistorySeries(AGENCY_SCOPE, FIRST), 3),
        (LiveSeries(AGENCY_SCOPE, FIRST), 3),
        (Accounts(), 2),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, int) else "",
)
def test_a_page_is_read_in_a_few_statements_with_a_thousand_servers(
    fleet: Installation, query: Query[object], most: int
) -> None:
    with _counted() as statements:
        query.run(source_of(fleet))

    assert 0 < len(statements) <= most, statements


def test_all_servers_are_in_the_list_by_name(fleet: Installation) -> None:
    rows = Servers(AGENCY_SCOPE).run(source_of(fleet))

    assert [row.name for row in rows] == [f"mx{number:04}.example.net" for number in range(MANY)]
    assert (rows[0].workspaces, rows[-1].workspaces) == (("Client",), ())


def test_a_row_that_says_the_same_is_the_same_object_again(fleet: Installation) -> None:
    source = source_of(fleet)
    before = Servers(AGENCY_SCOPE).run(source)
    with fleet.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, FIRST)).health = "warning"

    after = Servers(AGENCY_SCOPE, before).run(source)

    assert [one is other for one, other in zip(before, after, strict=True)] == [False] + [True] * (MANY - 1)
    assert after[0].health == "warning"


@pytest.mark.parametrize("scope", [AGENCY_SCOPE, ALL])
def test_the_agency_sees_who_uses_a_server(fleet: Installation, scope: Scope) -> None:
    assert [row.workspaces for row in Servers(scope).run(source_of(fleet))[9:11]] == [("Client",), ()]


def test_a_client_sees_the_servers_it_uses_and_nothing_of_the_others(fleet: Installation) -> None:
    source = source_of(fleet)

    assert len(Servers(CLIENT_SCOPE).run(source)) == 10
    seen, hidden = ServerDetails(CLIENT_SCOPE, FIRST).run(source), ServerDetails(CLIENT_SCOPE, LAST).run(source)
    assert (len(seen.addresses), len(seen.events)) == (1, 1)
    assert (hidden.addresses, hidden.events) == ((), ())
    assert len(HistorySeries(CLIENT_SCOPE, FIRST).run(source).times) == 3
    assert len(HistorySeries(CLIENT_SCOPE, LAST).run(source).times) == 0
    assert len(LiveSeries(CLIENT_SCOPE, LAST).run(source).times) == 0


def test_counts_are_of_servers_that_are_there(fleet: Installation) -> None:
    (row,) = Accounts().run(source_of(fleet))

    assert row.servers == MANY
