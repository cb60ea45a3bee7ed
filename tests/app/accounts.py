"""An account, added in the window as a person does it."""

from __future__ import annotations

from app.pages.settings.account_dialog import AccountDialog
from tests.app.person import Person
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE


def add_account(person: Person, emulator: Emulator, token: str = "") -> AccountDialog:
    """By the button of the empty page; the emulator's own token if none is given."""
    person.click(person.settings_part("accounts").empty.action)
    dialog = account_dialog(person, emulator.kind)
    person.enter(dialog.name, "Main")
    key_id, _colon, secret = (token or emulator.token).rpartition(":")
    if dialog.form.asks_for("key_id"):
        person.enter(dialog.key_id, key_id)
    person.enter(dialog.token, secret)
    person.enter(dialog.endpoint, emulator.url)
    say_passphrase(person, dialog)
    person.click(dialog.act)
    return dialog


def say_passphrase(person: Person, dialog: AccountDialog) -> None:
    """As often as it is asked for."""
    for field in (dialog.passphrase, dialog.again):
        if field.isVisible():
            person.enter(field, PASSPHRASE.reveal())


def account_dialog(person: Person, provider: str = "digitalocean") -> AccountDialog:
    """The open dialog, at a provider."""
    dialog = person.dialog(AccountDialog)
    person.settle()
    dialog.provider.setCurrentIndex(dialog.provider.findData(provider))
    return dialog
