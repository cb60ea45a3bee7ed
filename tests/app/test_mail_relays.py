"""Relays of a mail server: the tab, the sheets, what is refused there, the request."""

from __future__ import annotations

from typing import Any

import pytest

from app.pages.mail.domain_panel import RELAYS
from app.pages.mail.relay_sheets import RelaySheet, RemoveRelaySheet
from backend.bootstrap import Installation
from tests.app.person import Person
from tests.app.test_mail_acts import asked
from tests.app.test_mail_page import carried as carried
from tests.app.test_mail_page import opened
from tests.sample_data.mail import CARRIERS, MAIN, UNLIMITED
from tests.sample_data.servers import CLIENTS, client_id, server_name

NAME, HOP = "acme-lab.example", "[exchange.acme-lab.example]:2525"


def relays(person: Person, domain: str = MAIN) -> Any:
    """The tab of the domain's mail server."""
    page = opened(person, domain)
    page.domain.tabs.setCurrentIndex(RELAYS)
    return page.domain.relays


def texts(part: Any) -> list[list[str]]:
    records = part.table.records
    return [[records.text(at, row) for at in range(len(records.columns))] for row in records.rows]


def test_the_relays_of_the_mail_server_are_listed_with_where_they_lead(carried: Installation, watcher: Person) -> None:
    assert texts(relays(watcher)) == [
        [NAME, HOP, CLIENTS[0], "their own server behind ours"],
        ["bluebird-audio.example", "the MX of the domain", CLIENTS[1], ""],
    ]


def test_a_client_sees_its_own_relays_alone(carried: Installation, watcher: Person) -> None:
    watcher.services.view.choose(client_id(CLIENTS[0]))

    assert [row[0] for row in texts(relays(watcher))] == [NAME]


def test_a_mail_server_without_relays_says_what_one_is(carried: Installation, watcher: Person) -> None:
    part = relays(watcher, UNLIMITED)

    assert part.empty.title.text() == f"{server_name(CARRIERS[1])} relays no domains yet"
    assert not part.foot.isVisible()
    watcher.click(part.empty.action)
    assert watcher.dialog(RelaySheet).name.hasFocus()


@pytest.mark.parametrize(
    ("name", "hop", "says"),
    [
        ("", "", "Enter the domain."),
        ("local", "", "local is not a full domain name."),
        ("new.example", "host:", "Mail cannot be handed on to host:."),
        ("new.example", "mx.example:0", "0 is no port."),
    ],
)
def test_what_cannot_be_relayed_is_said_under_its_field(
    carried: Installation, watcher: Person, name: str, hop: str, says: str
) -> None:
    watcher.click(relays(watcher).new)
    sheet = watcher.dialog(RelaySheet)
    watcher.enter(sheet.name, name)
    watcher.enter(sheet.hop, hop)
    watcher.click(sheet.act)

    assert watcher.sees(says, sheet)
    assert sheet.isVisible()


def test_a_relay_is_created_for_the_client_of_the_domain(carried: Installation, watcher: Person) -> None:
    watcher.click(relays(watcher).new)
    sheet = watcher.dialog(RelaySheet)
    watcher.enter(sheet.name, "New.Example.")
    watcher.enter(sheet.hop, "MX:New.example")
    watcher.enter(sheet.comment, "second MX")
    watcher.click(sheet.act)

    assert asked(carried, watcher, "mail.relay.add") == {
        "name": "new.example",
        "next_hop": "mx:new.example",
        "comment": "second MX",
        "client": str(client_id(CLIENTS[0])),
    }


def test_a_relay_is_changed_and_deleted(carried: Installation, watcher: Person) -> None:
    part = relays(watcher)
    part.table.choose(NAME)
    watcher.click(part.change)
    sheet = watcher.dialog(RelaySheet)
    assert (sheet.name.isEnabled(), sheet.hop.text()) == (False, HOP)
    watcher.enter(sheet.hop, "")
    watcher.click(sheet.act)
    changed = asked(carried, watcher, "mail.relay.set")
    assert changed == {"name": NAME, "next_hop": "", "comment": "their own server behind ours"}
    watcher.wait(lambda: not watcher.window.findChildren(RelaySheet), "the sheet to go")

    watcher.click(part.delete)
    watcher.click(watcher.dialog(RemoveRelaySheet).act)
    assert asked(carried, watcher, "mail.relay.remove") == {"name": NAME}
