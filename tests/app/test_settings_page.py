"""Settings: accounts, workspaces, the secret store, appearance, engine, diagnostics."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from app.pages.settings.account_dialog import AccountDialog
from app.shell.diagnostics.dialog import DiagnosticsDialog
from app.shell.window.template_sheet import TemplateSheet
from app.shell.window.unlock import UnlockSheet
from backend.bootstrap import Installation
from backend.core.secrets.values import Secret
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.accounts import account_dialog, add_account, say_passphrase
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, choices, open_installation
from tests.sample_data.servers import ACCOUNT
from widgets.sheet import Sheet


def test_an_account_is_added_and_verified(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator)
    person.wait(lambda: not person.window.findChildren(AccountDialog), "the dialog to close")

    table = person.settings_part("accounts").table
    person.wait(lambda: table.records.rows and table.records.rows[0].state == "verified", "the verdict")
    assert table.records.rows[0].holder == "operations@agency.example"


def test_a_wrong_token_leaves_an_account_that_says_so(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator, "dop_v1_not_a_token_of_anybody")
    table = person.settings_part("accounts").table

    person.wait(lambda: table.records.rows and table.records.rows[0].state == "refused", "the verdict")
    person.wait(lambda: person.activity().detail.banner.text != "", "the cause")
    assert "DigitalOcean refused the token." in person.activity().detail.banner.text


def test_a_refused_token_is_replaced_and_the_old_one_forgotten(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator, "dop_v1_not_a_token_of_anybody")
    part = person.settings_part("accounts")
    person.wait(lambda: part.table.records.rows and part.table.records.rows[0].state == "refused", "the verdict")
    part.table.selectRow(0)

    person.click(part.replace)
    dialog = person.dialog(AccountDialog)
    person.settle()
    assert dialog.name.text() == "Main"
    person.enter(dialog.token, emulator.token)
    person.click(dialog.act)

    person.wait(lambda: part.table.records.rows[0].state == "verified", "the new verdict")
    assert len(part.table.records.rows) == 1
    person.wait(lambda: len(person.installation.secrets.references()) == 1, "the old token to be forgotten")


def test_a_refused_account_leaves_no_token_behind(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator)
    part = person.settings_part("accounts")
    person.wait(lambda: part.table.records.rows and part.table.records.rows[0].state == "verified", "the account")
    person.click(part.new)
    dialog = person.dialog(AccountDialog)
    person.settle()
    person.enter(dialog.name, "Main")
    person.enter(dialog.token, "another token")
    person.click(dialog.act)

    person.wait(lambda: "already an account named Main" in dialog.banner.text, "the refusal")
    person.wait(lambda: len(person.installation.secrets.references()) == 1, "the token to be forgotten")


def test_a_token_is_not_asked_to_travel_in_clear_over_the_network(person: Person) -> None:
    part = person.settings_part("accounts")
    person.click(part.empty.action)
    dialog = person.dialog(AccountDialog)
    person.settle()
    for field, text in ((dialog.name, "Main"), (dialog.token, "secret"), (dialog.endpoint, "http://api.example.net")):
        person.enter(field, text)
    say_passphrase(person, dialog)
    person.click(dialog.act)

    person.wait(lambda: dialog.banner.text, "the refusal")
    assert "is not a URL a token may be sent to" in dialog.banner.text
    assert dialog.name.text() == "Main"


@pytest.mark.parametrize(("name", "token"), [("", "t"), ("Main", "")])
def test_an_incomplete_account_is_not_sent(person: Person, name: str, token: str) -> None:
    person.click(person.settings_part("accounts").empty.action)
    dialog = person.dialog(AccountDialog)
    person.settle()
    for field, text in ((dialog.name, name), (dialog.token, token)):
        if text:
            person.enter(field, text)

    person.click(dialog.act)

    assert dialog.form.error("name" if not name else "token") != ""
    assert dialog.isVisible()


def test_a_locked_store_is_told_at_the_start_and_opened_by_its_passphrase_only(
    new_console: NewConsole, tmp_path: Path
) -> None:
    before = open_installation(tmp_path / "data")
    before.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
    before.close()
    wanted = choices()
    person = new_console(wanted=type(wanted)(**{**vars(wanted), "ask_passphrase": lambda: None}))
    box = person.console.passphrase
    person.installation.secrets._holder._passphrase._ask = box.get  # type: ignore[attr-defined]
    assert person.window.global_errors is not None
    locked = person.window.global_errors.locked
    person.wait(lambda: locked.text, "the notice")
    assert "The secret store is locked" in locked.text

    person.click(locked.action)
    sheet = person.dialog(UnlockSheet)
    person.enter(sheet.passphrase, "not the passphrase")
    person.click(sheet.act)
    person.wait(lambda: sheet.form.error("passphrase"), "the refusal")
    person.enter(sheet.passphrase, PASSPHRASE.reveal())
    person.click(sheet.act)

    person.wait(lambda: not locked.text, "the notice to go")
    part = person.settings_part("secrets")
    assert part.badge.text() == "Encrypted, passphrase"


def test_diagnostics_hold_versions_counts_and_logs_and_no_row(watcher: Person, tmp_path: Path) -> None:
    about = watcher.settings_part("about")
    target = tmp_path / "diagnostics.zip"

    watcher.click(about.look)
    dialog = watcher.dialog(DiagnosticsDialog)
    watcher.wait(dialog.save.isEnabled, "the files")
    names = [dialog.list.item(row).text().split()[0] for row in range(dialog.list.count())]
    shown = dialog.text.toPlainText()
    assert dialog.text.verticalScrollBar().value() == 0 < dialog.text.verticalScrollBar().maximum()
    dialog.write_to(str(target))
    watcher.wait(lambda: about.banner.text, "the file")

    assert "Saved as" in about.banner.text
    with zipfile.ZipFile(target) as archive:
        assert "logs/console.log" in archive.namelist()
        assert archive.namelist() == names
        facts = archive.read("facts.json").decode()
    assert facts == shown
    assert '"server": 12' in facts
    assert "acme-dental" not in facts


def test_diagnostics_that_cannot_be_written_say_so(watcher: Person) -> None:
    about = watcher.settings_part("about")
    watcher.click(about.look)
    dialog = watcher.dialog(DiagnosticsDialog)
    watcher.wait(dialog.save.isEnabled, "the files")

    dialog.write_to("/nowhere/diagnostics.zip")
    watcher.wait(lambda: dialog.banner.text, "the error")

    assert "could not be written" in dialog.banner.text
    assert dialog.isVisible()


def test_the_matrix_says_what_each_provider_can_do_and_why_not(person: Person) -> None:
    part = person.settings_part("providers")
    assert [column.title for column in part.table.records.columns][1:] == [
        "Hostwinds",
        "Amazon EC2",
        "DigitalOcean",
        "Linode",
        "Vultr",
    ]

    part.table.choose("clean_shutdown")

    assert part.title.text() == "Graceful shutdown"
    assert part.reasons.value("Vultr").startswith("no: Halting and restarting cut the power")
    assert "2026-07-20" in part.reasons.value("Vultr")
    assert "commit" not in part.reasons.value("Hostwinds")


@pytest.mark.parametrize(
    ("can_write", "days", "says"),
    [
        (True, None, "read and write"),
        (None, None, "not stated"),
        (False, 90, "read-only"),
        (True, 90, "expires "),
        (False, 3, "expires "),
        (True, -1, "expired "),
    ],
)
def test_what_a_token_may_do_and_when_it_ends_is_told_the_pressing_first(
    watcher: Person, fleet: Installation, can_write: bool | None, days: int | None, says: str
) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        account = session.get_one(Account, (AGENCY, ACCOUNT))
        account.can_write, account.scopes = can_write, ["linodes:read_write"]
        account.token_ends_at = None if days is None else fleet.clock.now() + timedelta(days=days)

    table = watcher.settings_part("accounts").table
    watcher.wait(lambda: table.records.rows and table.records.rows[0].can_write == can_write, "the account")

    (column,) = [each for each in table.records.columns if each.title == "Token"]
    assert column.text(table.records.rows[0]).startswith(says)
    assert column.tooltip(table.records.rows[0]) == "linodes:read_write"


def test_a_key_of_two_parts_is_asked_for_in_two_fields_and_sealed_as_one(person: Person) -> None:
    person.click(person.settings_part("accounts").empty.action)
    dialog = account_dialog(person, "ec2")
    assert person.sees("Access key ID", dialog)
    assert person.sees("Secret access key", dialog)
    person.click(dialog.policy)
    policy = json.loads(QGuiApplication.clipboard().text())
    assert "ec2:RunInstances" in policy["Statement"][0]["Action"]

    person.enter(dialog.name, "Main")
    person.enter(dialog.token, "the-secret-part")
    person.click(dialog.act)
    assert dialog.form.error("key_id") != ""
    person.enter(dialog.key_id, "AKIAEXAMPLE")
    person.enter(dialog.endpoint, "http://127.0.0.1:1")
    say_passphrase(person, dialog)
    person.click(dialog.act)

    secrets = person.installation.secrets
    person.wait(lambda: len(secrets.references()) == 1, "the key to be sealed")
    assert secrets.read(secrets.references()[0]).reveal() == "AKIAEXAMPLE:the-secret-part"
    dialog.provider.setCurrentIndex(dialog.provider.findData("digitalocean"))
    assert not dialog.key_id.isVisible()


def test_each_provider_has_its_own_recipe_for_a_token(person: Person) -> None:
    person.click(person.settings_part("accounts").empty.action)
    dialog = account_dialog(person)
    assert person.sees("cloud.digitalocean.com/account/api/tokens", dialog)

    dialog.provider.setCurrentIndex(dialog.provider.findData("vultr"))

    assert person.sees("Enable the API for it", dialog)
    assert dialog.endpoint.placeholderText() == "https://api.vultr.com"


def test_the_mail_servers_that_port_25_is_tried_with_are_chosen(person: Person) -> None:
    part = person.settings_part("mail")
    person.wait(lambda: "gmail-smtp-in.l.google.com" in part.names.toPlainText(), "those of the program")
    assert not part.save.isEnabled()
    assert not part.default.isEnabled()

    part.names.setPlainText("mx.one.example\nmx")
    person.click(part.save)
    person.wait(lambda: part.banner.text, "the refusal")
    assert "mx is not a full domain name" in part.banner.text
    assert part.names.toPlainText() == "mx.one.example\nmx"

    part.names.setPlainText("MX.one.example")
    person.click(part.save)
    person.wait(lambda: part.names.toPlainText() == "mx.one.example", "the name as it is kept")
    person.wait(part.default.isEnabled, "the way back")
    person.click(part.default)
    person.wait(lambda: "gmail-smtp-in.l.google.com" in part.names.toPlainText(), "those of the program")


def test_templates_of_limits_are_made_changed_and_deleted(person: Person) -> None:
    templates = person.settings_part("mail").templates
    person.wait(lambda: templates.stack.currentIndex() == 1, "that there is none")
    person.click(templates.empty.action)
    sheet = person.dialog(TemplateSheet)
    person.enter(sheet.name, "Small")
    person.click(sheet.act)
    person.wait(lambda: sheet.banner.text, "the refusal")
    assert "needs at least one limit" in sheet.banner.text
    person.enter(sheet.limits.mailboxes, "10")
    person.click(sheet.act)
    person.wait(lambda: templates.table.records.rows, "the template")
    person.wait(lambda: not person.window.findChildren(TemplateSheet), "the sheet to go")

    person.click(templates.change)
    sheet = person.dialog(TemplateSheet)
    assert (sheet.name.text(), sheet.limits.values) == ("Small", (10, None, None))
    person.enter(sheet.name, "Little")
    person.enter(sheet.limits.quota, "0.5")
    person.click(sheet.act)
    person.wait(lambda: [each.name for each in templates.table.records.rows] == ["Little"], "the other name")
    person.wait(lambda: not person.window.findChildren(TemplateSheet), "the sheet to go")
    assert templates.table.records.rows[0].limits == (10, None, 500_000_000)

    person.click(templates.remove)
    person.click(person.dialog(Sheet).act)
    person.wait(lambda: templates.stack.currentIndex() == 1, "that there is none again")
