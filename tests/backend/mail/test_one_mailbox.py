"""What is done with one mailbox: changed by what differs, given another password, removed."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.secrets.values import Secret
from backend.demo.mailu.passwords import is_password
from backend.engine.payload import Request
from backend.mail.refs import admin_ref
from backend.mail.requests import (
    AddMailboxes,
    NewMailbox,
    ReadMail,
    RemoveMailbox,
    ResetPassword,
    SetDomain,
    SetMailbox,
)
from tests.backend.mail.world import DOMAIN, MailWorld

ME, FIRST, SECOND = f"me@{DOMAIN}", "CANARY-first-7d1e6b", "CANARY-second-19f04c"


@pytest.fixture
def mailbox(settled: MailWorld) -> MailWorld:
    """A world with one mailbox."""
    first = NewMailbox("me", settled.kept(FIRST), "Me", 2_000_000_000)
    settled.done(AddMailboxes(settled.server, DOMAIN, (first,)))
    return settled


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a name": ({"display_name": "Another"}, {"display_name": "Another"}),
    "no name": ({"display_name": ""}, {"display_name": ""}),
    "a quota": ({"quota_bytes": 5_000_000}, {"quota_bytes": 5_000_000}),
    "no quota": ({"no_quota": True}, {"quota_bytes": None}),
    "no login": ({"is_enabled": False}, {"is_enabled": False}),
    "a forwarding": (
        {"forwards_to": ("Z@Else.example", "a@else.example"), "keeps_copy": False},
        {"forwards_to": ["a@else.example", "z@else.example"], "is_forwarding": True, "keeps_copy": False},
    ),
    "a reply": (
        {"replies": True, "reply_subject": "Away", "reply_body": "Back on Monday.\n"},
        {"replies": True, "reply_subject": "Away", "reply_body": "Back on Monday.\n"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_read_back_and_all_else_stays(mailbox: MailWorld, change: str) -> None:
    asked, expected = CHANGES[change]
    before = mailbox.user(ME)

    mailbox.done(SetMailbox(mailbox.server, ME, **asked))

    row = mailbox.mailbox(ME)
    assert {name: getattr(row, name) for name in expected} == expected
    after = mailbox.user(ME)
    assert after["password"] == before["password"]
    assert after["spam_threshold"] == before["spam_threshold"]


def test_a_forwarding_is_switched_off_and_its_destinations_are_kept(mailbox: MailWorld) -> None:
    mailbox.done(SetMailbox(mailbox.server, ME, forwards_to=("z@else.example",)))
    mailbox.done(SetMailbox(mailbox.server, ME, forwards_to=()))

    row = mailbox.mailbox(ME)
    assert (row.is_forwarding, row.forwards_to) == (False, ["z@else.example"])


def test_nothing_to_change_sends_nothing(mailbox: MailWorld) -> None:
    patched = _patches(mailbox)

    job = mailbox.done(SetMailbox(mailbox.server, ME.upper(), display_name="Me"))

    assert mailbox.note(job, "change") == "nothing to change"
    assert _patches(mailbox) == patched


def _patches(world: MailWorld) -> int:
    return sum(each["method"] == "PATCH" for each in world.mailu.log())


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "500"])
def test_a_change_goes_on_where_an_answer_was_lost(mailbox: MailWorld, fault: str) -> None:
    mailbox.mailu.fault(fault, "PATCH", "/api/v1/user")

    mailbox.done(SetMailbox(mailbox.server, ME, display_name="Another"))

    assert mailbox.mailbox(ME).display_name == "Another"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "to itself": ({"forwards_to": (ME,)}, "A mailbox cannot forward to itself."),
    "to no address": ({"forwards_to": ("nobody",)}, "nobody is not an e-mail address."),
    "to no domain": ({"forwards_to": ("a@b",)}, "b is not a full domain name."),
    "a quota of nothing": ({"quota_bytes": 0}, "A quota must be at least one byte."),
    "a name without end": ({"display_name": "n" * 161}, "n" * 40 + "… is too long."),
    "a subject without end": ({"reply_subject": "s" * 256}, "s" * 40 + "… is too long."),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_change_that_cannot_be_is_refused_with_words(mailbox: MailWorld, bad: str) -> None:
    changes, words = BAD[bad]

    assert mailbox.refusal(SetMailbox(mailbox.server, ME, **changes)).startswith(words)


def test_a_quota_that_the_domain_does_not_give_is_refused(mailbox: MailWorld) -> None:
    mailbox.done(SetDomain(mailbox.server, DOMAIN, max_quota_bytes=2_000_000_000))

    for change in ({"quota_bytes": 2_000_000_001}, {"no_quota": True}):
        refusal = mailbox.refusal(SetMailbox(mailbox.server, ME, **change))
        assert refusal.startswith(f"A mailbox of {DOMAIN} may have at most 2000 MB.")


def test_a_mailbox_that_is_unknown_is_refused(settled: MailWorld) -> None:
    requests: tuple[Request, ...] = (
        SetMailbox(settled.server, ME, display_name="x"),
        ResetPassword(settled.server, ME, "smtp/x"),
        RemoveMailbox(settled.server, ME, ME),
    )

    for request in requests:
        assert settled.refusal(request) == f"There is no mailbox {ME}."


def test_a_mailbox_that_somebody_removed_meanwhile_is_told(mailbox: MailWorld) -> None:
    mailbox.by_hand("DELETE", f"/user/{ME}")

    for request in (
        SetMailbox(mailbox.server, ME, display_name="x"),
        ResetPassword(mailbox.server, ME, mailbox.kept(SECOND)),
    ):
        job = mailbox.job(request)
        assert (job.state, job.cause) == ("failed", f"There is no mailbox {ME}.")


# Passwords


@pytest.mark.parametrize("fault", ["", "lost_answer", "500_after", "500"])
def test_another_password_lets_in_alone_and_is_forgotten(mailbox: MailWorld, fault: str) -> None:
    ref = mailbox.kept(SECOND)
    if fault:
        mailbox.mailu.fault(fault, "PATCH", "/api/v1/user")

    mailbox.done(ResetPassword(mailbox.server, ME, ref, must_change=False))

    hashed = mailbox.user(ME)["password"]
    assert (is_password(SECOND, hashed), is_password(FIRST, hashed)) == (True, False)
    assert not mailbox.mailbox(ME).must_change_password
    assert not mailbox.lies_there(ref)


@pytest.mark.parametrize(("ends", "left"), [(True, 0), (False, 2)])
def test_app_tokens_end_where_that_is_asked_for(mailbox: MailWorld, ends: bool, left: int) -> None:
    for comment in ("phone", "tablet"):
        mailbox.by_hand("POST", "/token", {"email": ME, "comment": comment})

    job = mailbox.done(ResetPassword(mailbox.server, ME, mailbox.kept(SECOND), ends_tokens=ends))

    assert len(mailbox.by_hand("GET", f"/tokenuser/{ME}")) == left
    assert mailbox.note(job, "change") == ("app tokens ended: 2" if ends else "")


def test_a_reset_that_a_kill_repeats_still_has_the_password(mailbox: MailWorld) -> None:
    request = ResetPassword(mailbox.server, ME, mailbox.kept(SECOND))
    for key in ("change", "change", "forget", "forget", "read"):
        mailbox.step(request, key)

    assert is_password(SECOND, mailbox.user(ME)["password"])
    assert not mailbox.lies_there(request.password_ref)


def test_of_the_administrators_mailbox_mailyard_keeps_the_password(settled: MailWorld) -> None:
    """It logs in with it to prove that the mail server is one."""
    address = f"admin@{DOMAIN}"
    settled.by_hand("POST", "/user", {"email": address, "raw_password": FIRST, "global_admin": True})
    settled.done(ReadMail(settled.server))
    ref = settled.kept(SECOND)

    settled.done(ResetPassword(settled.server, address, ref))

    assert settled.installation.secrets.read(admin_ref(settled.server)) == Secret(SECOND)
    assert not settled.lies_there(ref)


def test_of_another_mailbox_it_does_not(mailbox: MailWorld) -> None:
    mailbox.installation.secrets.keep(admin_ref(mailbox.server), Secret("the administrator's"))

    mailbox.done(ResetPassword(mailbox.server, ME, mailbox.kept(SECOND)))

    assert mailbox.installation.secrets.read(admin_ref(mailbox.server)) == Secret("the administrator's")


# Removal


@pytest.mark.parametrize("fault", ["", "lost_answer", "500_after", "500"])
def test_a_mailbox_goes(mailbox: MailWorld, fault: str) -> None:
    if fault:
        mailbox.mailu.fault(fault, "DELETE", "/api/v1/user")

    job = mailbox.done(RemoveMailbox(mailbox.server, ME, ME.upper()))

    assert mailbox.addresses() == []
    assert mailbox.mailu.counters()["mailbox"] == []
    assert "stays on the server" in mailbox.note(job, "change")


def test_a_mailbox_is_removed_only_by_its_whole_address(mailbox: MailWorld) -> None:
    assert mailbox.refusal(RemoveMailbox(mailbox.server, ME, "me")).startswith(f"The name typed is not {ME}.")


def test_an_administrator_is_not_removed(mailbox: MailWorld) -> None:
    mailbox.by_hand("PATCH", f"/user/{ME}", {"global_admin": True})
    mailbox.done(ReadMail(mailbox.server))

    refusal = mailbox.refusal(RemoveMailbox(mailbox.server, ME, ME))

    assert refusal.startswith(f"{ME} is an administrator of the mail server.")
