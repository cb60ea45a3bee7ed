"""Client workspaces: made, renamed, archived, and given servers to use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.core.errors import Refused
from backend.engine.payload import from_plain
from backend.store.database import Store
from backend.store.metrics import MetricStore
from backend.store.query import Source
from backend.store.schema.fleet import Account, Server, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from backend.workspaces.queries import WorkspaceRow, Workspaces
from backend.workspaces.settings import SETTINGS, ensure_agency
from tests.backend.store.conftest import NOW
from tests.backend.store.rows import row_of

ACME, BETA = UUID(int=0xAC), UUID(int=0xBE)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def store(any_store: Store) -> Store:
    """The agency, and a client named Acme."""
    with any_store.write(ENGINE_SCOPE) as session:
        ensure_agency(session, NOW, "Agency")
    apply(any_store, "workspace.create", workspace_id=str(ACME), name="Acme")
    return any_store


@pytest.fixture
def server_id(store: Store) -> UUID:
    account, server = row_of(Account, AGENCY), uuid4()
    with store.write(ENGINE_SCOPE) as session:
        session.add(account)
        session.flush()
        session.add(row_of(Server, AGENCY, id=server, account_id=account.id, name="mx1"))
    return server


def apply(store: Store, setting: str, **payload: Any) -> None:
    with store.write(ENGINE_SCOPE) as session:
        found = next(each for each in SETTINGS if each.request.kind == setting)
        found.apply(session, from_plain(found.request, payload), NOW)


def listed(store: Store) -> tuple[WorkspaceRow, ...]:
    return Workspaces().run(Source(store, MetricStore(store), NOW))


def test_the_agency_is_there_from_the_first_start_and_stays_one(store: Store) -> None:
    with store.write(ENGINE_SCOPE) as session:
        ensure_agency(session, LATER, "Another name")
    with store.read(ENGINE_SCOPE) as session:
        agency = session.scalars(select(Workspace).where(Workspace.kind == "agency")).one()
    assert (agency.tenant_id, agency.name, agency.created_at) == (AGENCY, "Agency", NOW)


def test_workspaces_are_listed_by_name_the_agency_first(store: Store) -> None:
    apply(store, "workspace.create", workspace_id=str(BETA), name="  Aardvark ")
    assert [(row.name, row.is_agency) for row in listed(store)] == [
        ("Agency", True),
        ("Aardvark", False),
        ("Acme", False),
    ]


def test_a_workspace_takes_a_new_name(store: Store) -> None:
    apply(store, "workspace.rename", workspace_id=str(ACME), name="Acme Ltd")
    assert [row.name for row in listed(store)] == ["Agency", "Acme Ltd"]


REFUSED: dict[str, tuple[str, Mapping[str, Any], str]] = {
    "a taken name": ("workspace.create", {"workspace_id": str(BETA), "name": "Acme"}, "already a workspace named Acme"),
    "no name": ("workspace.create", {"workspace_id": str(BETA), "name": "  "}, "needs a name"),
    "an absent name": ("workspace.create", {"workspace_id": str(BETA)}, "Invalid request"),
    "too long a name": ("workspace.create", {"workspace_id": str(BETA), "name": "x" * 121}, "at most 120"),
    "renaming to a taken name": ("workspace.rename", {"workspace_id": str(ACME), "name": "Agency"}, "already"),
    "an unknown workspace": ("workspace.rename", {"workspace_id": str(BETA), "name": "x"}, "no longer exists"),
    "archiving the agency": ("workspace.archive", {"workspace_id": str(AGENCY)}, "cannot be archived"),
    "an unknown server": (
        "workspace.use_server",
        {"workspace_id": str(ACME), "server_id": str(uuid4()), "is_used": True},
        "server no longer exists",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused_in_words(store: Store, what: str) -> None:
    setting, payload, words = REFUSED[what]
    before = listed(store)
    with pytest.raises(Refused, match=words):
        apply(store, setting, **payload)
    assert listed(store) == before


def use(store: Store, server_id: UUID, is_used: bool) -> None:
    apply(store, "workspace.use_server", workspace_id=str(ACME), server_id=str(server_id), is_used=is_used)


def sees(store: Store, server_id: UUID) -> bool:
    with store.read(Scope.of(ACME)) as session:
        return session.get(Server, (AGENCY, server_id)) is not None


def test_a_client_sees_a_server_from_the_beginning_of_its_use_to_its_end(store: Store, server_id: UUID) -> None:
    assert not sees(store, server_id)
    for _twice in range(2):
        use(store, server_id, True)
    assert sees(store, server_id)
    assert [row.servers for row in listed(store)] == [0, 1]
    for _twice in range(2):
        use(store, server_id, False)
    assert not sees(store, server_id)
    with store.read(ENGINE_SCOPE) as session:
        ended = session.scalars(select(ServerUse)).one()
    assert (ended.since, ended.until) == (NOW, NOW)


def test_a_use_that_begins_again_is_a_new_one(store: Store, server_id: UUID) -> None:
    for is_used in (True, False, True):
        use(store, server_id, is_used)
    with store.read(ENGINE_SCOPE) as session:
        assert [each.until for each in session.scalars(select(ServerUse).order_by(ServerUse.until))].count(None) == 1
        assert len(session.scalars(select(ServerUse)).all()) == 2
    assert sees(store, server_id)


def test_an_archived_workspace_ends_its_uses_and_leaves_the_list(store: Store, server_id: UUID) -> None:
    use(store, server_id, True)
    apply(store, "workspace.archive", workspace_id=str(ACME))
    assert not sees(store, server_id)
    assert [row.name for row in listed(store)] == ["Agency"]
    with pytest.raises(Refused, match="no longer exists"):
        use(store, server_id, True)
