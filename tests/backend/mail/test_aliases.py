"""Aliases: to mailboxes of the server by its API, to addresses elsewhere by Mailu's own command, never half changed."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.errors import CommandFailed
from backend.mail.requests import AddMailboxes, NewMailbox, ReadMail, RemoveAlias, SetAlias, SetDomain
from backend.store.schema.mail import MailAlias
from tests.backend.mail.world import CLIENT, DOMAIN, MailWorld
from tests.backend.mailu.emulated import EmulatedHost

ME, YOU, INFO, AWAY = f"me@{DOMAIN}", f"you@{DOMAIN}", f"info@{DOMAIN}", "x@else.example"
BY_COMMAND = "set by Mailu's own command"


@pytest.fixture
def mailboxes(settled: MailWorld) -> MailWorld:
    """A world with two mailboxes."""
    both = tuple(NewMailbox(name, settled.kept("first-Secret-1")) for name in ("me", "you"))
    settled.done(AddMailboxes(settled.server, DOMAIN, both))
    return settled


def asked(world: MailWorld, *destinations: str, address: str = INFO, **more: Any) -> SetAlias:
    return SetAlias(world.server, address, destinations, **more)


def told(world: MailWorld, address: str = INFO) -> tuple[list[str], bool, str]:
    row = world.alias(address)
    return row.destinations, row.is_wildcard, row.comment


def test_an_alias_to_mailboxes_is_made_and_changed_by_the_api(mailboxes: MailWorld) -> None:
    first = mailboxes.done(asked(mailboxes, YOU, ME, comment="front desk"))
    assert told(mailboxes) == ([ME, YOU], False, "front desk")
    assert mailboxes.alias(INFO).tenant_id == CLIENT

    second = mailboxes.done(asked(mailboxes, YOU))

    assert told(mailboxes) == ([YOU], False, "")
    assert [mailboxes.note(job, "change") for job in (first, second)] == ["", ""]


def test_the_same_again_in_whatever_order_changes_nothing(mailboxes: MailWorld) -> None:
    mailboxes.done(asked(mailboxes, ME, YOU))

    job = mailboxes.done(asked(mailboxes, YOU.upper(), ME, YOU, address=INFO.upper()))

    assert mailboxes.note(job, "change") == "nothing to change"


@pytest.mark.parametrize("destinations", [(AWAY,), (AWAY, ME)])
def test_an_alias_to_an_address_elsewhere_is_set_by_command(mailboxes: MailWorld, destinations: tuple[str]) -> None:
    job = mailboxes.done(asked(mailboxes, *destinations, comment="größer 🙂"))

    assert told(mailboxes) == (sorted(destinations), False, "größer 🙂")
    assert mailboxes.note(job, "change") == BY_COMMAND


def test_an_alias_moves_elsewhere_and_back(mailboxes: MailWorld) -> None:
    for destinations in ((ME,), (AWAY,), (AWAY, YOU), (ME, YOU)):
        mailboxes.done(asked(mailboxes, *destinations))
        assert told(mailboxes)[0] == sorted(destinations)


def test_words_of_an_alias_that_leads_elsewhere_need_no_command(mailboxes: MailWorld) -> None:
    mailboxes.done(asked(mailboxes, AWAY))

    job = mailboxes.done(asked(mailboxes, AWAY, comment="new words"))

    assert (told(mailboxes), mailboxes.note(job, "change")) == (([AWAY], False, "new words"), "")


def test_an_alias_may_lead_to_another_one(mailboxes: MailWorld) -> None:
    mailboxes.done(asked(mailboxes, ME))

    mailboxes.done(asked(mailboxes, INFO, address=f"office@{DOMAIN}"))

    assert told(mailboxes, f"office@{DOMAIN}")[0] == [INFO]


@pytest.mark.parametrize("local", ["%", "sales.%", "sales_"])
def test_a_pattern_takes_what_nobody_else_has(mailboxes: MailWorld, local: str) -> None:
    mailboxes.done(asked(mailboxes, ME, address=f"{local}@{DOMAIN}", is_wildcard=True))

    assert told(mailboxes, f"{local}@{DOMAIN}") == ([ME], True, "")


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed", "500"])
@pytest.mark.parametrize("destination", [ME, AWAY], ids=["here", "elsewhere"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_lost_answer_leaves_one_alias_as_it_was_wanted(
    mailboxes: MailWorld, method: str, destination: str, fault: str
) -> None:
    if method == "PATCH":
        mailboxes.done(asked(mailboxes, YOU))
    mailboxes.mailu.fault(fault, method, "/api/v1/alias")

    mailboxes.done(asked(mailboxes, destination))

    assert mailboxes.addresses(MailAlias) == [INFO]
    assert told(mailboxes)[0] == [destination]


@pytest.mark.parametrize("destination", [ME, AWAY], ids=["here", "elsewhere"])
def test_a_step_that_a_kill_repeats_makes_one_alias(mailboxes: MailWorld, destination: str) -> None:
    request = asked(mailboxes, destination)
    for key in ("change", "change", "read"):
        mailboxes.step(request, key)

    assert mailboxes.addresses(MailAlias) == [INFO]


def test_a_command_that_fails_leaves_the_alias_as_it_was(mailboxes: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    mailboxes.done(asked(mailboxes, ME))

    def fails(*_told: object, **_named: object) -> str:
        raise CommandFailed("A command on mx1.example.net failed.", exit_code=1, remedy="Its output is in the log.")

    monkeypatch.setattr(EmulatedHost, "execute", fails)
    job = mailboxes.job(asked(mailboxes, AWAY))

    assert (job.state, job.cause) == ("failed", "A command on mx1.example.net failed.")
    assert mailboxes.by_hand("GET", f"/alias/{INFO}")["destination"] == [ME]


def test_a_command_that_does_nothing_is_noticed(mailboxes: MailWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmulatedHost, "execute", lambda *_told, **_named: "")

    job = mailboxes.job(asked(mailboxes, AWAY))

    assert (job.state, job.cause) == ("failed", f"Mailu did not take the alias {INFO}.")


def test_a_domain_that_somebody_removed_is_not_made_anew_by_the_command(mailboxes: MailWorld) -> None:
    mailboxes.by_hand("DELETE", f"/domain/{DOMAIN}")

    job = mailboxes.job(asked(mailboxes, AWAY))

    assert (job.state, job.cause) == ("failed", f"This mail server has no domain {DOMAIN}.")
    assert (mailboxes.mailu.counters()["domain"], mailboxes.mailu.counters()["alias"]) == ([], [])


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "to nobody": ({"destinations": ()}, "An alias must lead somewhere."),
    "to itself": ({"destinations": (INFO,)}, "An alias cannot lead to itself."),
    "to no address": ({"destinations": ("me",)}, "me is not an e-mail address."),
    "to no domain": ({"destinations": ("a@b",)}, "b is not a full domain name."),
    "to a name with a space": ({"destinations": ("a b@else.example",)}, "a b cannot stand before the @."),
    "to two in one": ({"destinations": ("a@else.example,b@else.example",)}, "a@else.example,b cannot stand"),
    "to whom nobody knows": (
        {"destinations": (f"nobody@{DOMAIN}",)},
        f"There is neither a mailbox nor an alias nobody@{DOMAIN}.",
    ),
    "of a mailbox": ({"address": ME, "destinations": (YOU,)}, f"{ME} is a mailbox."),
    "of no address": ({"address": "info"}, "info is not an e-mail address."),
    "of a domain elsewhere": ({"address": "info@else.example"}, "This mail server has no domain else.example."),
    "of a pattern that is none": ({"address": f"%@{DOMAIN}"}, "% cannot stand before the @."),
    "of a slash": ({"address": f"a/%@{DOMAIN}", "is_wildcard": True}, "a/% cannot stand before the @."),
}


@pytest.mark.parametrize("bad", BAD)
def test_an_alias_that_cannot_be_is_refused_with_words(mailboxes: MailWorld, bad: str) -> None:
    changes, words = BAD[bad]

    request = SetAlias(**{"server_id": mailboxes.server, "address": INFO, "destinations": (ME,), **changes})

    assert mailboxes.refusal(request).startswith(words)


def test_where_a_pattern_takes_the_rest_nobody_is_unknown(mailboxes: MailWorld) -> None:
    mailboxes.done(asked(mailboxes, ME, address=f"%@{DOMAIN}", is_wildcard=True))

    mailboxes.done(asked(mailboxes, f"nobody@{DOMAIN}"))

    assert told(mailboxes)[0] == [f"nobody@{DOMAIN}"]


def test_more_than_the_domain_may_have_is_refused_and_a_change_is_not(mailboxes: MailWorld) -> None:
    mailboxes.done(SetDomain(mailboxes.server, DOMAIN, max_aliases=1))
    mailboxes.done(asked(mailboxes, ME))

    refusal = mailboxes.refusal(asked(mailboxes, ME, address=f"more@{DOMAIN}"))

    assert refusal.startswith(f"{DOMAIN} may have at most 1 aliases and has 1.")
    mailboxes.done(asked(mailboxes, YOU))


@pytest.mark.parametrize("fault", ["", "lost_answer", "500_after", "500"])
def test_an_alias_goes(mailboxes: MailWorld, fault: str) -> None:
    mailboxes.done(asked(mailboxes, AWAY))
    if fault:
        mailboxes.mailu.fault(fault, "DELETE", "/api/v1/alias")

    mailboxes.done(RemoveAlias(mailboxes.server, INFO.upper()))

    assert mailboxes.addresses(MailAlias) == []
    assert mailboxes.refusal(RemoveAlias(mailboxes.server, INFO)) == f"There is no alias {INFO}."


def test_an_alias_that_somebody_else_set_is_shown_once_it_was_read(mailboxes: MailWorld) -> None:
    mailboxes.by_hand("POST", "/alias", {"email": INFO, "destination": [ME]})

    mailboxes.done(ReadMail(mailboxes.server))

    assert told(mailboxes) == ([ME], False, "")
