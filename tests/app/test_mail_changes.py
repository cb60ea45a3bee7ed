"""Changing a mail server from the server's Mail tab: what a sheet says, what is refused, what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from app.pages.servers.mail_change_sheets import ChangeMailSheet, PowerMailSheet, RenewPasswordSheet, RenewTokenSheet
from app.pages.servers.mail_changes import MailChanges
from backend.bootstrap import Installation
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_mail_page import carried as carried
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import CARRIERS
from tests.sample_data.servers import server_id

SERVER = server_id(CARRIERS[0])


def tab(person: Person) -> MailChanges:
    page = person.servers()
    page.choose(SERVER)
    page.detail.tabs.setCurrentIndex(2)
    person.settle()
    changes: MailChanges = page.detail.mail.changes
    return changes


def sheet(person: Person, kind: type[Any]) -> Any:
    found = person.dialog(kind)
    person.settle()
    return found


def asked(installation: Installation, person: Person, kind: str) -> dict[str, Any]:
    person.wait(lambda: open_requests(installation, kind), "the request")
    (request,) = open_requests(installation, kind)
    return request


def test_only_what_was_changed_is_asked_for(carried: Installation, watcher: Person) -> None:
    tab(watcher).change.trigger()
    opened = sheet(watcher, ChangeMailSheet)
    watcher.wait(opened.act.isEnabled, "the settings")
    assert opened.message.text() == "50"
    for said in ("with the files on the server", "unless you set it back", "each line"):
        assert watcher.sees(said, opened)

    watcher.enter(opened.message, "30")
    opened.macros.setChecked(False)
    opened.back.setChecked(True)
    watcher.click(opened.act)

    request = asked(carried, watcher, "mail.change")
    assert (request["message_mb"], request["scans_macros"], request["sets_back"]) == (30, False, ["*"])
    for name in ("webmail", "ports", "messages_per_day", "has_antivirus"):
        assert request[name] is None


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("message", "5000", "between 1 and 1000 MB"),
        ("message", "much", "Enter a whole number."),
        ("rate", "0", "at least one message a day"),
        ("ports", "25, 80", "Mailu always opens the ports 443, 465, 993."),
        ("ports", "25,80,443,465,993,22", "nothing that listens on port 22"),
        ("ports", "all", "Enter numbers of ports"),
    ],
)
def test_a_value_that_will_not_do_is_said_beside_its_field(
    carried: Installation, watcher: Person, field: str, text: str, words: str
) -> None:
    tab(watcher).change.trigger()
    opened = sheet(watcher, ChangeMailSheet)
    watcher.wait(opened.act.isEnabled, "the settings")

    watcher.enter(getattr(opened, field), text)
    watcher.click(opened.act)

    assert watcher.sees(words, opened)
    assert not open_requests(carried, "mail.change")


def test_it_is_stopped_after_a_word_about_mail(carried: Installation, watcher: Person) -> None:
    tab(watcher).stop.trigger()
    opened = sheet(watcher, PowerMailSheet)
    assert watcher.sees("What others send meanwhile they send again", opened)
    watcher.click(opened.act)

    assert asked(carried, watcher, "mail.power") == {"server_id": str(SERVER), "act": "stop"}


def test_one_that_was_stopped_is_started_and_nothing_else(carried: Installation, watcher: Person) -> None:
    with carried.store.write(ENGINE_SCOPE) as session:
        session.get_one(MailServer, (AGENCY, SERVER)).state = "stopped"
    changes = tab(watcher)
    assert (changes.stop.isVisible(), changes.restart.isVisible(), changes.change.isEnabled()) == (False,) * 3
    assert "does not run" in changes.change.toolTip()

    changes.start.trigger()
    watcher.click(sheet(watcher, PowerMailSheet).act)

    assert asked(carried, watcher, "mail.power")["act"] == "start"


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_of_one_that_is_watched_only_nothing_is_changed(carried: Installation, watcher: Person, state: str) -> None:
    with carried.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, SERVER))
        row.is_adopted, row.api_token_ref, row.state = True, None, state

    changes = tab(watcher)

    for action in (changes.change, changes.restart, changes.stop, changes.start, changes.token, changes.password):
        assert not action.isEnabled(), action.text()
        assert "watched only" in action.toolTip()


def test_another_token_is_asked_for(carried: Installation, watcher: Person) -> None:
    tab(watcher).token.trigger()
    opened = sheet(watcher, RenewTokenSheet)
    assert watcher.sees("kept in the secret store before it is written", opened)
    watcher.click(opened.act)

    assert asked(carried, watcher, "mail.token") == {"server_id": str(SERVER)}


def test_another_password_of_the_administrator_is_asked_for(carried: Installation, watcher: Person) -> None:
    tab(watcher).password.trigger()
    opened = sheet(watcher, RenewPasswordSheet)
    assert watcher.sees("kept in the secret store before the mailbox has it", opened)
    watcher.click(opened.act)

    assert asked(carried, watcher, "mail.admin_password") == {"server_id": str(SERVER)}


def test_a_password_that_mailyard_does_not_know_is_not_renewed(carried: Installation, watcher: Person) -> None:
    with carried.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, SERVER))
        row.is_adopted, row.admin_ref, row.api_token_ref = True, None, "api_keys/x"

    changes = tab(watcher)

    assert (changes.token.isEnabled(), changes.password.isEnabled()) == (True, False)
    assert "does not know the password" in changes.password.toolTip()
