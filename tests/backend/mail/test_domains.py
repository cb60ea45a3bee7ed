"""Domains: added for a client, limited and removed, whatever is lost on the way; and whose each is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.engine.payload import Request
from backend.mail.requests import AddDomain, ReadMail, RemoveDomain, SetDomain
from backend.store.schema.fleet import Server
from backend.store.schema.mail import Domain, MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.mail.world import CLIENT, DOMAIN, OTHER_CLIENT, MailWorld, mail_server

WHOLE = {"max_mailboxes": 30, "max_aliases": 20, "max_quota_bytes": 5_000_000_000}


def limits(row: Domain) -> dict[str, int | None]:
    return {name: getattr(row, name) for name in WHOLE}


def owners(world: MailWorld, name: str = DOMAIN) -> dict[UUID, bool]:
    """Who has a row of the domain, and whether it is there."""
    return {row.tenant_id: row.gone_at is None for row in world.rows(Domain) if row.name == name}


def test_a_domain_is_added_for_its_client_and_read_back(world: MailWorld) -> None:
    job = world.done(AddDomain(world.server, DOMAIN, CLIENT, **WHOLE))

    row = world.domain()
    assert (row.tenant_id, row.server_id, limits(row)) == (CLIENT, world.server, WHOLE)
    assert (job.about, job.about_id) == (DOMAIN, world.server)
    assert "MX" in world.note(job, "change")
    assert world.note(job, "read") == "domains: 1, mailboxes: 0, aliases: 0"
    assert world.mailu.counters()["domain"] == [DOMAIN]


def test_a_domain_for_nobody_in_particular_is_the_agencys(world: MailWorld) -> None:
    world.done(AddDomain(world.server, DOMAIN))

    assert owners(world) == {AGENCY: True}
    assert limits(world.domain()) == dict.fromkeys(WHOLE)


def test_a_domain_in_other_letters_is_one_whichever_way_it_is_written(world: MailWorld) -> None:
    world.done(AddDomain(world.server, " Bücher.Example. ", CLIENT))

    assert world.domain("xn--bcher-kva.example").tenant_id == CLIENT
    assert "has a mail server already" in world.refusal(AddDomain(world.server, "xn--bcher-kva.example"))
    world.done(RemoveDomain(world.server, "bücher.example", "BÜCHER.example"))
    assert world.mailu.counters()["domain"] == []


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed", "500", "close", "html"])
def test_a_lost_answer_costs_neither_the_domain_nor_makes_two(world: MailWorld, fault: str) -> None:
    world.mailu.fault(fault, "POST", "/api/v1/domain", status=502)

    world.done(AddDomain(world.server, DOMAIN, CLIENT, **WHOLE))

    assert (owners(world), limits(world.domain())) == ({CLIENT: True}, WHOLE)
    assert world.mailu.counters()["tallies"]["domains created"] == 1


def test_a_step_that_a_kill_repeats_makes_one_domain(world: MailWorld) -> None:
    request = AddDomain(world.server, DOMAIN, CLIENT)
    for _run in range(2):
        world.step(request, "change")
        world.step(request, "read")

    assert owners(world) == {CLIENT: True}
    assert world.mailu.counters()["tallies"]["domains created"] == 1


def test_a_domain_whose_job_was_cut_off_is_its_clients_whoever_reads_it_first(world: MailWorld) -> None:
    world.mailu.fault("lost_answer", "POST", "/api/v1/domain", times=9)
    world.mailu.fault("500", "GET", "/api/v1/domain/", skip=2, times=99)
    job = world.job(AddDomain(world.server, DOMAIN, CLIENT))
    assert job.state == "failed"
    assert owners(world) == {CLIENT: False}
    world.mailu.heal()

    world.done(ReadMail(world.server))

    assert owners(world) == {CLIENT: True}


def test_a_domain_that_somebody_made_in_mailu_is_not_taken_over(world: MailWorld) -> None:
    world.by_hand("POST", "/domain", {"name": DOMAIN, "max_users": 3})

    job = world.job(AddDomain(world.server, DOMAIN, CLIENT))

    assert (job.state, owners(world)) == ("failed", {})
    assert "that Mailyard did not add" in job.cause
    assert "Read the mail server" in job.remedy
    world.done(ReadMail(world.server))
    assert (owners(world), world.domain().max_mailboxes) == ({AGENCY: True}, 3)


def test_limits_and_other_names_are_changed(settled: MailWorld) -> None:
    first, second = ("alt.example", "other.example"), ("other.example", "bücher.example")

    settled.done(SetDomain(settled.server, DOMAIN, **WHOLE, alternatives=first))
    assert (limits(settled.domain()), settled.domain().alternatives) == (WHOLE, list(first))
    settled.done(SetDomain(settled.server, DOMAIN, alternatives=second))

    row = settled.domain()
    assert limits(row) == dict.fromkeys(WHOLE)
    assert row.alternatives == ["other.example", "xn--bcher-kva.example"]
    assert row.tenant_id == CLIENT


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "500"])
@pytest.mark.parametrize(("method", "path"), [("PATCH", "/api/v1/domain"), ("DELETE", "/api/v1/alternative")])
def test_a_change_goes_on_where_an_answer_was_lost(settled: MailWorld, method: str, path: str, fault: str) -> None:
    settled.done(SetDomain(settled.server, DOMAIN, alternatives=("alt.example", "other.example")))
    settled.mailu.fault(fault, method, path)

    settled.done(SetDomain(settled.server, DOMAIN, max_mailboxes=7, alternatives=("third.example", "alt.example")))

    assert (settled.domain().max_mailboxes, settled.domain().alternatives) == (7, ["alt.example", "third.example"])


def test_another_name_that_is_taken_is_told_in_mailus_words(settled: MailWorld) -> None:
    settled.done(AddDomain(settled.server, "b.example"))

    job = settled.job(SetDomain(settled.server, DOMAIN, alternatives=("b.example",)))

    assert job.state == "failed"
    assert "Duplicate alternative domain name b.example" in job.cause


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"max_mailboxes": 0}, f"A limit of 0 mailboxes is too low: {DOMAIN} has 1. Set the limit to 1"),
        ({"max_aliases": 1}, f"A limit of 1 alias is too low: {DOMAIN} has 2. Set the limit to 2"),
        ({"max_quota_bytes": 1_000_000}, f"A mailbox of {DOMAIN} has a quota of 5 MB already. Choose a larger limit"),
    ],
)
def test_a_limit_below_what_is_there_is_refused_unless_it_was_so_before(
    settled: MailWorld, limits: dict[str, Any], words: str
) -> None:
    settled.by_hand("POST", "/user", {"email": f"me@{DOMAIN}", "raw_password": "first-1", "quota_bytes": 5_000_000})
    for local in ("info", "sales"):
        settled.by_hand("POST", "/alias", {"email": f"{local}@{DOMAIN}", "destination": [f"me@{DOMAIN}"]})
    settled.done(ReadMail(settled.server))

    assert settled.refusal(SetDomain(settled.server, DOMAIN, **limits)).startswith(words)

    with settled.installation.store.write(ENGINE_SCOPE) as session:
        row = session.scalars(select(Domain).where(Domain.name == DOMAIN)).one()
        for name, limit in limits.items():
            setattr(row, name, limit)
    settled.done(SetDomain(settled.server, DOMAIN, **limits, alternatives=("third.example",)))


def test_a_change_of_what_somebody_removed_is_told(settled: MailWorld) -> None:
    settled.by_hand("DELETE", f"/domain/{DOMAIN}")

    job = settled.job(SetDomain(settled.server, DOMAIN, max_mailboxes=7))

    assert (job.state, job.cause) == ("failed", f"This mail server has no domain {DOMAIN}.")


@pytest.mark.parametrize("fault", ["", "lost_answer", "500_after", "500"])
def test_a_domain_goes_with_all_it_had(settled: MailWorld, fault: str) -> None:
    settled.by_hand("POST", "/user", {"email": f"me@{DOMAIN}", "raw_password": "first-Secret-1"})
    settled.by_hand("POST", "/alias", {"email": f"info@{DOMAIN}", "destination": [f"me@{DOMAIN}"]})
    settled.done(ReadMail(settled.server))
    assert settled.addresses() == [f"me@{DOMAIN}"]
    if fault:
        settled.mailu.fault(fault, "DELETE", "/api/v1/domain")

    job = settled.done(RemoveDomain(settled.server, DOMAIN, DOMAIN))

    assert "stay on the server" in settled.note(job, "change")
    assert owners(settled) == {CLIENT: False}
    assert settled.addresses() == []


def test_a_removed_domain_may_come_to_another_client(settled: MailWorld) -> None:
    settled.done(RemoveDomain(settled.server, DOMAIN, DOMAIN))

    settled.done(AddDomain(settled.server, DOMAIN, OTHER_CLIENT))
    settled.done(ReadMail(settled.server))
    assert owners(settled) == {CLIENT: False, OTHER_CLIENT: True}

    settled.done(RemoveDomain(settled.server, DOMAIN, DOMAIN))
    settled.done(AddDomain(settled.server, DOMAIN, CLIENT))
    assert owners(settled) == {CLIENT: True, OTHER_CLIENT: False}


def test_a_removed_domain_may_come_to_another_server(settled: MailWorld) -> None:
    settled.done(RemoveDomain(settled.server, DOMAIN, DOMAIN))
    with settled.installation.store.write(ENGINE_SCOPE) as session:
        session.add(mail_server(settled.bare, api_token_ref=f"api_keys/{AGENCY}/{settled.server}/mailu"))
    try:
        settled.done(AddDomain(settled.bare, DOMAIN, CLIENT))
        assert settled.domain().server_id == settled.bare
    finally:
        with settled.installation.store.write(ENGINE_SCOPE) as session:
            session.delete(session.get_one(MailServer, (AGENCY, settled.bare)))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"domain": ""}, "– is not a full domain name."),
    "one label": ({"domain": "localhost"}, "localhost is not a full domain name."),
    "letters that no name has": ({"domain": "a b.example"}, "a b.example is not a full domain name."),
    "an unknown workspace": ({"client": uuid4()}, "A chosen workspace no longer exists."),
    "a limit below none": ({"max_mailboxes": -1}, "-1 cannot be a limit."),
    "a limit beyond all bounds": ({"max_aliases": 2**31}, f"{2**31} cannot be a limit."),
    "a quota beyond all disks": ({"max_quota_bytes": 2**60}, f"{2**60} cannot be a limit."),
    "a quota of nothing": ({"max_quota_bytes": 0}, "A quota must be at least one byte."),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_domain_that_cannot_be_is_refused_with_words(world: MailWorld, bad: str) -> None:
    changes, words = BAD[bad]
    entered = world.hosts.entered

    refusal = world.refusal(AddDomain(**{"server_id": world.server, "domain": DOMAIN, **changes}))

    assert refusal.startswith(words)
    assert world.hosts.entered == entered


def test_a_domain_has_one_mail_server(settled: MailWorld) -> None:
    assert settled.refusal(AddDomain(settled.server, DOMAIN)).startswith(f"{DOMAIN} has a mail server already.")


def test_what_is_not_there_is_neither_changed_nor_removed(world: MailWorld) -> None:
    requests: tuple[Request, ...] = (SetDomain(world.server, DOMAIN), RemoveDomain(world.server, DOMAIN, DOMAIN))

    for request in requests:
        assert world.refusal(request).startswith(f"This mail server has no domain {DOMAIN}.")


@pytest.mark.parametrize("typed", ["", "example.ne"])
def test_a_domain_is_removed_only_by_its_whole_name(settled: MailWorld, typed: str) -> None:
    refusal = settled.refusal(RemoveDomain(settled.server, DOMAIN, typed))

    assert refusal == f"The name typed is not {DOMAIN}. Type the full name to continue."


@pytest.mark.parametrize(
    ("alternative", "words"),
    [(DOMAIN, f"{DOMAIN} cannot be another name of itself."), ("b", "b is not a full domain name.")],
)
def test_another_name_that_cannot_be_is_refused(settled: MailWorld, alternative: str, words: str) -> None:
    assert settled.refusal(SetDomain(settled.server, DOMAIN, alternatives=(alternative,))).startswith(words)


def test_a_server_without_a_mail_server_is_refused(world: MailWorld) -> None:
    refusal = world.refusal(AddDomain(world.bare, DOMAIN))

    assert refusal == "This server has no mail server. Install one first."


@pytest.mark.parametrize("state", ["installing", "removed"])
def test_a_mail_server_that_does_not_run_is_refused(world: MailWorld, state: str) -> None:
    change_state(world, state)
    try:
        assert "has no mail server" in world.refusal(ReadMail(world.server))
    finally:
        change_state(world, "running")


def change_state(world: MailWorld, state: str) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, world.server)).state = state


def test_a_server_that_is_not_ours_is_not_touched(world: MailWorld) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, world.server)).is_ours = False
    try:
        assert "was not created by Mailyard" in world.refusal(AddDomain(world.server, DOMAIN))
    finally:
        with world.installation.store.write(ENGINE_SCOPE) as session:
            session.get_one(Server, (AGENCY, world.server)).is_ours = True
