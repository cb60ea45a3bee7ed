"""A server that Mailyard did not make: shown, never touched, until a person adopts it; and let go again."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.providers.ports import Order
from backend.providers.registry import known_providers
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.world import World, row_of, running_server
from tests.installation import until


@pytest.fixture
def stranger(world: World) -> UUID:
    """A droplet somebody made in the control panel, as the inventory found it."""
    public, name = new_key_pair().public, f"web{uuid4().hex[:6]}.example.net"
    driver = known_providers().open("digitalocean", Secret(world.emulator.token), endpoint_url=world.emulator.url)
    key_id = driver.register_key(name, public)
    made = driver.create(Order(name, "fra1", "s-1vcpu-2gb", "debian-12-x64", key_id, public, Secret("#"), ()))
    until(lambda: driver.get(made.id).state == "active", name)
    driver.close()
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    return world.server(name).id


def test_a_server_we_did_not_make_is_touched_only_once_it_was_adopted(world: World, stranger: UUID) -> None:
    about, name = {"server_id": str(stranger)}, row_of(world, stranger).name
    assert "was not created by Mailyard" in world.refusal("server.power", **about, action="off")
    assert f"is not {name}" in world.refusal("server.manage", **about, typed_name="web")
    sent = len(world.emulator.log())

    assert world.ended("server.manage", **about, typed_name=name).state == "succeeded"

    assert not [each for each in world.emulator.log()[sent:] if each["method"] != "GET"]
    assert ("adopted", "Management started by tester") in world.events(stranger)
    assert "already" in world.refusal("server.manage", **about, typed_name=name)
    assert world.ended("server.power", **about, action="off").state == "succeeded"
    assert row_of(world, stranger).power == "off"


def test_an_adopted_server_is_let_go_and_left_alone_again(world: World, stranger: UUID) -> None:
    about = {"server_id": str(stranger)}
    world.ended("server.manage", **about, typed_name=row_of(world, stranger).name)

    assert world.ended("server.unmanage", **about).state == "succeeded"

    assert "was not created by Mailyard" in world.refusal("server.power", **about, action="off")
    assert ("released", "Management stopped by tester") in world.events(stranger)
    assert "is not managed by Mailyard" in world.refusal("server.unmanage", **about)


def test_another_look_at_the_account_does_not_take_an_adopted_server_away(world: World, stranger: UUID) -> None:
    world.ended("server.manage", server_id=str(stranger), typed_name=row_of(world, stranger).name)

    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"

    assert row_of(world, stranger).is_ours


def test_a_server_that_we_made_and_can_enter_stays_ours(world: World) -> None:
    server = running_server(world)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, server)).host_key = "ssh-ed25519 AAAA"

    assert "is not managed by Mailyard" in world.refusal("server.unmanage", server_id=str(server))
