"""What any account of the installation knows as ours is no orphan, whichever account lists it, and is not deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.secrets.values import Secret
from backend.inventory.queries import Orphans
from backend.servers.paid import PAID
from backend.store.schema.fleet import Account, Orphan, Server, ServerEvent, Snapshot
from backend.store.schema.resources import Firewall, ReservedAddress
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.world import World, running_server, without_machines
from tests.backend.servers.world import row_of as server_row
from tests.backend.store.rows import row_of

pytestmark = pytest.mark.judged_once

PAID_BY_KEY = {each.key: each for each in PAID}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("known")) as world:
        yield world


@pytest.fixture
def server(world: World) -> UUID:
    world.emulator.heal()
    return running_server(world)


@pytest.fixture
def add(world: World) -> Callable[..., UUID]:
    """Writes one more account straight into the store, by default at the same cloud under a token that works."""

    def added(**changes: Any) -> UUID:
        ref = world.installation.client.keep_secret_now("api_keys", AGENCY, Secret(world.emulator.token)).path
        facts = {"provider": "digitalocean", "endpoint_url": world.emulator.url, "secret_ref": ref, "state": "verified"}
        account = row_of(Account, AGENCY, name=f"Twin {uuid4()}", **{"removed_at": None, **facts, **changes})
        with world.installation.store.write(ENGINE_SCOPE) as session:
            session.add(account)
        return account.id

    return added


def orphans(world: World) -> list[str]:
    assert world.ended("orphans.scan").state == "succeeded"
    return [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]


def known(world: World, key: str, account: UUID) -> tuple[set[str], set[str]]:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        found = PAID_BY_KEY[key].known(session, account)
    return set(found.belonging), set(found.ours)


def test_a_server_of_ours_is_no_orphan_of_another_account_and_is_not_deleted(
    world: World, server: UUID, add: Callable[..., UUID]
) -> None:
    number, twin = str(server_row(world, server).provider_id), add()
    name = server_row(world, server).name
    planted = row_of(Orphan, AGENCY, account_id=twin, resource="server", provider_id=number, name=name)

    assert number not in orphans(world)

    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(planted)
    job = world.ended("orphan.remove", account_id=str(twin), resource="server", provider_id=number, typed_name=name)
    assert (job.state, "no longer orphaned" in (job.cause or "")) == ("failed", True)
    assert number in world.emulator.server_ids()


def test_a_server_that_one_list_lacked_is_no_orphan(world: World, server: UUID) -> None:
    number = str(server_row(world, server).provider_id)
    world.emulator.fault("changed", "GET", "/v2/droplets", changes={"droplets": [], "meta": {"total": 0}})
    world.ended("inventory.refresh", account_id=str(world.account))

    assert number not in orphans(world)


def test_a_server_whose_account_was_removed_is_no_orphan_of_the_next_one(
    world: World, server: UUID, add: Callable[..., UUID]
) -> None:
    number, old, new = uuid4().hex, add(removed_at=world.installation.clock.now()), add()
    facts = {"account_id": old, "provider_id": number, "is_ours": True, "gone_at": world.installation.clock.now()}
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(row_of(Server, AGENCY, **facts))

    assert number in known(world, "server", new)[0]


def test_what_a_job_of_ours_destroyed_and_its_provider_still_has_is_one(world: World, server: UUID) -> None:
    number = str(server_row(world, server).provider_id)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(row_of(ServerEvent, AGENCY, server_id=server, kind="gone"))
        session.get_one(Server, (AGENCY, server)).gone_at = world.installation.clock.now()

    assert number in orphans(world)


@pytest.mark.parametrize(
    "elsewhere", [{"provider": "vultr"}, {"endpoint_url": "http://127.0.0.1:9"}], ids=["provider", "endpoint"]
)
def test_a_number_of_another_cloud_says_nothing(
    world: World, server: UUID, add: Callable[..., UUID], elsewhere: dict[str, str]
) -> None:
    number = str(server_row(world, server).provider_id)

    assert number in known(world, "server", world.account)[0]
    assert number not in known(world, "server", add(**elsewhere))[0]


@pytest.mark.parametrize(("key", "table"), [("snapshot", Snapshot), ("firewall", Firewall)])
def test_what_belongs_to_a_server_is_known_at_each_account(
    world: World, server: UUID, add: Callable[..., UUID], key: str, table: type[Snapshot] | type[Firewall]
) -> None:
    number = uuid4().hex
    row = row_of(table, AGENCY, account_id=world.account, provider_id=number, server_id=server, gone_at=None)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(row)

    assert number in known(world, key, add())[0]

    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server)).gone_at = world.installation.clock.now()
    assert number in known(world, key, world.account)[0]


@pytest.mark.parametrize("is_assigned", [True, False])
def test_an_address_that_another_account_holds_is_not_released_from_here(
    world: World, server: UUID, add: Callable[..., UUID], is_assigned: bool
) -> None:
    """Held and given to no server, it is an orphan of the account that holds it, and of no other."""
    number = uuid4().hex
    facts = {"account_id": world.account, "provider_id": number, "gone_at": None}
    row = row_of(ReservedAddress, AGENCY, server_id=server if is_assigned else None, **facts)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.add(row)

    assert number in known(world, "address", add())[0]
    belonging, ours = known(world, "address", world.account)
    assert (number in belonging, number in ours) == (is_assigned, True)
