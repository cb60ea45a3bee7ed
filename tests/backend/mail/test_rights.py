"""Who may manage a domain, and what devices log in with: set as wanted, whatever of it was done before."""

from __future__ import annotations

import pytest

from backend.mail.requests import AddMailboxes, EndTokens, NewMailbox, SetManagers
from tests.backend.mail.world import DOMAIN, MailWorld

ME, YOU = f"me@{DOMAIN}", f"you@{DOMAIN}"


@pytest.fixture
def peopled(settled: MailWorld) -> MailWorld:
    """With two mailboxes."""
    news = tuple(NewMailbox(local, settled.kept("first-Secret-1")) for local in ("me", "you"))
    settled.done(AddMailboxes(settled.server, DOMAIN, news))
    return settled


def test_managers_are_as_they_were_asked_to_be(peopled: MailWorld) -> None:
    peopled.done(SetManagers(peopled.server, DOMAIN, (ME,)))
    assert peopled.domain().managers == [ME]

    peopled.done(SetManagers(peopled.server, DOMAIN, (YOU.upper(), YOU)))
    assert peopled.domain().managers == [YOU]

    peopled.done(SetManagers(peopled.server, DOMAIN))
    assert peopled.domain().managers == []


def test_a_run_after_a_kill_goes_on_where_the_one_before_ended(peopled: MailWorld) -> None:
    request = SetManagers(peopled.server, DOMAIN, (ME, YOU))
    peopled.by_hand("POST", f"/domain/{DOMAIN}/manager", {"user_email": ME})

    for _turn in range(2):
        peopled.step(request, "change")

    assert sorted(peopled.by_hand("GET", f"/domain/{DOMAIN}")["managers"]) == [ME, YOU]


def test_only_a_mailbox_of_the_server_manages(peopled: MailWorld) -> None:
    said = peopled.refusal(SetManagers(peopled.server, DOMAIN, (f"nobody@{DOMAIN}",)))

    assert said.startswith(f"There is no mailbox nobody@{DOMAIN}.")


def test_app_tokens_end_and_the_password_stays(peopled: MailWorld) -> None:
    for comment in ("phone", "tablet"):
        peopled.by_hand("POST", "/token", {"email": ME, "comment": comment})
    before = peopled.user(ME)["password"]

    job = peopled.done(EndTokens(peopled.server, ME))

    assert peopled.note(job, "change") == "app tokens ended: 2"
    assert peopled.by_hand("GET", f"/tokenuser/{ME}") == []
    assert peopled.user(ME)["password"] == before


def test_of_a_mailbox_that_is_not_there_no_token_is_asked(peopled: MailWorld) -> None:
    assert "There is no mailbox" in peopled.refusal(EndTokens(peopled.server, f"nobody@{DOMAIN}"))
