"""Mailboxes added one by one and many at once: none twice, none of somebody else's touched, no password left lying."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.demo.mailu.passwords import is_password
from backend.mail.requests import MOST_AT_ONCE, AddMailboxes, NewMailbox, ReadMail, SetAlias, SetDomain
from backend.store.schema.mail import MailAlias
from tests.backend.mail.world import CLIENT, DOMAIN, SECONDS, MailWorld
from tests.installation import until

PASSWORD = "CANARY-first-7d1e6b"
ME = f"me@{DOMAIN}"


def new(world: MailWorld, name: str, **more: Any) -> NewMailbox:
    return NewMailbox(name, world.kept(f"{PASSWORD}-{name}"), **more)


def order(world: MailWorld, *names: str, **more: Any) -> AddMailboxes:
    return AddMailboxes(world.server, DOMAIN, tuple(new(world, name) for name in names), **more)


def made(world: MailWorld) -> int:
    return int(world.mailu.counters()["tallies"].get("mailboxes created", 0))


def posts(world: MailWorld) -> int:
    """How often a mailbox was asked for."""
    return sum((each["method"], each["path"]) == ("POST", "/api/v1/user") for each in world.mailu.log())


def left(world: MailWorld, request: AddMailboxes) -> list[str]:
    """Of the passwords those that lie there still."""
    return [each.local_part for each in request.mailboxes if world.lies_there(each.password_ref)]


def test_a_mailbox_is_added_and_its_password_let_in_and_forgotten(settled: MailWorld) -> None:
    first = new(settled, "Me ", display_name="Me Myself", quota_bytes=2_000_000_000)
    request = AddMailboxes(settled.server, DOMAIN, (first,))

    job = settled.done(request)

    row, user = settled.mailbox(ME), settled.user(ME)
    assert (row.tenant_id, row.display_name, row.quota_bytes) == (CLIENT, "Me Myself", 2_000_000_000)
    assert (row.is_enabled, row.must_change_password, row.is_admin) == (True, True, False)
    assert is_password(f"{PASSWORD}-Me ", user["password"])
    assert left(settled, request) == []
    assert (job.about, settled.note(job, "change")) == (ME, "mailboxes added: 1 of 1")


def test_a_password_is_in_no_row_and_no_file(settled: MailWorld) -> None:
    settled.mailu.fault("500_after", "POST", "/api/v1/user")
    settled.done(order(settled, "me"))

    for file in settled.installation.folder.root.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file


def test_many_are_added_in_one_job(settled: MailWorld) -> None:
    names = [f"user{number:03}" for number in range(120)]

    job = settled.done(order(settled, *names, must_change=False))

    assert settled.addresses() == [f"{name}@{DOMAIN}" for name in names]
    assert made(settled) == 120
    assert job.about == f"user000@{DOMAIN} and 119 more"
    assert not settled.mailbox(f"user007@{DOMAIN}").must_change_password


def test_a_cancelled_import_goes_on_behind_what_is_there(settled: MailWorld) -> None:
    settled.mailu.set("hashing", seconds=4.0)
    request = order(settled, *(f"user{number:03}" for number in range(100)))
    asked = settled.driver.submit(request)
    until(lambda: made(settled) >= 10, "the first mailboxes", SECONDS)
    settled.driver.act(asked, "job.cancel")
    cancelled = settled.driver.wait_for(asked, "cancelled", seconds=SECONDS)
    before = made(settled)
    sent = posts(settled)
    settled.mailu.set("hashing", seconds=0.0)

    settled.driver.act(cancelled.id, "job.retry")
    settled.driver.wait_for(cancelled.id, "succeeded", seconds=SECONDS)

    assert 10 <= before < 100
    assert posts(settled) - sent == 100 - before
    assert (made(settled), len(settled.addresses())) == (100, 100)
    assert left(settled, request) == []


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed", "500", "close", "html"])
def test_a_lost_answer_in_the_middle_makes_none_twice_and_leaves_none_out(settled: MailWorld, fault: str) -> None:
    settled.mailu.fault(fault, "POST", "/api/v1/user", skip=1, status=502)
    request = order(settled, "a", "b", "c")

    settled.done(request)

    assert settled.addresses() == [f"{name}@{DOMAIN}" for name in "abc"]
    assert made(settled) == 3
    assert left(settled, request) == []


def test_a_kill_goes_on_where_it_ended(settled: MailWorld) -> None:
    request = order(settled, "a", "b", "c")
    looked = settled.result(request, "look")
    settled.by_hand("POST", "/user", {"email": f"a@{DOMAIN}", "raw_password": f"{PASSWORD}-a"})  # by the run before

    for _run in range(2):
        settled.step(request, "change", looked)
    assert left(settled, request) == ["a", "b", "c"]  # the change may have to be repeated once more
    for _run in range(2):
        settled.step(request, "forget", looked)
    settled.step(request, "read", looked)

    assert settled.addresses() == [f"{name}@{DOMAIN}" for name in "abc"]
    assert made(settled) == 3
    assert left(settled, request) == []


def test_a_mailbox_of_somebody_else_is_left_alone(settled: MailWorld) -> None:
    settled.by_hand("POST", "/user", {"email": ME, "raw_password": "somebodys-own", "displayed_name": "Before"})

    job = settled.done(order(settled, "me", "you"))

    assert is_password("somebodys-own", settled.user(ME)["password"])
    assert settled.mailbox(ME).display_name == "Before"
    assert settled.note(job, "change") == "mailboxes added: 1 of 2"
    assert f"{ME} was there already and was left alone." in settled.said(job)


def test_a_limit_that_was_lowered_meanwhile_ends_the_job_with_the_way_out(settled: MailWorld) -> None:
    settled.by_hand("PATCH", f"/domain/{DOMAIN}", {"max_users": 1})
    request = order(settled, "a", "b")

    job = settled.job(request)

    assert (job.state, job.cause) == ("failed", f"The domain has reached its limit: Too many users for domain {DOMAIN}")
    assert job.remedy == "Raise the limit of the domain, or remove some."
    assert left(settled, request) == ["a", "b"]

    settled.by_hand("PATCH", f"/domain/{DOMAIN}", {"max_users": 2})
    settled.driver.act(job.id, "job.retry")
    settled.driver.wait_for(job.id, "succeeded")
    assert settled.addresses() == [f"a@{DOMAIN}", f"b@{DOMAIN}"]
    assert left(settled, request) == []


def test_a_job_that_is_rolled_back_forgets_the_passwords_too(settled: MailWorld) -> None:
    settled.by_hand("PATCH", f"/domain/{DOMAIN}", {"max_users": 1})
    request = order(settled, "a", "b")
    job = settled.job(request)

    settled.driver.act(job.id, "job.roll_back")
    settled.driver.wait_for(job.id, "rolled_back")

    assert left(settled, request) == []


def test_a_password_that_is_missing_ends_the_job(settled: MailWorld) -> None:
    job = settled.job(AddMailboxes(settled.server, DOMAIN, (NewMailbox("me", "smtp/nobody/nothing"),)))

    assert (job.state, job.cause) == ("failed", f"The password for {ME} is not kept any more.")
    assert made(settled) == 0


BAD: dict[str, tuple[list[NewMailbox], str]] = {
    "none": ([], f"Add at least one mailbox, and at most {MOST_AT_ONCE} mailboxes at once."),
    "too many": ([NewMailbox(f"u{number}", "x") for number in range(MOST_AT_ONCE + 1)], "Add at least one mailbox"),
    "one twice": ([NewMailbox("me", "x"), NewMailbox("ME", "y")], f"{ME} is listed twice."),
    "nothing before the @": ([NewMailbox("", "x")], "– cannot stand before the @."),
    "a whole address": ([NewMailbox("me@else.example", "x")], "me@else.example cannot stand before the @."),
    "a slash": ([NewMailbox("a/b", "x")], "a/b cannot stand before the @."),
    "a space": ([NewMailbox("a b", "x")], "a b cannot stand before the @."),
    "two dots": ([NewMailbox("a..b", "x")], "a..b cannot stand before the @."),
    "other letters": ([NewMailbox("jürgen", "x")], "jürgen cannot stand before the @."),
    "a quota below none": ([NewMailbox("me", "x", "", -1)], "A quota must be at least one byte."),
    "a name without end": ([NewMailbox("me", "x", "n" * 161)], "n" * 40 + "… is too long."),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_cannot_be_a_mailbox_is_refused_with_words(settled: MailWorld, bad: str) -> None:
    mailboxes, words = BAD[bad]

    assert settled.refusal(AddMailboxes(settled.server, DOMAIN, tuple(mailboxes))).startswith(words)


def test_an_address_that_is_taken_is_refused(settled: MailWorld) -> None:
    settled.done(order(settled, "me"))
    settled.done(SetAlias(settled.server, f"info@{DOMAIN}", (ME,)))
    assert settled.addresses(MailAlias) == [f"info@{DOMAIN}"]

    assert settled.refusal(order(settled, "you", "me")) == f"There is already a mailbox {ME}."
    assert settled.refusal(order(settled, "info")) == f"There is already an alias info@{DOMAIN}."


def test_a_domain_that_is_unknown_is_refused(settled: MailWorld) -> None:
    refusal = settled.refusal(replace(order(settled, "me"), domain="b.example"))

    assert refusal == "This mail server has no domain b.example. Add the domain first."


def test_more_than_the_domain_may_have_is_refused(settled: MailWorld) -> None:
    settled.done(SetDomain(settled.server, DOMAIN, max_mailboxes=2))
    settled.done(order(settled, "a"))

    refusal = settled.refusal(order(settled, "b", "c"))

    assert refusal.startswith(f"{DOMAIN} may have at most 2 mailboxes and has 1.")
    settled.done(order(settled, "b"))


def test_a_quota_that_the_domain_does_not_give_is_refused(settled: MailWorld) -> None:
    settled.done(SetDomain(settled.server, DOMAIN, max_quota_bytes=1_000_000_000))

    for quota in (1_000_000_001, None):
        request = AddMailboxes(settled.server, DOMAIN, (new(settled, "me", quota_bytes=quota),))
        assert settled.refusal(request).startswith(f"A mailbox of {DOMAIN} may have at most 1000 MB.")


def test_a_mailbox_that_somebody_else_made_is_shown_once_it_was_read(settled: MailWorld) -> None:
    settled.by_hand("POST", "/user", {"email": ME, "raw_password": "somebodys-own", "comment": "by hand"})
    assert settled.addresses() == []

    job = settled.done(ReadMail(settled.server))

    assert (settled.mailbox(ME).tenant_id, settled.mailbox(ME).comment) == (CLIENT, "by hand")
    assert [step.key for step in settled.driver.steps(job.id)] == ["read"]
    assert job.about == "mx1.example.net"
    settled.by_hand("DELETE", f"/user/{ME}")
    settled.done(ReadMail(settled.server))
    assert settled.addresses() == []
