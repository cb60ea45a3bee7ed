"""The passphrase in the window: chosen twice, changed with the old one proved, offered only where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from sqlalchemy import select

from app.pages.settings.account_dialog import AccountDialog
from app.pages.settings.passphrase_dialog import PassphraseDialog
from app.pages.settings.secrets_part import SecretsPart
from app.shell.session.secret_state import SecretState
from app.shell.window.unlock import UnlockSheet
from backend.core.secrets.keys import KeyringHolder, PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret
from backend.store.schema.operations import AuditRow
from backend.store.scope import AGENCY, Scope
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.drawer import Drawer, in_place
from tests.installation import LOGIN, PASSPHRASE, KnownLogin, choices, open_installation
from widgets.band import DEMO

OLD, NEW = PASSPHRASE.reveal(), "a horse of another colour"


@pytest.fixture
def keeper(new_console: NewConsole, tmp_path: Path) -> Person:
    """In front of an installation that keeps a secret behind a passphrase."""
    before = open_installation(tmp_path / "data")
    before.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
    before.close()
    return new_console()


@pytest.fixture
def locked_out(new_console: NewConsole, tmp_path: Path) -> Person:
    """The same, where nobody has given the passphrase yet, and the part that says so is looked at."""
    before = open_installation(tmp_path / "data")
    before.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
    before.close()
    came: list[Person] = []
    person = new_console(wanted=choices(ask_passphrase=lambda: came[0].console.passphrase.get() if came else None))
    came.append(person)
    part = person.settings_part("secrets")
    person.wait(lambda: "Locked" in part.badge.text(), "the lock")
    return person


def meets_a_bug(*_given: object) -> None:
    raise RuntimeError("a bug")


def opens(folder: Path, passphrase: str) -> bool:
    return not SealedFile(folder / "data/secrets.sealed", PassphraseHolder(lambda: Secret(passphrase))).is_locked


def opens_by_keyring(folder: Path) -> bool:
    return not SealedFile(folder / "data/secrets.sealed", KeyringHolder()).is_locked


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """The keyring of this test."""
    made = Drawer()
    with in_place(made):
        yield made


def fill(person: Person, dialog: PassphraseDialog, old: str, new: str, again: str) -> None:
    for field, text in ((dialog.old, old), (dialog.new, new), (dialog.again, again)):
        person.enter(field, text)
    person.click(dialog.act)


def out_of_the_keyring(person: Person) -> PassphraseDialog:
    person.click(person.settings_part("secrets").to_passphrase)
    return person.dialog(PassphraseDialog)


def audited(person: Person) -> list[str]:
    """What was done with the secret store."""
    with person.installation.store.read(Scope.of(AGENCY)) as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
    assert {row.actor for row in rows if row.action.startswith("secrets.")} <= {"tester"}
    return [row.action for row in rows if row.action.startswith("secrets.")]


def test_it_is_changed_and_the_program_goes_on(keeper: Person, tmp_path: Path) -> None:
    part = keeper.settings_part("secrets")
    assert not part.unlock.isVisible()

    keeper.click(part.change)
    dialog = keeper.dialog(PassphraseDialog)
    fill(keeper, dialog, OLD, NEW, NEW)
    keeper.wait(lambda: not keeper.window.findChildren(PassphraseDialog), "the dialog to close")

    assert (opens(tmp_path, OLD), opens(tmp_path, NEW)) == (False, True)
    assert not keeper.installation.secrets.is_locked


def test_what_is_looked_at_says_so_when_the_passphrase_is_given_above_the_page(locked_out: Person) -> None:
    part, above = locked_out.settings_part("secrets"), locked_out.window.global_errors
    assert above is not None
    locked_out.wait(lambda: above.locked.text, "the notice")

    locked_out.click(above.locked.action)
    sheet = locked_out.dialog(UnlockSheet)
    locked_out.enter(sheet.passphrase, OLD)
    locked_out.click(sheet.act)

    locked_out.wait(lambda: "Encrypted" in part.badge.text(), "the part to say that it is open")
    locked_out.wait(lambda: not above.locked.text, "the notice to go")
    assert not part.unlock.isVisible()


def test_a_change_opens_what_was_locked_for_all_who_show_it(locked_out: Person) -> None:
    part, above = locked_out.settings_part("secrets"), locked_out.window.global_errors
    assert above is not None
    locked_out.wait(lambda: above.locked.text, "the notice")

    locked_out.click(part.change)
    fill(locked_out, locked_out.dialog(PassphraseDialog), OLD, NEW, NEW)

    locked_out.wait(lambda: "Encrypted" in part.badge.text(), "the part to say that it is open")
    locked_out.wait(lambda: not above.locked.text, "the notice to go")


def test_the_key_moves_into_the_keyring_and_back_behind_a_passphrase(
    keeper: Person, tmp_path: Path, drawer: Drawer
) -> None:
    keeper.installation.secrets.can_use_keyring = lambda: True
    part = keeper.settings_part("secrets")
    part.refresh()
    keeper.wait(part.to_keyring.isVisible, "the way into the keyring")

    keeper.click(part.to_keyring)
    dialog = keeper.dialog(PassphraseDialog)
    assert not dialog.form.asks_for("new")
    keeper.enter(dialog.old, "not the passphrase")
    keeper.click(dialog.act)
    keeper.wait(lambda: "That is not the passphrase" in dialog.form.error("old"), "the refusal")
    assert drawer.kept == {}
    keeper.enter(dialog.old, OLD)
    keeper.click(dialog.act)
    keeper.wait(part.to_passphrase.isVisible, "the way out of the keyring")
    assert (len(drawer.kept), part.change.isVisible(), opens_by_keyring(tmp_path)) == (1, False, True)

    dialog = out_of_the_keyring(keeper)
    assert (dialog.form.asks_for("old"), dialog.form.asks_for("login")) == (False, True)
    keeper.enter(dialog.login, LOGIN.reveal())
    fill(keeper, dialog, "", NEW, NEW)

    keeper.wait(part.change.isVisible, "it to lie behind a passphrase")
    assert (opens(tmp_path, NEW), drawer.kept) == (True, {})
    assert audited(keeper) == ["secrets.to_keyring", "secrets.to_passphrase"]


def into_the_keyring(person: Person) -> SecretsPart:
    person.installation.secrets.move_to_keyring(PASSPHRASE)
    part: SecretsPart = person.settings_part("secrets")
    part.refresh()
    person.wait(part.to_passphrase.isVisible, "the way out of the keyring")
    return part


def test_whoever_is_not_the_owner_cannot_take_the_key_out_of_the_keyring(
    keeper: Person, tmp_path: Path, drawer: Drawer
) -> None:
    keeper.installation.secrets.can_use_keyring = lambda: True
    into_the_keyring(keeper)
    file = tmp_path / "data/secrets.sealed"
    before, kept = file.read_bytes(), dict(drawer.kept)
    dialog = out_of_the_keyring(keeper)
    fill(keeper, dialog, "", NEW, NEW)
    assert dialog.form.error("login")

    keeper.enter(dialog.login, "another one")
    keeper.click(dialog.act)
    keeper.wait(lambda: "not the password of your login" in dialog.form.error("login"), "the refusal")

    assert (file.read_bytes(), drawer.kept) == (before, kept)
    assert audited(keeper) == ["secrets.to_passphrase_refused"]
    keeper.click(dialog.keep)


def test_where_no_login_can_be_checked_the_way_out_stays_open(
    new_console: NewConsole, tmp_path: Path, drawer: Drawer
) -> None:
    before = open_installation(tmp_path / "data")
    before.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
    before.close()
    person = new_console(wanted=choices(login_password=KnownLogin(is_there=False)))
    person.installation.secrets.can_use_keyring = lambda: True
    part = into_the_keyring(person)
    dialog = out_of_the_keyring(person)
    person.wait(lambda: not dialog.form.asks_for("login"), "the question to go")

    fill(person, dialog, "", NEW, NEW)

    person.wait(part.change.isVisible, "it to lie behind a passphrase")
    assert (opens(tmp_path, NEW), drawer.kept) == (True, {})


REFUSED = {
    "a wrong one": ("not the passphrase", NEW, NEW, "old", "That is not the passphrase"),
    "none": ("", NEW, NEW, "old", "Enter the passphrase"),
    "a short one": (OLD, "eleven char", "eleven char", "new", "at least 12"),
    "the same one": (OLD, OLD, OLD, "new", "Choose another one"),
    "a typo": (OLD, NEW, "a horse of another color", "again", "do not match"),
    "said once": (OLD, NEW, "", "again", "do not match"),
}


@pytest.mark.parametrize(("old", "new", "again", "field", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_told_under_its_field_and_changes_nothing(
    keeper: Person, tmp_path: Path, old: str, new: str, again: str, field: str, words: str
) -> None:
    keeper.click(keeper.settings_part("secrets").change)
    dialog = keeper.dialog(PassphraseDialog)

    fill(keeper, dialog, old, new, again)
    keeper.wait(lambda: words in dialog.form.error(field), "the refusal")

    assert dialog.isVisible()
    assert opens(tmp_path, OLD)


def test_a_bug_is_told_and_leaves_the_person_a_way_on(
    keeper: Person, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper.installation.secrets, "change_passphrase", meets_a_bug)
    keeper.click(keeper.settings_part("secrets").change)
    dialog = keeper.dialog(PassphraseDialog)

    with qtbot.capture_exceptions() as caught:
        fill(keeper, dialog, OLD, NEW, NEW)
        keeper.wait(lambda: dialog.banner.text, "the words")

    assert [str(error) for _kind, error, _trace in caught] == ["a bug"]
    assert dialog.banner.title.text() == "Internal error."
    assert opens(tmp_path, OLD)
    keeper.click(dialog.keep)
    keeper.wait(lambda: not keeper.window.findChildren(PassphraseDialog), "the dialog to close")


def test_a_bug_while_a_token_is_sealed_is_told_and_the_form_stays(
    keeper: Person, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.click(keeper.settings_part("accounts").empty.action)
    dialog = keeper.dialog(AccountDialog)
    keeper.settle()
    dialog.provider.setCurrentIndex(dialog.provider.findData("digitalocean"))
    monkeypatch.setattr(keeper.installation.secrets, "keep", meets_a_bug)

    with qtbot.capture_exceptions() as caught:
        for field, text in ((dialog.name, "Main"), (dialog.token, "t"), (dialog.passphrase, OLD)):
            keeper.enter(field, text)
        keeper.click(dialog.act)
        keeper.wait(lambda: dialog.banner.text, "the words")

    assert [str(error) for _kind, error, _trace in caught] == ["a bug"]
    assert dialog.banner.title.text() == "Internal error."
    assert dialog.act.isEnabled()
    assert dialog.token.text() == "t"


STATES = {
    "a keyring": (SecretState("keyring", True, False), False, [], "key in the keyring"),
    "a locked keyring": (SecretState("keyring", True, True), False, [], "Cannot be opened"),
    "nothing yet": (SecretState("passphrase", False, False), False, [], "Nothing is stored yet"),
    "a passphrase": (SecretState("passphrase", True, False), False, ["Change passphrase..."], "passphrase"),
    "a keyring beside it": (
        SecretState("passphrase", True, False, can_move=True),
        False,
        ["Change passphrase...", "Move to the keyring..."],
        "passphrase",
    ),
    "a keyring that opens": (
        SecretState("keyring", True, False, can_move=True),
        False,
        ["Use a passphrase..."],
        "key in the keyring",
    ),
    "locked": (SecretState("passphrase", True, True), False, ["Unlock...", "Change passphrase..."], "Locked"),
    "changed": (
        SecretState("passphrase", True, True, was_changed=True),
        False,
        ["Unlock...", "Change passphrase..."],
        "",
    ),
    "the demo": (SecretState("passphrase", True, False, can_move=True), True, [], "Encrypted"),
}


@pytest.mark.parametrize(("state", "is_demo", "offered", "badge"), STATES.values(), ids=STATES)
def test_only_what_applies_is_offered(
    person: Person, state: SecretState, is_demo: bool, offered: list[str], badge: str
) -> None:
    part = person.settings_part("secrets")
    person.window.setProperty(DEMO, is_demo)

    part._show(state)

    assert [each.text() for each in part.findChildren(QPushButton) if each.isVisible()] == offered
    assert badge in part.badge.text()
    assert ("was changed" in part.words.text()) == state.was_changed
    assert ("never asks" in part.words.text()) == is_demo


def test_with_the_first_account_it_is_said_twice(person: Person) -> None:
    person.click(person.settings_part("accounts").empty.action)
    dialog = person.dialog(AccountDialog)
    person.settle()
    for field, text in ((dialog.name, "Main"), (dialog.token, "t"), (dialog.passphrase, OLD), (dialog.again, "typo")):
        person.enter(field, text)
    person.click(dialog.act)

    assert "do not match" in dialog.form.error("again")
    assert not person.installation.secrets.exists

    person.enter(dialog.again, OLD)
    person.click(dialog.act)
    person.wait(lambda: person.installation.secrets.exists, "the store")


def test_with_a_later_account_nothing_is_said_again(keeper: Person) -> None:
    keeper.click(keeper.settings_part("accounts").empty.action)
    dialog = keeper.dialog(AccountDialog)
    keeper.settle()

    assert not dialog.again.isVisible()
