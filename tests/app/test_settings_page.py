"""Settings: accounts, workspaces, the secret store, appearance, engine, diagnostics."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.pages.settings.account_dialog import AccountDialog
from app.pages.settings.use_dialog import SERVER, UseDialog
from app.shell.diagnostics_dialog import DiagnosticsDialog
from app.shell.name_dialog import NameDialog
from app.shell.unlock import UnlockSheet
from backend.bootstrap import Installation
from backend.core.secrets.values import Secret
from backend.store.schema.fleet import Account
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.accounts import account_dialog, add_account
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.emulators.process import Emulator
from tests.fleet.servers import ACCOUNT, server_id
from tests.installation import PASSPHRASE, choices, open_installation
from widgets.sheet import Sheet
from widgets.tokens import DARK, LIGHT, theme_of


def test_an_account_is_added_and_verified(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator)
    person.wait(lambda: not person.window.findChildren(AccountDialog), "the dialog to close")

    table = person.settings().accounts.table
    person.wait(lambda: table.records.rows and table.records.rows[0].state == "verified", "the verdict")
    assert table.records.rows[0].holder == "operations@agency.example"


def test_a_wrong_token_leaves_an_account_that_says_so(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator, "dop_v1_not_a_token_of_anybody")
    table = person.settings().accounts.table

    person.wait(lambda: table.records.rows and table.records.rows[0].state == "refused", "the verdict")
    person.wait(lambda: person.activity().detail.notice.text != "", "the cause")
    assert "DigitalOcean refused the token." in person.activity().detail.notice.text


def test_a_refused_token_is_replaced_and_the_old_one_forgotten(person: Person, emulator: Emulator) -> None:
    add_account(person, emulator, "dop_v1_not_a_token_of_anybody")
    part = person.settings().accounts
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
    part = person.settings().accounts
    person.wait(lambda: part.table.records.rows and part.table.records.rows[0].state == "verified", "the account")
    person.click(part.new)
    dialog = person.dialog(AccountDialog)
    person.settle()
    person.enter(dialog.name, "Main")
    person.enter(dialog.token, "another token")
    person.click(dialog.act)

    person.wait(lambda: "already an account named Main" in dialog.notice.text, "the refusal")
    person.wait(lambda: len(person.installation.secrets.references()) == 1, "the token to be forgotten")


def test_a_token_is_not_asked_to_travel_in_clear_over_the_network(person: Person) -> None:
    part = person.settings().accounts
    person.click(part.empty.action)
    dialog = person.dialog(AccountDialog)
    person.settle()
    for field, text in ((dialog.name, "Main"), (dialog.token, "secret"), (dialog.endpoint, "http://api.example.net")):
        person.enter(field, text)
    if dialog.passphrase.isVisible():
        person.enter(dialog.passphrase, PASSPHRASE.reveal())
    person.click(dialog.act)

    person.wait(lambda: dialog.notice.text, "the refusal")
    assert "is not an address we send a token to" in dialog.notice.text
    assert dialog.name.text() == "Main"


@pytest.mark.parametrize(("name", "token"), [("", "t"), ("Main", "")])
def test_an_incomplete_account_is_not_sent(person: Person, name: str, token: str) -> None:
    person.click(person.settings().accounts.empty.action)
    dialog = person.dialog(AccountDialog)
    person.settle()
    for field, text in ((dialog.name, name), (dialog.token, token)):
        if text:
            person.enter(field, text)

    person.click(dialog.act)

    assert dialog.form.error("name" if not name else "token") != ""
    assert dialog.isVisible()


def test_a_workspace_is_created_renamed_and_archived(person: Person) -> None:
    part = person.settings("workspaces").workspaces
    person.click(part.new)
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, "Harbour Vets")
    person.click(dialog.act)
    person.wait(lambda: [row.name for row in part.table.records.rows] == ["Agency", "Harbour Vets"], "the workspace")

    part.table.choose(part.table.records.rows[1].id)
    person.click(part.rename)
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, "Harbour Clinic")
    person.click(dialog.act)
    person.wait(lambda: part.table.records.rows[1].name == "Harbour Clinic", "the new name")

    person.click(part.archive)
    person.click(person.dialog(Sheet).act)
    person.wait(lambda: len(part.table.records.rows) == 1, "it to be archived")


def test_a_name_that_is_taken_is_refused_above_the_page(person: Person) -> None:
    part = person.settings("workspaces").workspaces
    for _again in range(2):
        person.click(part.new)
        dialog = person.dialog(NameDialog)
        person.enter(dialog.name, "Harbour Vets")
        person.click(dialog.act)
        person.settle()

    assert person.window.troubles is not None
    refused = person.window.troubles.refused
    person.wait(lambda: refused.text, "the refusal")
    assert "There is already a workspace named Harbour Vets." in refused.text


def test_which_servers_a_client_uses_is_ticked(watcher: Person, fleet: Installation) -> None:
    part = watcher.settings("workspaces").workspaces
    row = next(row for row in part.table.records.rows if row.name == "Acme Dental")
    part.table.choose(row.id)
    watcher.click(part.servers)
    dialog = watcher.dialog(UseDialog)
    watcher.settle()
    assert dialog.ticked() == {server_id(0), server_id(6)}

    items = [dialog.list.item(at) for at in range(dialog.list.count())]
    next(item for item in items if item.data(SERVER) == server_id(1)).setCheckState(Qt.CheckState.Checked)
    watcher.click(dialog.save)

    from tests.app.test_activity_page import wishes

    watcher.wait(lambda: wishes(fleet, "workspace.use_server"), "the wish")
    (wish,) = wishes(fleet, "workspace.use_server")
    assert (wish["server_id"], wish["is_used"]) == (str(server_id(1)), True)


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
    assert person.window.troubles is not None
    locked = person.window.troubles.locked
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
    part = person.settings("secrets").secrets
    assert part.badge.text() == "Sealed behind a passphrase"


def test_the_look_changes_at_once_and_is_remembered(person: Person, new_console: NewConsole) -> None:
    part = person.settings("appearance").appearance

    part.scheme.buttons["dark"].click()
    assert theme_of(QApplication.palette()) is DARK
    part.scheme.buttons["light"].click()
    assert theme_of(QApplication.palette()) is LIGHT
    part.scheme.buttons["dark"].click()

    assert person.console.settings.now.appearance == "dark"


def test_the_engine_part_says_who_works_and_where(watcher: Person) -> None:
    part = watcher.settings("engine").engine

    assert "another process (test" in part.rows.value("Engine")
    assert part.rows.value("Data folder").endswith("data")


def test_diagnostics_hold_versions_counts_and_logs_and_no_row(watcher: Person, tmp_path: Path) -> None:
    about = watcher.settings("about").about
    target = tmp_path / "diagnostics.zip"

    watcher.click(about.look)
    dialog = watcher.dialog(DiagnosticsDialog)
    watcher.wait(dialog.save.isEnabled, "the files")
    names = [dialog.list.item(row).text().split()[0] for row in range(dialog.list.count())]
    shown = dialog.text.toPlainText()
    dialog.write_to(str(target))
    watcher.wait(lambda: about.notice.text, "the file")

    assert "Saved as" in about.notice.text
    with zipfile.ZipFile(target) as archive:
        assert "logs/console.log" in archive.namelist()
        assert archive.namelist() == names
        facts = archive.read("facts.json").decode()
    assert facts == shown
    assert '"server": 12' in facts
    assert "acme-dental" not in facts


def test_diagnostics_that_cannot_be_written_say_so(watcher: Person) -> None:
    about = watcher.settings("about").about
    watcher.click(about.look)
    dialog = watcher.dialog(DiagnosticsDialog)
    watcher.wait(dialog.save.isEnabled, "the files")

    dialog.write_to("/nowhere/diagnostics.zip")
    watcher.wait(lambda: dialog.notice.text, "the error")

    assert "could not be written" in dialog.notice.text
    assert dialog.isVisible()


def test_the_matrix_says_what_each_provider_can_do_and_why_not(person: Person) -> None:
    part = person.settings("providers").providers
    assert [column.title for column in part.table.records.columns][1:] == [
        "Hostwinds",
        "Amazon EC2",
        "DigitalOcean",
        "Linode",
        "Vultr",
    ]

    part.table.choose("clean_shutdown")

    assert part.title.text() == "Shut down cleanly"
    assert part.reasons.value("Vultr").startswith("no: Halting and restarting cut the power")
    assert "2026-07-20" in part.reasons.value("Vultr")


@pytest.mark.parametrize(
    ("can_write", "days", "says"),
    [
        (True, None, "may write"),
        (None, None, "not told"),
        (False, 90, "may only read"),
        (True, 90, "ends "),
        (False, 3, "ends "),
        (True, -1, "ended "),
    ],
)
def test_what_a_token_may_do_and_when_it_ends_is_told_the_pressing_first(
    watcher: Person, fleet: Installation, can_write: bool | None, days: int | None, says: str
) -> None:
    with fleet.store.write(ENGINE_SCOPE) as session:
        account = session.get_one(Account, (AGENCY, ACCOUNT))
        account.can_write, account.scopes = can_write, ["linodes:read_write"]
        account.token_ends_at = None if days is None else fleet.clock.now() + timedelta(days=days)

    table = watcher.settings().accounts.table
    watcher.wait(lambda: table.records.rows and table.records.rows[0].can_write == can_write, "the account")

    (column,) = [each for each in table.records.columns if each.title == "Token"]
    assert column.text(table.records.rows[0]).startswith(says)
    assert column.tooltip(table.records.rows[0]) == "linodes:read_write"


def test_a_key_of_two_parts_is_asked_for_in_two_fields_and_sealed_as_one(person: Person) -> None:
    person.click(person.settings().accounts.empty.action)
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
    if dialog.passphrase.isVisible():
        person.enter(dialog.passphrase, PASSPHRASE.reveal())
    person.click(dialog.act)

    secrets = person.installation.secrets
    person.wait(lambda: len(secrets.references()) == 1, "the key to be sealed")
    assert secrets.read(secrets.references()[0]).reveal() == "AKIAEXAMPLE:the-secret-part"
    dialog.provider.setCurrentIndex(dialog.provider.findData("digitalocean"))
    assert not dialog.key_id.isVisible()


def test_each_provider_has_its_own_recipe_for_a_token(person: Person) -> None:
    person.click(person.settings().accounts.empty.action)
    dialog = account_dialog(person)
    assert person.sees("cloud.digitalocean.com/account/api/tokens", dialog)

    dialog.provider.setCurrentIndex(dialog.provider.findData("vultr"))

    assert person.sees("Enable the API for it", dialog)
    assert dialog.endpoint.placeholderText() == "https://api.vultr.com"
