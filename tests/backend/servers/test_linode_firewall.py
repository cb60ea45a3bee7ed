"""The firewall of a server at Linode as jobs, with interfaces of the older kind and of the newer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from backend.store.schema.operations import Job
from tests.backend.providers.cases import LINODE
from tests.backend.providers.conftest import newer_interfaces
from tests.backend.servers.late import Site, site_at, standing
from tests.backend.servers.test_firewall import in_a_hurry, made_to_be_entered
from tests.backend.servers.world import row_of
from tests.installation import until

FIREWALLS = "/v4/networking/firewalls"
KINDS = ("legacy_config", "linode")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from site_at(LINODE, tmp_path_factory, mode="drift")


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, running: Site) -> UUID:
    running.reset()
    if request.param == "linode":
        newer_interfaces(running.emulator)
    return standing(running)


@pytest.fixture
def site(running: Site) -> Site:
    return running


def ended(site: Site, kind: str, server: UUID, **details: Any) -> Job:
    return site.world.ended(kind, server_id=str(server), **details)


def entities(site: Site) -> list[tuple[str, int]]:
    """What all firewalls of the account are attached to."""
    with site.emulator.client() as client:
        found = client.get(FIREWALLS).json()["data"]
    return [(entity["type"], entity["id"]) for each in found for entity in each["entities"]]


def called(site: Site, server: UUID, path: str = "") -> Any:
    with site.emulator.client() as client:
        return client.get(f"/v4/linode/instances/{row_of(site.world, server).provider_id}{path}").json()


def expected(site: Site, server: UUID) -> list[tuple[str, int]]:
    machine = called(site, server)
    if machine["interface_generation"] == "legacy_config":
        return [("linode", machine["id"])]
    return [("linode_interface", each["id"]) for each in called(site, server, "/interfaces")["interfaces"]]


def test_a_firewall_is_put_there_changed_and_removed(site: Site, server: UUID) -> None:
    assert ended(site, "server.firewall", server).state == "succeeded"
    assert entities(site) == expected(site, server)
    ssh = {"protocol": "tcp", "ports": "22", "sources": ["192.0.2.0/24"]}
    assert ended(site, "server.firewall", server, allowed=[ssh]).state == "succeeded"
    assert entities(site) == expected(site, server)

    assert ended(site, "server.firewall.remove", server).state == "succeeded"

    assert entities(site) == []
    assert site.emulator.names("firewalls") == []


@pytest.mark.parametrize("server", ["linode"], indirect=True)
def test_an_interface_that_came_later_stands_behind_it_when_it_is_set_again(site: Site, server: UUID) -> None:
    assert ended(site, "server.firewall", server).state == "succeeded"
    machine = f"/v4/linode/instances/{row_of(site.world, server).provider_id}"
    with site.emulator.client() as client:
        client.post(f"{machine}/shutdown")
        until(lambda: client.get(machine).json()["status"] == "offline", "the server to be off")
        for body in ({"vpc": {"subnet_id": 7}}, {"vlan": {"vlan_label": "inside"}}):
            assert client.post(f"{machine}/interfaces", json=body).status_code == 200
    public, private, _vlan = expected(site, server)

    assert ended(site, "server.firewall", server).state == "succeeded"

    assert entities(site) == [public, private]
    assert ended(site, "server.firewall.remove", server).state == "succeeded"
    assert entities(site) == []


def test_a_server_that_does_not_answer_behind_it_stands_open_again(
    site: Site, server: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_a_hurry(monkeypatch)
    made_to_be_entered(site.world, server)

    job = ended(site, "server.firewall", server)

    assert (job.state, "the firewall was detached" in job.cause) == ("failed", True)
    assert entities(site) == []
    site.world.rolled_back(job)
    assert site.emulator.names("firewalls") == []


def test_an_attaching_whose_answer_was_lost_is_not_done_twice(site: Site, server: UUID) -> None:
    site.emulator.fault("500_after", "POST", f"{FIREWALLS}/", times=9)

    job = ended(site, "server.firewall", server)

    assert (job.state, entities(site)) == ("succeeded", expected(site, server))


def test_what_somebody_put_there_is_left_in_place(site: Site, server: UUID) -> None:
    """An account may give each new interface a firewall of its own."""
    kind, number = expected(site, server)[0]
    rules = {"inbound": [], "inbound_policy": "DROP", "outbound": [], "outbound_policy": "ACCEPT"}
    with site.emulator.client() as client:
        made = client.post(FIREWALLS, json={"label": "default", "rules": rules}).json()["id"]
        client.post(f"{FIREWALLS}/{made}/devices", json={"id": number, "type": kind})

    job = ended(site, "server.firewall", server)

    assert (job.state, "default" in job.cause) == ("failed", True)
    assert entities(site) == [(kind, number)]
