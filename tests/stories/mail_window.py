"""What a person does in the window to get from a bare server to mailboxes with passwords of their own choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from app.pages.mail.domain_sheets import NewDomainSheet
from app.pages.mail.hand_over import HandOverSheet
from app.pages.mail.password_sheets import NewMailboxSheet
from app.pages.servers.mail_sheet import InstallMailSheet
from app.shell.route import Route
from backend.core.present.text import activate
from tests.app.person import Person
from tests.app.window import close_console, open_console

MAIL_TAB = 2
#: The engine carries it out on a real host.
ACT_S = 240.0


@contextmanager
def at_the_window(application: QApplication, folder: Path) -> Iterator[Person]:
    """Somebody at a window on the folder, beside its engine, while the block lasts."""
    console = open_console(application, folder)
    try:
        yield Person(console)
    finally:
        close_console(console)
        activate("en")


def ask_for_mail(person: Person, server: str, domain: str) -> None:
    """*Install the mail server* of a server's tab, with mail leaving by itself."""
    page = person.servers()
    person.wait(lambda: _named(page.table, server), f"{server} in the list")
    page.choose(_named(page.table, server).id)
    page.detail.tabs.setCurrentIndex(MAIL_TAB)
    person.settle()
    person.click(page.detail.mail.empty.action)
    sheet = person.dialog(InstallMailSheet)
    person.settle()
    sheet.way.setCurrentIndex(sheet.way.findData("direct"))
    person.enter(sheet.domain, domain)
    person.click(sheet.act)
    person.until_closed(InstallMailSheet)


def add_domain(person: Person, server: str, domain: str) -> None:
    """Until the page lists it."""
    page = person.mail()
    person.window.go(Route("mail", command="add_domain"))
    sheet = person.dialog(NewDomainSheet)
    person.wait(lambda: sheet.server.findText(server) >= 0, "the servers")
    sheet.server.setCurrentIndex(sheet.server.findText(server))
    person.enter(sheet.name, domain)
    person.click(sheet.act)
    person.wait(lambda: _named(page.table, domain), f"{domain} in the list", ACT_S)


def add_mailbox(person: Person, domain: str, local: str, password: str) -> None:
    """With a password that is not to be changed at the first login; until the page lists it."""
    page = person.mail()
    page.table.choose(_named(page.table, domain).id)
    person.settle()
    person.click(page.new)
    sheet = person.dialog(NewMailboxSheet)
    person.enter(sheet.local, local)
    person.enter(sheet.password, password)
    sheet.must_change.setChecked(False)
    person.click(sheet.act)
    handed = person.dialog(HandOverSheet)
    assert person.sees(f"{local}@{domain}", handed)
    handed.accept()
    boxes = page.domain.mailboxes.table
    person.wait(lambda: any(row.address == f"{local}@{domain}" for row in boxes.records.rows), "the mailbox", ACT_S)


def _named(table: Any, name: str) -> Any:
    return next((row for row in table.records.rows if row.name == name), None)
