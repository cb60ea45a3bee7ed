"""A stored secret in the window: proved, shown for a minute, then gone from the screen and the clipboard."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtGui import QGuiApplication
from sqlalchemy import select

from app.pages.settings import reveal_dialog
from app.pages.settings.reveal_dialog import RevealDialog
from backend.core.secrets.redactor import MASK, redactor
from backend.core.secrets.values import Secret
from backend.mail.refs import admin_ref
from backend.revealing import REFUSED, REVEALED
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.copied import is_left_out_of_histories
from tests.app.person import Person
from tests.backend.mail.world import mail_server
from tests.backend.store.rows import row_of
from tests.installation import PASSPHRASE, open_installation

pytestmark = pytest.mark.judged_once

VALUE, SERVER, TITLE = "canary-password-that-is-looked-at-77d1", uuid4(), "Administrator's password"


@pytest.fixture
def person(new_console: NewConsole, tmp_path: Path) -> Person:
    """In front of a mail server whose administrator's password is kept."""
    before = open_installation(tmp_path / "data")
    before.prepare_store()
    with before.store.write(ENGINE_SCOPE) as session:
        account = row_of(Account, AGENCY, state="removed", removed_at=before.clock.now())
        session.add(account)
        session.flush()
        session.add(row_of(Server, AGENCY, id=SERVER, account_id=account.id, name="mx1.example.net", life="gone"))
        session.flush()
        session.add(mail_server(SERVER, api_token_ref=None))
    before.secrets.keep_all({admin_ref(SERVER): Secret(VALUE)})  # nothing watches for it then
    before.close()
    return new_console()


def audited(person: Person) -> list[str]:
    with person.installation.store.read(ENGINE_SCOPE) as session:
        return list(session.scalars(select(AuditRow.action).order_by(AuditRow.seq)))


def opened(person: Person) -> RevealDialog:
    part = person.settings_part("secrets")
    person.wait(part.reveal.isVisible, "the secrets")
    assert [(row.title, row.about) for row in part.table.records.rows] == [(TITLE, "mx1.example.net")]
    person.click(part.reveal)
    dialog = person.dialog(RevealDialog)
    person.settle()
    return dialog


def shown(person: Person) -> RevealDialog:
    dialog = opened(person)
    person.enter(dialog.proof, PASSPHRASE.reveal())
    person.click(dialog.act)
    person.wait(lambda: dialog.value == VALUE, "the secret")
    return dialog


def test_it_is_masked_until_the_person_proved_to_be_the_owner(person: Person) -> None:
    dialog = opened(person)
    assert (dialog.value, dialog.block.buttons[TITLE].isEnabled()) == (MASK, False)
    person.click(dialog.act)
    assert dialog.form.error("proof")
    person.enter(dialog.proof, "not the passphrase")
    person.click(dialog.act)
    person.wait(lambda: "not the passphrase of" in dialog.form.error("proof"), "the refusal")
    assert dialog.value == MASK

    person.enter(dialog.proof, PASSPHRASE.reveal())
    person.click(dialog.act)
    person.wait(lambda: dialog.value == VALUE, "the secret")

    assert (dialog.proof.text(), audited(person)) == ("", [REFUSED, REVEALED])
    assert VALUE not in redactor.redact(f"a line of the log with {VALUE}")
    person.click(dialog.keep)


def test_after_a_minute_it_is_gone_and_has_to_be_asked_for_again(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = shown(person)
    person.click(dialog.block.buttons[TITLE])
    assert QGuiApplication.clipboard().text() == VALUE
    assert is_left_out_of_histories()
    assert re.fullmatch(r"Hidden again in \d+ s\.", dialog.note.text())

    dialog._ends_at -= reveal_dialog.SHOWN_S
    person.wait(lambda: dialog.value == MASK, "it to be hidden")

    assert QGuiApplication.clipboard().text() == ""
    assert redactor.redact(VALUE) == VALUE, "nothing knows it any more"
    person.click(dialog.act)
    assert dialog.form.error("proof")
    assert audited(person) == [REVEALED]
    person.click(dialog.keep)


def test_the_minute_goes_on_while_the_computer_sleeps(person: Person) -> None:
    """The clock that nobody can set stands still then."""
    dialog = shown(person)

    dialog._ends_at_wall -= reveal_dialog.SHOWN_S

    person.wait(lambda: dialog.value == MASK, "it to be hidden")
    person.click(dialog.keep)


def test_it_goes_with_the_window(person: Person) -> None:
    dialog = shown(person)
    person.click(dialog.block.buttons[TITLE])
    assert QGuiApplication.clipboard().text() == VALUE

    person.close()

    assert (dialog.value, QGuiApplication.clipboard().text()) == (MASK, "")
    assert redactor.redact(VALUE) == VALUE


def test_it_goes_with_the_dialog_and_what_else_was_copied_stays(person: Person) -> None:
    dialog = shown(person)
    QGuiApplication.clipboard().setText("something else")

    person.click(dialog.keep)

    person.wait(lambda: not person.window.findChildren(RevealDialog), "the dialog to close")
    assert QGuiApplication.clipboard().text() == "something else"
    assert redactor.redact(VALUE) == VALUE


def test_with_the_key_in_the_keyring_the_password_of_the_login_is_asked_for(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(person.installation.reveals), "asks_for", "login")

    dialog = opened(person)

    person.wait(lambda: dialog.proof.accessibleName() == "Password of your login to this computer", "the question")
    person.click(dialog.keep)
