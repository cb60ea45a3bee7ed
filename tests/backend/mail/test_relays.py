"""Relayed domains: added once for their owner, led elsewhere, removed; what neither Mailu nor the mail could bear."""

from __future__ import annotations

from typing import Any

import pytest

from backend.mail.queries import TOPICS
from backend.mail.relay_queries import RelayRow, Relays
from backend.mail.requests import AddDomain, AddRelay, ReadMail, RemoveRelay, SetDomain, SetRelay
from backend.store.schema.mail import MailRelay
from backend.store.scope import AGENCY, Scope
from tests.backend.mail.world import CLIENT, DOMAIN, OTHER_CLIENT, MailWorld
from tests.backend.mailu.emulated import HOST_NAME
from tests.installation import ask

NAME, HOP = "relayed.example", "[mx.relayed.example]:2525"


def added(world: MailWorld, name: str = NAME, hop: str = HOP, **more: Any) -> AddRelay:
    return AddRelay(world.server, name, hop, **more)


def told(world: MailWorld) -> list[tuple[str, str, str]]:
    """As Mailu has them."""
    return [(each["name"], each["smtp"], each["comment"]) for each in world.by_hand("GET", "/relay")]


def seen(world: MailWorld, scope: Scope) -> tuple[RelayRow, ...]:
    return ask(world.installation, Relays(scope))


def test_a_relay_is_added_for_a_client_led_elsewhere_and_removed(settled: MailWorld) -> None:
    settled.done(added(settled, "Bücher.example.", " MX.Relayed.example:25 ", comment="second MX", client=CLIENT))
    name = "xn--bcher-kva.example"
    (row,) = seen(settled, Scope.of(CLIENT))
    assert (row.name, row.next_hop, row.comment, row.server) == (name, "mx.relayed.example:25", "second MX", HOST_NAME)
    assert row.workspace == "Client"
    assert seen(settled, Scope.of(OTHER_CLIENT)) == ()

    settled.done(SetRelay(settled.server, name))
    assert told(settled) == [("bücher.example", "", "")]
    assert settled.note(settled.done(SetRelay(settled.server, name)), "change") == "nothing to change"

    settled.done(RemoveRelay(settled.server, name))
    assert (told(settled), settled.rows(MailRelay)) == ([], [])


def test_what_somebody_made_in_mailu_is_the_agencys_and_is_not_taken_over(settled: MailWorld) -> None:
    settled.by_hand("POST", "/relay", {"name": NAME})

    job = settled.job(added(settled, client=CLIENT))
    assert (job.state, job.cause) == ("failed", f"The mail server relays {NAME} already; Mailyard did not add it.")

    settled.done(ReadMail(settled.server))
    (row,) = settled.rows(MailRelay)
    assert (row.tenant_id, row.next_hop, row.comment) == (AGENCY, "", "")


def test_one_that_goes_in_mailu_goes_here(settled: MailWorld) -> None:
    settled.done(added(settled, client=CLIENT))
    settled.by_hand("DELETE", f"/relay/{NAME}")

    settled.done(ReadMail(settled.server))

    assert settled.rows(MailRelay) == []


@pytest.mark.parametrize("fault", ["lost_answer", "500_after", "malformed", "500"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_lost_answer_leaves_what_was_wanted_once(settled: MailWorld, method: str, fault: str) -> None:
    if method != "POST":
        settled.done(added(settled, client=CLIENT))
    settled.mailu.fault(fault, method, "/api/v1/relay")

    settled.done(
        {
            "POST": added(settled, client=CLIENT),
            "PATCH": SetRelay(settled.server, NAME, "mx:other.example"),
            "DELETE": RemoveRelay(settled.server, NAME),
        }[method]
    )

    there = {"POST": [(NAME, HOP, "")], "PATCH": [(NAME, "mx:other.example", "")], "DELETE": []}[method]
    assert told(settled) == there
    assert [row.tenant_id for row in settled.rows(MailRelay)] == [CLIENT] * len(there)


def test_a_kill_between_the_answer_and_the_row_leaves_one_of_its_owner(settled: MailWorld) -> None:
    request = added(settled, client=CLIENT)
    for key in ("look", "change"):
        settled.step(request, key)
    settled.done(ReadMail(settled.server))
    settled.step(request, "change")

    assert told(settled) == [(NAME, HOP, "")]
    assert [row.tenant_id for row in settled.rows(MailRelay)] == [CLIENT]


def test_what_cannot_be_relayed_is_refused_with_words(settled: MailWorld) -> None:
    settled.done(SetDomain(settled.server, DOMAIN, alternatives=("other-name.example",)))
    settled.done(added(settled))
    for request, said in (
        (added(settled, DOMAIN), f"{DOMAIN} is a domain of this mail server."),
        (added(settled, "other-name.example"), "other-name.example is a domain of this mail server."),
        (added(settled), f"This mail server relays {NAME} already."),
        (added(settled, "local"), "local is not a full domain name."),
        (added(settled, "a.example", "host:"), "Mail cannot be handed on to host:."),
        (added(settled, "a.example", HOST_NAME), "Mail for a.example would come back to this mail server."),
        (added(settled, "a.example", comment="x" * 256), "is too long."),
        (SetRelay(settled.server, NAME, "mx:"), "Mail cannot be handed on to mx:."),
        (SetRelay(settled.server, "a.example"), "This mail server does not relay a.example."),
        (RemoveRelay(settled.server, "a.example"), "This mail server does not relay a.example."),
        (AddDomain(settled.server, NAME), f"This mail server relays {NAME} already."),
        (SetDomain(settled.server, DOMAIN, alternatives=(NAME,)), f"This mail server relays {NAME} already."),
        (AddRelay(settled.bare, NAME), "This server has no mail server."),
    ):
        assert said in settled.refusal(request)


def test_the_second_mx_of_a_domain_is_its_clients(settled: MailWorld) -> None:
    """Another mail server of ours has the mailboxes."""
    with settled.another_carrier("far.example", CLIENT):
        assert "far.example is a mail domain of another client." in settled.refusal(added(settled, "far.example"))

        settled.done(added(settled, "far.example", client=CLIENT))

    assert told(settled) == [("far.example", HOP, "")]


def test_relays_are_news_of_the_page_that_shows_them() -> None:
    assert Relays.topics == TOPICS
    assert MailRelay.announced_as in TOPICS
