"""The passphrase of the secret store, typed in a window whose engine is a process beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest

from app.pages.settings.passphrase_dialog import PassphraseDialog
from app.shell.session.engine_runner import engine_command, engine_environment
from app.shell.window.unlock import UnlockSheet
from backend.accounts.requests import AddAccount, VerifyAccount
from backend.core.paths import DataFolder
from backend.core.secrets import box
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.redactor import redactor
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret
from backend.fleet.requests import RefreshInventory
from backend.store.scope import AGENCY
from tests.app.accounts import add_account
from tests.app.beside import END_S, NewBeside, left_engine, living, until_running
from tests.app.beside import folder as folder
from tests.app.beside import new_beside as new_beside
from tests.canaries.forms import needles
from tests.canaries.searcher import Searcher
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, Driver, open_installation

pytestmark = pytest.mark.judged_once

CANARY = "canary-Passphrase-of-a-window-83f0"


def test_a_passphrase_typed_in_the_window_unlocks_the_engine_and_is_left_nowhere(
    new_beside: NewBeside, folder: Path, emulator: Emulator
) -> None:
    sealed = open_installation(folder, ask_passphrase=lambda: Secret(CANARY))
    sealed.client.keep_secret_now("api_keys", AGENCY, Secret("something to keep"))
    sealed.close()
    person = new_beside(is_typed=True)
    holder = until_running(folder)
    global_errors = person.window.global_errors
    assert global_errors is not None
    person.wait(lambda: "locked" in global_errors.locked.text, "the notice")

    person.click(global_errors.locked.action)
    sheet = person.dialog(UnlockSheet)
    person.enter(sheet.passphrase, "canary-Passphrase-that-is-wrong")
    person.click(sheet.act)
    person.wait(lambda: sheet.form.error("passphrase"), "the refusal")
    person.enter(sheet.passphrase, CANARY)
    person.click(sheet.act)
    person.wait(lambda: not global_errors.locked.text, "it to be unlocked")

    add_account(person, emulator)
    table = person.settings_part("accounts").table
    person.wait(lambda: table.records.rows and table.records.rows[0].state == "verified", "the account", END_S)
    searcher = Searcher(needles("passphrase", CANARY.encode()))
    assert searcher.in_processes([os.getpid(), holder.pid]) == []
    assert searcher.in_folder(folder) == []
    if os.geteuid() == 0:  # nobody else may look there
        assert searcher.in_memory(holder.pid) == []  # the key crossed, not what was typed
    assert person.console.passphrase.get() is None
    assert redactor.redact(CANARY) == CANARY


def test_an_adopted_engine_that_is_locked_is_unlocked_by_the_next_window(
    new_beside: NewBeside, folder: Path, emulator: Emulator
) -> None:
    holder = left_engine(folder, None)
    beside = open_installation(folder)
    ref = beside.client.keep_secret_now("api_keys", AGENCY, Secret(emulator.token))
    beside.close()
    person = new_beside(is_typed=True)
    driver = Driver(person.installation)
    job = driver.submit(AddAccount(uuid4(), "Main", "digitalocean", ref.path, emulator.url))
    assert "locked" in driver.wait_for(job, "waiting_until").cause

    person.console.passphrase.put(PASSPHRASE.reveal())
    assert not person.installation.secrets.is_locked

    ended = driver.wait_for(job, seconds=180)
    assert ended.state == "succeeded", ended.cause
    assert living(folder) == holder


def test_a_passphrase_changed_in_the_window_is_its_engines_and_jobs_go_on(
    new_beside: NewBeside, folder: Path, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing in the file leads from the old key to the new one: only the window tells it then."""
    monkeypatch.setattr(box, "HEIR_S", -10)
    person = new_beside(is_typed=True)
    holder, driver = until_running(folder), Driver(person.installation)
    add_account(person, emulator)
    table = person.settings_part("accounts").table
    person.wait(lambda: table.records.rows and table.records.rows[0].state == "verified", "the account", END_S)
    account_id = table.records.rows[0].id
    emulator.kill()
    waiting = driver.submit(RefreshInventory(account_id))
    driver.wait_for(waiting, "waiting_until")

    person.click(person.settings_part("secrets").change)
    dialog = person.dialog(PassphraseDialog)
    for field, text in ((dialog.old, PASSPHRASE.reveal()), (dialog.new, CANARY), (dialog.again, CANARY)):
        person.enter(field, text)
    person.click(dialog.act)
    person.wait(lambda: not person.window.findChildren(PassphraseDialog), "the dialog to close")
    emulator.start()

    for job in (waiting, driver.submit(VerifyAccount(account_id))):
        ended = driver.wait_for(job, seconds=180)
        assert ended.state == "succeeded", ended.cause
    content = (folder / "secrets.sealed").read_bytes()
    assert box.HEIR not in json.loads(content)["header"]["key"]
    assert not SealedFile(folder / "secrets.sealed", PassphraseHolder(lambda: Secret(CANARY))).is_locked
    assert living(folder) == holder


def test_what_the_engine_is_begun_with_names_no_password(folder: Path) -> None:
    url = "postgresql://person:canary-Passw0rd@127.0.0.1/console"

    assert "canary" not in " ".join(engine_command(DataFolder(folder), is_demo=False))
    assert engine_environment(url)["MAILYARD_DATABASE_URL"] == url
    assert "MAILYARD_DATABASE_URL" not in engine_environment(None)
