"""The Mail page: domains with their use, the mailboxes of one, and the mailbox that is chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from app.pages.mail.domain_panel import ALIASES, DOMAIN
from app.shell.route import Route, Thing
from backend.bootstrap import Installation
from backend.core.present.status import Status
from backend.store.schema.mail import Domain, Mailbox
from backend.store.scope import ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.app.test_keyboard import press
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import (
    AWAY,
    CARRIERS,
    DOMAINS,
    DUE,
    EMPTY_DOMAIN,
    FORWARDS,
    FULL,
    FULL_DOMAIN,
    MAIN,
    NEARLY_FULL,
    SUSPENDED,
    UNLIMITED,
    add_mail,
    domain_id,
)
from tests.sample_data.servers import CLIENTS, client_id, server_id, server_name


@pytest.fixture
def carried(fleet: Installation) -> Installation:
    """The fleet with mail on two of its servers."""
    add_mail(fleet)
    return fleet


def opened(person: Person, domain: str = MAIN) -> Any:
    """The page with a domain chosen and read."""
    page = person.mail()
    page.table.choose(domain_id(domain))
    person.settle()
    return page


def mailbox(page: Any, local: str) -> Any:
    """Chosen in the list."""
    page.domain.mailboxes.table.choose(f"{local}@{MAIN}")
    return page.domain.mailboxes.table.current()


def cells(page: Any, local: str) -> list[str]:
    table, row = page.domain.mailboxes.table, mailbox(page, local)
    return [table.records.text(at, row) for at in range(4)]


def test_domains_are_listed_with_their_use_against_the_limit(carried: Installation, watcher: Person) -> None:
    page = watcher.mail()
    (column,) = page.table.records.columns

    told = {row.name: (column.status(row), column.note(row), column.meter(row)) for row in page.table.records.rows}

    assert list(told) == sorted(name for name, *_rest in DOMAINS)
    assert told[MAIN] == (Status.OK, "16 of 25 mailboxes", 0.64)
    assert told[FULL_DOMAIN] == (Status.CRITICAL, "3 of 3 mailboxes", 1.0)
    assert told[EMPTY_DOMAIN] == (Status.UNKNOWN, "0 of 5 mailboxes", 0.0)
    assert told[UNLIMITED] == (Status.OK, "9 mailboxes", None)
    assert page.header.note.text() == "5 domains on 2 servers, 37 mailboxes"


def test_mailboxes_say_how_full_they_are_and_how_they_stand(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)

    assert cells(page, NEARLY_FULL) == [f"{NEARLY_FULL}@", "4.7 / 5.0", "–", "active"]
    assert cells(page, SUSPENDED)[3] == "suspended"
    assert cells(page, DUE)[3] == "new password due"
    assert cells(page, AWAY)[3] == "out of office"
    assert cells(page, FORWARDS)[2] == f"office@{MAIN}"
    column = page.domain.mailboxes.table.records.columns[1]
    assert column.status(mailbox(page, NEARLY_FULL)) is Status.WARNING
    assert column.status(mailbox(page, FULL)) is Status.CRITICAL
    assert page.domain.badge.text() == "2 nearly full"


def test_the_filter_and_the_chips_narrow_the_mailboxes(carried: Installation, watcher: Person) -> None:
    part = opened(watcher).domain.mailboxes

    part.chips.choose("full")
    assert {row.address for row in part.table.records.shown} == {f"{NEARLY_FULL}@{MAIN}", f"{FULL}@{MAIN}"}
    part.chips.choose("suspended")
    assert [row.address for row in part.table.records.shown] == [f"{SUSPENDED}@{MAIN}"]
    part.chips.choose("all")
    watcher.enter(part.filter, "rece")
    assert [row.address for row in part.table.records.shown] == [f"reception@{MAIN}"]


def test_the_chosen_mailbox_stands_at_the_right_with_what_can_be_done(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)

    mailbox(page, FORWARDS)
    facts = page.mailbox.facts
    assert page.mailbox.name.text() == f"{FORWARDS}@{MAIN}"
    assert (facts.value("Forwards to"), facts.value("Copy")) == (f"office@{MAIN}", "stays in the mailbox")
    assert page.mailbox.buttons["suspend"].isVisible()
    mailbox(page, SUSPENDED)
    assert page.mailbox.buttons["resume"].isVisible()
    assert not page.mailbox.buttons["suspend"].isVisible()
    mailbox(page, AWAY)
    page.mailbox.tabs.setCurrentIndex(1)
    assert watcher.sees("Back on Monday.", page.mailbox)


def test_the_mailbox_that_mailyard_logs_in_with_is_neither_suspended_nor_deleted(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)
    mailbox(page, "admin")

    for key in ("suspend", "delete"):
        assert not page.mailbox.buttons[key].isEnabled()
        assert page.mailbox.buttons[key].toolTip() == "Mailyard logs in with it"


def test_aliases_and_the_domain_itself_have_tabs_without_a_mailbox_beside_them(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)

    page.domain.tabs.setCurrentIndex(ALIASES)
    table = page.domain.aliases.table
    texts = {row.address: [table.records.text(at, row) for at in (1, 2)] for row in table.records.rows}
    assert texts[f"%@{MAIN}"] == [f"info@{MAIN}", "wildcard"]
    assert texts[f"team@{MAIN}"] == [f"info@{MAIN}, partner@elsewhere.example", "one address"]
    assert not page.mailbox.isVisible()

    page.domain.tabs.setCurrentIndex(DOMAIN)
    facts = page.domain.domain.facts
    assert (facts.value("Alternative domains"), facts.value("Managers")) == ("acme-dental.test", f"office@{MAIN}")
    assert page.domain.domain.counts["aliases"].text() == "3 of 3"


def test_what_a_server_cannot_send_is_said_with_its_domain(carried: Installation, watcher: Person) -> None:
    page = opened(watcher, UNLIMITED)
    page.domain.tabs.setCurrentIndex(DOMAIN)

    said = page.domain.domain.facts.value("Outgoing mail")
    assert said == "cannot send: Port 25 is closed to the outside."


def test_what_was_read_long_ago_says_so_with_a_shape_and_is_read_again_by_a_button(
    fleet: Installation, new_console: NewConsole
) -> None:
    add_mail(fleet, read_ago=timedelta(days=3))
    person = new_console()
    page = opened(person)

    assert (page.domain.stale.text(), page.domain.stale.status) == ("read 3 days ago", Status.UNKNOWN)
    assert not page.domain.age.isVisible()
    person.click(page.domain.read)

    person.wait(lambda: open_requests(fleet, "mail.read"), "the request")
    assert open_requests(fleet, "mail.read") == [{"server_id": str(server_id(CARRIERS[0]))}]


def test_a_client_sees_its_own_domains_alone(carried: Installation, watcher: Person) -> None:
    watcher.services.view.choose(client_id(CLIENTS[1]))
    page = watcher.mail()
    watcher.wait(lambda: len(page.table.records.rows) == 1, "the client's")

    assert page.table.records.rows[0].name == UNLIMITED
    assert page.domain.name.text() == UNLIMITED


def test_news_of_the_mail_server_come_by_themselves(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    with carried.store.write(ENGINE_SCOPE) as session:
        row = session.scalars(select(Mailbox).where(Mailbox.address == f"info@{MAIN}")).one()
        row.is_enabled = False
        domain = session.scalars(select(Domain).where(Domain.name == MAIN)).one()
        domain.max_mailboxes = 99

    watcher.wait(lambda: cells(page, "info")[3] == "suspended", "the new state")
    (column,) = page.table.records.columns
    watcher.wait(lambda: column.note(page.table.current()) == "16 of 99 mailboxes", "the new limit")


def test_a_domain_without_mailboxes_offers_the_first(carried: Installation, watcher: Person) -> None:
    page = opened(watcher, EMPTY_DOMAIN)

    assert page.domain.mailboxes.empty.isVisible()
    assert watcher.sees(f"{EMPTY_DOMAIN} has no mailboxes yet", page)
    assert page.mailbox.none.isVisible()
    assert not page.mailbox.buttons["password"].isEnabled()


def test_without_a_mail_server_the_page_leads_to_the_servers(watcher: Person) -> None:
    page = watcher.mail()
    assert watcher.sees("No mail server yet", page)
    assert not page.new.isVisible()

    watcher.click(page.empty.action)
    watcher.settle()

    assert watcher.window.stack.currentWidget() is watcher.window.pages["servers"]


def test_a_domain_is_found_and_led_to(carried: Installation, watcher: Person) -> None:
    watcher.mail().filter.setText("no domain is called so")

    watcher.window.go(Thing("domain", domain_id(UNLIMITED)))
    watcher.settle()

    page: Any = watcher.window.pages["mail"]
    assert page.filter.text() == ""
    assert page.domain.name.text() == UNLIMITED
    watcher.window.go(Route("mail", item=domain_id(MAIN)))
    watcher.settle()
    assert page.domain.name.text() == MAIN


def test_the_page_is_used_by_keyboard(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    page.table.setFocus()
    press(watcher, Qt.Key.Key_Return)
    table = page.domain.mailboxes.table
    watcher.wait(table.hasFocus, "the mailboxes")

    first = table.current()
    press(watcher, Qt.Key.Key_J)
    assert table.current() is not first
    press(watcher, Qt.Key.Key_Return)
    watcher.wait(page.mailbox.tabs.hasFocus, "the mailbox")
    press(watcher, Qt.Key.Key_Escape)
    watcher.wait(table.hasFocus, "the list again")


def test_a_servers_mail_tab_tells_of_its_mail_server_and_leads_to_its_domains(
    carried: Installation, watcher: Person
) -> None:
    page = watcher.servers()
    page.choose(server_id(CARRIERS[1]))
    page.detail.tabs.setCurrentIndex(2)
    part = page.detail.mail
    watcher.wait(lambda: part.table.records.rows, "the domains")

    assert part.facts.value("Name for mail programs") == server_name(CARRIERS[1])
    assert part.banner.text == "It cannot send mail Port 25 is closed to the outside."
    watcher.click(part.open)
    watcher.settle()

    mail: Any = watcher.window.pages["mail"]
    assert mail.domain.name.text() == UNLIMITED
