"""Two clients that use servers in turn, and together: each sees what happened while it was one of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.store.database import Store
from backend.store.schema import Base
from backend.store.schema.fleet import Account, Server, ServerEvent, ServerUse, Snapshot, Workspace
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import ANNA, BERT, TABLES, about, all_rows, key_of, row_of, visible, write

pytestmark = pytest.mark.judged_once

TURNS = 60
CLIENTS = (ANNA, BERT)


@dataclass
class Story:
    """What happens to three servers in an hour's steps, told by chance; ``account`` has them all."""

    chance: random.Random
    account: UUID = field(default_factory=uuid4)
    servers: list[UUID] = field(default_factory=lambda: [uuid4() for _ in range(3)])
    uses: dict[tuple[UUID, UUID], ServerUse] = field(default_factory=dict)
    at: datetime = NOW

    def begin(self) -> Iterator[Base]:
        for who, kind in ((AGENCY, "agency"), (ANNA, "client"), (BERT, "client")):
            yield row_of(Workspace, who, kind=kind)
        yield row_of(Account, AGENCY, id=self.account)
        for server in self.servers:
            yield row_of(Server, AGENCY, id=server, account_id=self.account)

    def turn(self) -> Iterator[Base]:
        """A client comes or goes; then something happens to a server, of the agency's or of a client's own."""
        self.at += timedelta(hours=1)
        who, server = self.chance.choice(CLIENTS), self.chance.choice(self.servers)
        use = self.uses.pop((who, server), None)
        if use is None:
            use = row_of(ServerUse, who, server_tenant_id=AGENCY, server_id=server, since=self.at)
            self.uses[who, server] = use
            yield use
        else:
            use.until = self.at
        happened, lasted = self.at + timedelta(minutes=20), self.chance.choice((10, 90, None))
        ended = None if lasted is None else happened + timedelta(minutes=lasted)
        server, owner = self.chance.choice(self.servers), self.chance.choice((AGENCY, AGENCY, *CLIENTS))
        yield from about(server, owner, happened, ended)
        yield row_of(ServerEvent, AGENCY, server_id=server, at=happened)
        of_it = {"account_id": self.account, "server_id": server}
        yield row_of(Snapshot, AGENCY, created_at=happened, **of_it)


def told(store: Store, seed: int) -> None:
    story = Story(random.Random(seed))
    with store.write(ENGINE_SCOPE) as session:
        write(session, story.begin())
        for _turn in range(TURNS):
            write(session, story.turn())


@pytest.mark.parametrize("seed", range(4))
def test_a_client_sees_all_that_happened_in_its_time_and_nothing_of_another_s(any_store: Store, seed: int) -> None:
    told(any_store, seed)
    everything = all_rows(any_store)

    for scope in (Scope.of(ANNA), Scope.of(BERT), Scope.of(AGENCY)):
        expected = sorted(map(key_of, visible(everything, scope)))
        with any_store.read(scope) as session:
            found = sorted(key_of(row) for table in TABLES for row in session.scalars(select(table)))
        assert found == expected


def test_the_story_has_jobs_of_one_client_of_the_other_of_both_and_of_none(sqlite_store: Store) -> None:
    """What the comparison says is worth something: chance made each case."""
    told(sqlite_store, 0)
    seen = {}
    for who in CLIENTS:
        with sqlite_store.read(Scope.of(who)) as session:
            seen[who] = set(session.scalars(select(Job.id).where(Job.tenant_id == AGENCY)))
    with sqlite_store.read(Scope.of(AGENCY)) as session:
        every = set(session.scalars(select(Job.id)))

    anna, bert = seen.values()
    assert all((anna - bert, bert - anna, anna & bert, every - anna - bert))


def test_what_a_client_has_of_a_shared_server_is_not_the_other_s(sqlite_store: Store) -> None:
    """Also not for being about a server that both use all the time."""
    server, account = uuid4(), uuid4()
    with sqlite_store.write(ENGINE_SCOPE) as session:
        write(session, Story(random.Random(0), account, [server]).begin())
        uses = [row_of(ServerUse, who, server_tenant_id=AGENCY, server_id=server, since=NOW) for who in CLIENTS]
        write(session, [*uses, *about(server, ANNA)])

    with sqlite_store.read(Scope.of(BERT)) as session:
        assert [row for table in TABLES for row in session.scalars(select(table)) if row.tenant_id == ANNA] == []
