"""Acts on mailboxes, aliases and domains: the sheet, what is refused there, the request, and what is handed over."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QGuiApplication
from sqlalchemy import select

from app.pages.mail.hand_over import HandOverSheet
from app.pages.mail.mailbox_sheets import (
    ChangeSheet,
    DeleteSheet,
    EndTokensSheet,
    ForwardSheet,
    ReplySheet,
    SuspendSheet,
)
from app.pages.mail.password_sheets import NewMailboxSheet, ResetPasswordSheet
from backend.bootstrap import Installation
from backend.core.secrets.values import SecretRef
from backend.store.schema.mail import Domain, Mailbox
from backend.store.scope import ENGINE_SCOPE
from tests.app.copied import is_left_out_of_histories
from tests.app.person import Person
from tests.app.test_mail_page import carried as carried
from tests.app.test_mail_page import mailbox, opened
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import (
    CARRIERS,
    FORWARDS,
    FULL_DOMAIN,
    GB,
    MAIN,
    SUSPENDED,
    UNLIMITED,
    add_mail,
)
from tests.sample_data.servers import CLIENTS, add_fleet, client_id, server_id, server_name

SERVER = str(server_id(CARRIERS[0]))


def asked(installation: Installation, person: Person, kind: str) -> dict[str, Any]:
    """The one request of this kind, without the server that all have."""
    person.wait(lambda: open_requests(installation, kind), "the request")
    (request,) = open_requests(installation, kind)
    assert request.pop("server_id") == SERVER
    return request


def kept(installation: Installation, path: str) -> str:
    return installation.secrets.read(SecretRef(path)).reveal()


def test_a_mailbox_is_created_and_handed_over_with_a_password_that_is_shown_once(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)
    watcher.click(page.new)
    sheet = watcher.dialog(NewMailboxSheet)
    watcher.click(sheet.act)
    assert watcher.sees("Enter a name.", sheet)
    watcher.enter(sheet.local, "Nurse")
    watcher.enter(sheet.name, "Night nurse")
    watcher.enter(sheet.quota, "2,5")
    watcher.click(sheet.act)

    handed = watcher.dialog(HandOverSheet)
    request = asked(carried, watcher, "mail.mailbox.add")
    (new,) = request["mailboxes"]
    password = kept(carried, new.pop("password_ref"))
    assert new == {"local_part": "nurse", "display_name": "Night nurse", "quota_bytes": 5 * GB // 2}
    assert (request["domain"], request["must_change"]) == (MAIN, True)
    watcher.click(handed.copy_all)
    assert is_left_out_of_histories()
    watcher.click(handed.block.buttons["User"])
    assert not is_left_out_of_histories()
    watcher.click(handed.block.buttons["Password"])
    assert is_left_out_of_histories()
    watcher.click(handed.copy_all)
    lines = dict(line.split(": ", 1) for line in QGuiApplication.clipboard().text().splitlines())
    host = server_name(CARRIERS[0])
    assert lines == {
        "User": f"nurse@{MAIN}",
        "Password": password,
        "Incoming, IMAP": f"{host}:993 (SSL/TLS)",
        "Outgoing, SMTP": f"{host}:465 (SSL/TLS)",
        "Or, SMTP": f"{host}:587 (STARTTLS)",
        "Webmail": f"https://{host}/webmail",
    }
    assert len(password) >= 16
    assert handed.state.text() == "Not on the mail server yet"


def test_a_client_on_a_server_that_it_does_not_use_is_handed_its_password(
    carried: Installation, watcher: Person
) -> None:
    """A domain stands on any mail server; which servers a client uses is another matter."""
    with carried.store.write(ENGINE_SCOPE) as session:
        session.scalars(select(Domain).where(Domain.name == UNLIMITED)).one().server_id = server_id(CARRIERS[0])
    watcher.services.view.choose(client_id(CLIENTS[1]))
    page = opened(watcher, UNLIMITED)
    watcher.click(page.new)
    sheet = watcher.dialog(NewMailboxSheet)
    watcher.enter(sheet.local, "nurse")
    watcher.click(sheet.act)

    handed = watcher.dialog(HandOverSheet)
    assert handed.block.buttons["Incoming, IMAP"].value == f"{server_name(CARRIERS[0])}:993 (SSL/TLS)"


def test_a_hand_over_sheet_without_a_new_password_says_that_nobody_knows_it(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["hand_over"])

    sheet = watcher.dialog(HandOverSheet)
    assert watcher.sees("Mailyard does not know the password.", sheet)
    assert "Password" not in sheet.block.buttons
    assert not sheet.state.isVisible()


def test_a_full_domain_is_refused_with_words_before_anything_is_typed(carried: Installation, watcher: Person) -> None:
    watcher.click(opened(watcher, FULL_DOMAIN).new)
    sheet = watcher.dialog(NewMailboxSheet)

    assert sheet.banner.title.text() == f"{FULL_DOMAIN} may have at most 3 mailboxes and has 3."
    assert not sheet.act.isEnabled()


@pytest.mark.parametrize(
    ("local", "quota", "password", "says"),
    [
        ("a/b", "1", "", "a/b cannot stand before the @."),
        ("fine", "lots", "", "lots is no quota in GB."),
        ("fine", "21", "", "may have at most 20"),
        ("fine", "", "", "may have at most 20"),
        ("fine", "1", "short", "The password has fewer than 8 characters."),
    ],
)
def test_what_cannot_be_is_said_under_its_field(
    carried: Installation, watcher: Person, local: str, quota: str, password: str, says: str
) -> None:
    watcher.click(opened(watcher).new)
    sheet = watcher.dialog(NewMailboxSheet)
    for field, text in ((sheet.local, local), (sheet.quota, quota), (sheet.password, password)):
        watcher.enter(field, text)
    watcher.click(sheet.act)

    assert watcher.sees(says, sheet)
    assert sheet.isVisible()


def test_what_the_engine_refuses_is_said_in_the_sheet_and_its_password_is_forgotten(person: Person) -> None:
    """The engine runs in this process: the mailbox is there, which the page did not know when the sheet opened."""
    add_fleet(person.installation, 12, samples=0)
    add_mail(person.installation)
    page = opened(person)
    person.wait(lambda: page.domain.mailboxes.table.records.rows, "the mailboxes")
    person.click(page.new)
    sheet = person.dialog(NewMailboxSheet)
    person.enter(sheet.local, "info")
    before = set(person.installation.secrets.references())
    person.click(sheet.act)

    person.wait(sheet.banner.isVisible, "the refusal")
    assert sheet.banner.title.text() == f"There is already a mailbox info@{MAIN}."
    assert sheet.act.isEnabled()
    person.wait(lambda: set(person.installation.secrets.references()) == before, "the password to be forgotten")
    assert sheet.local.text() == "info"


def test_a_password_is_reset_and_app_tokens_end_with_it(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["password"])
    sheet = watcher.dialog(ResetPasswordSheet)
    watcher.enter(sheet.password, "correct horse battery")
    sheet.must_change.setChecked(False)
    watcher.click(sheet.act)

    watcher.dialog(HandOverSheet)
    request = asked(carried, watcher, "mail.mailbox.password")
    assert kept(carried, request.pop("password_ref")) == "correct horse battery"
    assert request == {"address": f"{FORWARDS}@{MAIN}", "must_change": False, "ends_tokens": True}


def test_passwords_of_several_are_made_up_one_for_each(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    table = page.domain.mailboxes.table
    mailbox(page, "info")
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(table.model().index(table.records.row_of(f"office@{MAIN}"), 0), flags)
    watcher.click(page.domain.mailboxes.bulk.buttons["password"])
    watcher.click(watcher.dialog(ResetPasswordSheet).act)

    handed = watcher.dialog(HandOverSheet)
    requests = open_requests(carried, "mail.mailbox.password")
    passwords = {each["address"]: kept(carried, each["password_ref"]) for each in requests}
    assert set(passwords) == {f"info@{MAIN}", f"office@{MAIN}"}
    handed.table.selectAll()
    handed.table.copy()
    assert is_left_out_of_histories()
    shown = {row.address: handed.table.records.text(1, row) for row in handed.table.records.rows}
    assert shown == passwords
    assert len(set(passwords.values())) == 2


def test_name_and_quota_are_changed(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["change"])
    sheet = watcher.dialog(ChangeSheet)
    assert sheet.quota.text() == "5"
    watcher.enter(sheet.name, "Billing office")
    watcher.enter(sheet.quota, "0.5")
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.mailbox.set")
    assert (request["display_name"], request["quota_bytes"], request["no_quota"]) == ("Billing office", GB // 2, False)


def test_a_quota_that_nobody_changed_stays_the_same_to_the_byte(carried: Installation, watcher: Person) -> None:
    """5 GiB are no round number of GB: rounded up they would be more than the domain allows."""
    quota = 5 * 2**30
    with carried.store.write(ENGINE_SCOPE) as session:
        session.scalars(select(Domain).where(Domain.name == MAIN)).one().max_quota_bytes = quota
        session.scalars(select(Mailbox).where(Mailbox.address == f"{FORWARDS}@{MAIN}")).one().quota_bytes = quota
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["change"])
    sheet = watcher.dialog(ChangeSheet)
    assert sheet.quota.text() == "5.369"
    watcher.enter(sheet.name, "Billing office")
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.mailbox.set")
    assert (request["display_name"], request["quota_bytes"]) == ("Billing office", quota)


def test_mail_is_forwarded_and_an_address_that_is_none_is_named(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    mailbox(page, "info")
    watcher.click(page.mailbox.buttons["forward"])
    sheet = watcher.dialog(ForwardSheet)
    sheet.to.setPlainText("somebody@elsewhere.example\nnobody")
    watcher.click(sheet.act)
    assert watcher.sees("nobody is not an e-mail address.", sheet)
    sheet.to.setPlainText("Somebody@Elsewhere.example, other@elsewhere.example")
    sheet.keeps.setChecked(False)
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.mailbox.set")
    assert request["forwards_to"] == ["somebody@elsewhere.example", "other@elsewhere.example"]
    assert request["keeps_copy"] is False


def test_senders_are_answered_with_words_of_ones_own(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    mailbox(page, "info")
    watcher.click(page.mailbox.buttons["reply"])
    sheet = watcher.dialog(ReplySheet)
    sheet.is_on.setChecked(True)
    watcher.click(sheet.act)
    assert watcher.sees("an empty answer helps nobody", sheet)
    watcher.enter(sheet.subject, "Away")
    sheet.text.setPlainText("Back on Monday.")
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.mailbox.set")
    assert (request["replies"], request["reply_subject"], request["reply_body"]) == (True, "Away", "Back on Monday.")


def is_asked(installation: Installation, address: str, *, is_enabled: bool) -> bool:
    requests = open_requests(installation, "mail.mailbox.set")
    return (address, is_enabled) in [(each["address"], each["is_enabled"]) for each in requests]


def test_a_mailbox_is_suspended_and_another_resumed(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    for local, key, is_enabled in (("info", "suspend", False), (SUSPENDED, "resume", True)):
        mailbox(page, local)
        watcher.click(page.mailbox.buttons[key])
        watcher.click(watcher.dialog(SuspendSheet).act)
        watcher.wait(partial(is_asked, carried, f"{local}@{MAIN}", is_enabled=is_enabled), "the request")
        watcher.wait(lambda: not watcher.window.findChildren(SuspendSheet), "the sheet to go")


def test_a_mailbox_is_deleted_only_with_its_address_and_what_happens_to_the_mail_is_said(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["delete"])
    sheet = watcher.dialog(DeleteSheet)
    assert watcher.sees("stay in its folder", sheet)
    assert not sheet.act.isEnabled()
    watcher.enter(sheet.typed, f"{FORWARDS}@{MAIN}")
    watcher.click(sheet.act)

    address = f"{FORWARDS}@{MAIN}"
    assert asked(carried, watcher, "mail.mailbox.remove") == {"address": address, "typed_name": address}


def test_app_tokens_of_a_lost_device_are_deleted_and_the_password_stays(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    mailbox(page, FORWARDS)
    watcher.click(page.mailbox.buttons["tokens"])
    sheet = watcher.dialog(EndTokensSheet)
    assert watcher.sees("Whoever knows it logs in as before.", sheet)
    watcher.click(sheet.act)

    assert asked(carried, watcher, "mail.mailbox.tokens") == {"address": f"{FORWARDS}@{MAIN}"}
