"""Firewalls as jobs: made once, changed, removed; never one that locks us out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.errors import ProviderRefused, Refused
from backend.engine.payload import from_plain
from backend.inventory.queries import Orphans
from backend.providers.network import MAIL, Allowed
from backend.servers.network import firewall as firewall_jobs
from backend.servers.network.attached_resources import AttachedResourceRepository
from backend.servers.network.firewall import check_rules
from backend.servers.network.queries import AttachedResources, FirewallRow
from backend.servers.provider_actions import Waits, answers
from backend.servers.requests import SetFirewall
from backend.store.schema.fleet import Server
from backend.store.schema.resources import Firewall
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.servers.steps import step_context
from tests.backend.servers.world import World, row_of

pytestmark = pytest.mark.judged_once

PATH = "/v2/firewalls"
SSH = {"protocol": "tcp", "ports": "22", "sources": ["192.0.2.0/24"]}
HIGH = {"protocol": "udp", "ports": "5000-5010", "sources": ["0.0.0.0/0", "::/0"]}


def allowed_of(rules: Iterable[Mapping[str, Any]]) -> tuple[Allowed, ...]:
    """Rules as rows have them."""
    return tuple(Allowed(each["protocol"], each["ports"], tuple(each["sources"])) for each in rules)


def current_firewall(world: World, server: UUID) -> FirewallRow | None:
    return world.ask(AttachedResources(Scope.of(AGENCY), server)).firewall


def attached(world: World, server: UUID, *rules: dict[str, Any]) -> FirewallRow:
    job = world.ended("server.firewall", server_id=str(server), allowed=list(rules))
    assert job.state == "succeeded", job.cause
    found = current_firewall(world, server)
    assert found is not None
    return found


def all_there(world: World) -> list[dict[str, Any]]:
    with world.emulator.client() as client:
        found: list[dict[str, Any]] = client.get(PATH, params={"per_page": 200}).json()["firewalls"]
        return found


def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("ANSWER_LIMIT_S", 0.5), ("TRY_EVERY_S", 0.1), ("SETTLE_S", 0.0)):
        monkeypatch.setattr(firewall_jobs, name, seconds)


def made_to_be_entered(world: World, server: UUID) -> None:
    """By its row; nothing answers there."""
    with world.installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(Server, (AGENCY, server))
        row.host_key, row.ssh_key_ref = "ssh-ed25519 AAAA", world.installation.secrets.references()[0].path


def failing(*_arguments: object) -> None:
    raise ProviderRefused("The disk was full just then.")


def at_the_provider(world: World, number: str) -> dict[str, Any]:
    with world.emulator.client() as client:
        found: dict[str, Any] = client.get(f"{PATH}/{number}").json()["firewall"]
        return found


def test_a_firewall_lets_in_what_mail_needs_and_stands_before_the_server(world: World, server: UUID) -> None:
    firewall = attached(world, server)

    assert allowed_of(firewall.allowed) == MAIL
    there = at_the_provider(world, firewall.id)
    assert there["droplet_ids"] == [int(str(row_of(world, server).provider_id))]
    assert {rule["ports"] for rule in there["inbound_rules"] if rule["protocol"] == "tcp"} >= {"22", "25", "993"}
    assert there["outbound_rules"], "what goes out must not be closed"
    assert ("firewall", "Firewall set with 10 rules") in world.events(server)


def test_a_second_request_changes_the_one_that_is_there(world: World, server: UUID) -> None:
    first = attached(world, server)

    second = attached(world, server, SSH, HIGH)

    assert second.id == first.id
    assert set(allowed_of(second.allowed)) == set(allowed_of([SSH, HIGH]))
    assert {rule["ports"] for rule in at_the_provider(world, first.id)["inbound_rules"]} == {"22", "5000-5010"}


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "timeout_before"])
def test_whatever_happens_to_the_answer_there_is_one_firewall(world: World, server: UUID, fault: str) -> None:
    before = len(world.emulator.names("firewalls"))
    world.emulator.fault(fault, "POST", PATH)

    attached(world, server)

    assert len(world.emulator.names("firewalls")) == before + 1


def test_one_that_was_deleted_elsewhere_is_made_anew(world: World, server: UUID) -> None:
    first = attached(world, server)
    with world.emulator.client() as client:
        assert client.delete(f"{PATH}/{first.id}").status_code == 204

    assert attached(world, server).id != first.id


def test_a_firewall_is_removed(world: World, server: UUID) -> None:
    firewall = attached(world, server)

    assert world.ended("server.firewall.remove", server_id=str(server)).state == "succeeded"

    assert current_firewall(world, server) is None
    with world.emulator.client() as client:
        assert client.get(f"{PATH}/{firewall.id}").status_code == 404
    job = world.ended("server.firewall.remove", server_id=str(server))
    assert world.driver.steps(job.id)[0].note == "there is no firewall from Mailyard"


def test_a_server_that_does_not_answer_behind_it_is_opened_again(
    world: World, server: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers at the address of a server without a machine: to us that is what a closed port looks like."""
    in_a_hurry(monkeypatch)
    made_to_be_entered(world, server)
    before = world.emulator.names("firewalls")

    job = world.ended("server.firewall", server_id=str(server), allowed=[])

    assert job.state == "failed"
    assert "was detached" in job.cause
    assert current_firewall(world, server) is None, "nothing is said to stand there"
    (made,) = [each for each in all_there(world) if each["name"] not in before]
    assert made["droplet_ids"] == []
    assert ("firewall", "Firewall detached") in world.events(server)
    world.rolled_back(job)
    assert current_firewall(world, server) is None
    assert made["name"] not in world.emulator.names("firewalls")


class Answering:
    """Lets everybody in at once."""

    def session(self, _server: UUID, *, stop: object) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing to close."""

    def run(self, _command: str) -> SimpleNamespace:
        return SimpleNamespace(exit_code=0)


def test_an_answer_before_the_firewall_is_in_force_proves_nothing(world: World, server: UUID) -> None:

    ctx = step_context(world.installation, SetFirewall(server))

    assert answers(ctx, Answering(), server, Waits(0.01, 5.0))  # type: ignore[arg-type]
    assert not answers(ctx, Answering(), server, Waits(0.01, 0.1, settle_s=60.0))  # type: ignore[arg-type]


def test_rules_behind_which_a_server_does_not_answer_give_way_to_those_it_had(
    world: World, server: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = attached(world, server, SSH, HIGH)
    in_a_hurry(monkeypatch)
    made_to_be_entered(world, server)

    job = world.ended("server.firewall", server_id=str(server), allowed=[SSH])

    assert (job.state, "the previous rules were restored" in job.cause) == ("failed", True)
    now = current_firewall(world, server)
    assert now is not None
    assert (now.id, set(allowed_of(now.allowed))) == (first.id, set(allowed_of([SSH, HIGH])))
    there = at_the_provider(world, first.id)
    assert {rule["ports"] for rule in there["inbound_rules"]} == {"22", "5000-5010"}
    assert there["droplet_ids"] == [int(str(row_of(world, server).provider_id))]


def test_changed_rules_are_rolled_back_to_those_it_had(
    world: World, server: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = attached(world, server, SSH, HIGH)
    with monkeypatch.context() as patch:
        patch.setattr(AttachedResourceRepository, "attached", failing)
        job = world.ended("server.firewall", server_id=str(server), allowed=[SSH])
        assert job.state == "failed"
    assert {rule["ports"] for rule in at_the_provider(world, first.id)["inbound_rules"]} == {"22"}

    world.rolled_back(job)

    assert {rule["ports"] for rule in at_the_provider(world, first.id)["inbound_rules"]} == {"22", "5000-5010"}


def test_a_firewall_that_somebody_else_put_there_is_neither_replaced_nor_added_to(world: World, server: UUID) -> None:
    number = int(str(row_of(world, server).provider_id))
    every = {"addresses": ["0.0.0.0/0"]}
    rules = [{"protocol": "tcp", "ports": "22", "sources": every}]
    with world.emulator.client() as client:
        body = {"name": "by-hand", "droplet_ids": [number], "inbound_rules": rules, "outbound_rules": []}
        assert client.post(PATH, json=body).status_code == 202
    before = world.emulator.names("firewalls")

    job = world.ended("server.firewall", server_id=str(server), allowed=[])

    assert job.state == "failed"
    assert "has the firewall by-hand" in job.cause
    assert world.emulator.names("firewalls") == before


def test_a_firewall_that_outlives_its_server_is_an_orphan_that_costs_nothing(world: World, server: UUID) -> None:
    firewall = attached(world, server)
    assert world.ended("orphans.scan").state == "succeeded"
    assert firewall.id not in [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]
    world.ended("server.destroy", server_id=str(server), typed_name=row_of(world, server).name)

    assert world.ended("orphans.scan").state == "succeeded"
    assert world.ended("orphans.scan").state == "succeeded", "a second look at what is lost still"
    (row,) = [row for row in world.ask(Orphans(world.installation.features)).orphans if row.provider_id == firewall.id]
    assert (row.resource, row.monthly_micro) == ("firewall", 0)
    request = {"account_id": str(world.account), "resource": "firewall", "provider_id": firewall.id}
    assert world.ended("orphan.remove", **request, typed_name=row.name).state == "succeeded"


def test_a_firewall_before_a_server_we_do_not_know_is_not_lost(world: World, server: UUID) -> None:
    """Another installation may know it."""
    firewall = attached(world, server)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.delete(session.get_one(Firewall, (AGENCY, world.account, firewall.id)))

    assert world.ended("orphans.scan").state == "succeeded"

    assert firewall.id not in [row.provider_id for row in world.ask(Orphans(world.installation.features)).orphans]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**SSH, "protocol": "gre"}, "Invalid request"),
        ({**SSH, "ports": "0"}, "0 is neither a port"),
        ({**SSH, "ports": "70000"}, "70000 is neither a port"),
        ({**SSH, "ports": "30-20"}, "30-20 is neither a port"),
        ({**SSH, "ports": ""}, "'' is neither a port"),
        ({"protocol": "icmp", "ports": "8", "sources": ["::/0"]}, "ICMP has no ports"),
        ({**SSH, "sources": []}, "has no source"),
        ({**SSH, "sources": ["192.0.2.1/24"]}, "192.0.2.1/24 is not a network"),
        ({**SSH, "sources": ["everywhere"]}, "everywhere is not a network"),
        ({"protocol": "tcp", "ports": "25", "sources": ["::/0"]}, "No rule allows SSH"),
        ({"protocol": "tcp"}, "Invalid request"),
    ],
)
def test_rules_that_mean_nothing_or_lock_us_out_are_refused(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        check_rules(from_plain(SetFirewall, {"server_id": str(uuid4()), "allowed": [rule]}).rules)


def test_ssh_within_a_range_is_ssh() -> None:
    check_rules([Allowed("tcp", "20-30")])
