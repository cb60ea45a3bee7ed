"""Requests and results as the programs before typed ones wrote them: read by today's, also in flight."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from backend.accounts.requests import AddAccount, ReadBilling
from backend.core.errors import Refused
from backend.engine.job_actions import ConfirmJob, RetryJob
from backend.engine.payload import Request, Result, from_plain, to_plain
from backend.engine.plan import Answer, Asked, Effect, Question
from backend.fleet.requests import RefreshInventory
from backend.inventory.requests import RemoveOrphan
from backend.providers.network import MAIL, Allowed
from backend.servers.actions.paid_resize import ResizeOrdered
from backend.servers.actions.power import PowerOrdered
from backend.servers.actions.resize import SizeBefore
from backend.servers.network.addresses import AddressReserved
from backend.servers.network.firewall import FirewallBefore, FirewallMade
from backend.servers.network.reverse_dns import NameSent
from backend.servers.provision.results import (
    HostKeyMade,
    KeyRegistered,
    KeysMade,
    LoggedIn,
    PriceNow,
    ServerActive,
    ServerCreated,
)
from backend.servers.requests import (
    PowerServer,
    ProvisionServer,
    ReleaseAddress,
    ResizeServer,
    SetFirewall,
    SetReverseDns,
    TakeSnapshot,
)
from backend.servers.snapshots import RestoreOrdered, SnapshotOrdered
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.workspaces.requests import UseServer
from tests.backend.engine.bench import AUTHOR, PLAY, Bench, step

ID = UUID("7b0c3fd0-3c1e-4b39-9d42-1f6c2f1f8a11")
OTHER = UUID("7b0c3fd0-3c1e-4b39-9d42-1f6c2f1f8a12")
TEXT = str(ID)
MOMENT = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
RULE = {"protocol": "tcp", "ports": "22", "sources": ["192.0.2.0/24"]}

REQUESTS: list[tuple[dict[str, Any], Request]] = [
    (
        {
            "order_id": "0f" * 16,
            "name": " MX1.Example.net. ",
            "account_id": TEXT,
            "region": "fra1",
            "plan": "s-1vcpu-2gb",
            "image": "debian-12-x64",
            "workspaces": [TEXT],
            "seen_monthly_micro": 12_000_000,
        },
        ProvisionServer(
            "0f" * 16,
            "mx1.example.net",
            ID,
            region="fra1",
            plan="s-1vcpu-2gb",
            image="debian-12-x64",
            workspaces=(ID,),
            seen_monthly_micro=12_000_000,
        ),
    ),
    ({"server_id": TEXT, "action": "power_cycle"}, PowerServer(ID, "power_cycle")),
    (
        {"server_id": TEXT, "plan": "large", "grow_disk": True, "seen_monthly_micro": None},
        ResizeServer(ID, "large", grow_disk=True),
    ),
    (
        {"server_id": TEXT, "ip": "203.0.113.2", "name": "Mail.Acme.example"},
        SetReverseDns(ID, "203.0.113.2", "mail.acme.example"),
    ),
    ({"server_id": TEXT, "name": " before "}, TakeSnapshot(ID, "before")),
    ({"server_id": TEXT, "allowed": [RULE]}, SetFirewall(ID, (Allowed("tcp", "22", ("192.0.2.0/24",)),))),
    ({"server_id": TEXT}, SetFirewall(ID)),
    ({"server_id": TEXT, "address_id": "9", "typed_name": "203.0.113.9"}, ReleaseAddress(ID, "9", "203.0.113.9")),
    (
        {"account_id": TEXT, "name": "Main ", "provider": "linode", "secret_ref": "api_keys/a/b", "endpoint_url": None},
        AddAccount(ID, "Main", "linode", "api_keys/a/b"),
    ),
    ({}, ReadBilling()),
    ({"account_id": TEXT}, RefreshInventory(ID)),
    (
        {"account_id": TEXT, "resource": "ssh_key", "provider_id": "7", "typed_name": "mailyard-7"},
        RemoveOrphan(ID, "ssh_key", "7", "mailyard-7"),
    ),
    ({"workspace_id": TEXT, "server_id": TEXT, "is_used": False}, UseServer(ID, ID, is_used=False)),
    ({"job_id": TEXT, "from_step": None}, RetryJob(ID)),
    ({"job_id": TEXT, "fingerprint": "ab", "typed_name": ""}, ConfirmJob(ID, "ab")),
]
RESULTS: list[tuple[dict[str, Any], Result]] = [
    ({"action_id": "17", "boot_id": "b00t"}, PowerOrdered("17", "b00t")),
    ({"was": "small", "power": "on"}, SizeBefore("small", "on")),
    ({"action_id": "17", "since": MOMENT.isoformat()}, ResizeOrdered("17", MOMENT)),
    ({"before": None}, NameSent()),
    ({"action_id": "17", "before": "old.example"}, NameSent("17", "old.example")),
    ({"name": "before 0f", "action_id": None}, SnapshotOrdered("before 0f")),
    ({"action_id": "17"}, RestoreOrdered("17")),
    ({"address_id": "9"}, AddressReserved("9")),
    ({"address_id": "9", "ordered_at": MOMENT.isoformat()}, AddressReserved("9", ordered_at=MOMENT)),
    ({"firewall_id": None, "before": None}, FirewallBefore(None)),
    ({"firewall_id": "f", "before": [RULE]}, FirewallBefore("f", (Allowed("tcp", "22", ("192.0.2.0/24",)),))),
    ({"firewall_id": "f"}, FirewallMade("f")),
    ({"monthly_micro": None, "currency": "USD"}, PriceNow(None, "USD")),
    ({"login": "ssh-ed25519 A", "contact": "ssh-ed25519 B"}, KeysMade("ssh-ed25519 A", "ssh-ed25519 B")),
    ({"key_id": ""}, KeyRegistered("")),
    ({"machine_id": "77", "ordered_at": MOMENT.isoformat()}, ServerCreated("77", ordered_at=MOMENT)),
    ({"machine_id": "77"}, ServerCreated("77")),
    ({"address": "203.0.113.7"}, ServerActive("203.0.113.7")),
    ({"boot_id": "b00t"}, LoggedIn("b00t")),
    ({"host_key": "ssh-ed25519 C"}, LoggedIn(host_key="ssh-ed25519 C")),
    ({"public": "ssh-ed25519 D"}, HostKeyMade("ssh-ed25519 D")),
]


@pytest.mark.parametrize(("stored", "meant"), REQUESTS, ids=[type(meant).__name__ for _stored, meant in REQUESTS])
def test_a_request_of_before_is_read_and_what_is_written_now_reads_the_same(
    stored: dict[str, Any], meant: Request
) -> None:
    assert from_plain(type(meant), stored) == meant
    assert from_plain(type(meant), json.loads(json.dumps(to_plain(meant)))) == meant


@pytest.mark.parametrize(("stored", "meant"), RESULTS)
def test_what_a_step_of_before_left_is_read_and_what_is_left_now_reads_the_same(
    stored: dict[str, Any], meant: Result
) -> None:
    assert from_plain(type(meant), stored) == meant
    assert from_plain(type(meant), json.loads(json.dumps(to_plain(meant)))) == meant


def test_an_order_names_the_same_server_as_before() -> None:
    order = ProvisionServer("0f" * 16, "mx1.example.net", ID, region="", plan="", image="")

    assert order.server_id == UUID("03a4c0e9-afc7-52a7-ada5-2918983557c6")


def test_a_firewall_for_which_nothing_is_said_lets_in_what_mail_needs() -> None:
    assert SetFirewall(ID).rules == MAIL


def test_a_question_of_before_is_read_with_its_answer() -> None:
    effects = [{"label": "Cost", "value": "24.00 USD", "note": ""}]
    asked = {"title": "Dearer", "act": "Resize", "effects": effects, "fingerprint": "ab", "typed_name": ""}
    stored = {**asked, "valid_until": None, "answer": {"yes": True, "by": "ann", "fingerprint": "ab"}}

    assert from_plain(Question, stored) == Question("Dearer", "Resize", (Effect("Cost", "24.00 USD"),), "ab")
    assert from_plain(Asked, stored).answer == Answer("ann", "ab")
    assert from_plain(Asked, {**asked, "valid_until": None, "about": "program"}).about == "program"


def test_a_job_that_an_older_program_left_in_flight_is_carried_on(own_bench: Bench) -> None:
    """Its request has no version, one step is done with a result of before, one was cut off, the yes was given."""
    seen: list[object] = []
    asked = {"title": "Go on?", "act": "Go on", "effects": [], "fingerprint": "ab", "typed_name": ""}
    own_bench.play_kind.plays["old"] = [
        step("one", lambda _ctx: seen.append("again")),
        step("two", lambda ctx: seen.extend([ctx.need("one", PowerOrdered), ctx.answer, ctx.job.request.play])),
    ]
    with own_bench.store.write(ENGINE_SCOPE) as session:
        job = Job(tenant_id=AGENCY, id=ID, kind=PLAY, version=1, author=AUTHOR, lane="x", about="old", run=2)
        job.request, job.state, job.direction = {"play": "old", "forgotten": 1}, "running", "forward"
        job.question = {**asked, "valid_until": None, "answer": {"yes": True, "by": "ann", "fingerprint": "ab"}}
        job.requested_at = own_bench.clock.now()
        session.add(job)
        session.flush()
        for number, (key, state, left) in enumerate([("one", "done", {"action_id": "17"}), ("two", "running", {})]):
            session.add(JobStep(tenant_id=AGENCY, job_id=ID, number=number, key=key, state=state, result=left, tries=1))

    own_bench.start()

    assert own_bench.wait_for(ID).state == "succeeded"
    assert seen == [PowerOrdered("17"), Answer("ann", "ab"), "old"]


def test_a_job_whose_request_cannot_be_read_ends_with_the_reason_and_can_be_retried(own_bench: Bench) -> None:
    own_bench.play_kind.plays["new"] = [step("one")]
    with own_bench.store.write(ENGINE_SCOPE) as session:
        job = Job(tenant_id=AGENCY, id=OTHER, kind=PLAY, version=1, author=AUTHOR, lane="x", about="new", run=1)
        job.request, job.state, job.direction = {"play": "new", "_version": 9}, "queued", "forward"
        job.requested_at = own_bench.clock.now()
        session.add(job)
        session.flush()
        session.add(JobStep(tenant_id=AGENCY, job_id=OTHER, number=0, key="one", state="pending", result={}, tries=0))

    own_bench.start()

    ended = own_bench.wait_for(OTHER)
    assert (ended.state, ended.is_retryable) == ("failed", True)
    assert "newer version" in ended.cause
    assert own_bench.states(OTHER) == ["pending"]


def test_what_a_step_left_is_not_taken_for_something_else() -> None:
    with pytest.raises(Refused) as refusal:
        from_plain(ServerCreated, {"machine_id": 77})

    assert "$.machine_id" in refusal.value.detail
