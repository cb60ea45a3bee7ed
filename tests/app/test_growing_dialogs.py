"""What is said later in a dialog gets its room: no line lies over another, none is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from app.pages.settings.account_dialog import AccountDialog
from app.pages.settings.passphrase_dialog import PassphraseDialog
from app.shell.window.name_dialog import NameDialog
from app.shell.window.unlock import UnlockSheet
from backend.core.present.status import Status
from tests.app.person import Person
from widgets.banner import Banner
from widgets.effect_rows import EffectLine
from widgets.form import Form
from widgets.sheet import Sheet, SheetText

LONG = "The key does not unlock the secret store. Check the passphrase, or unlock the keyring it was created with. " * 3


def cut(dialog: QDialog) -> list[str]:
    """What stands in less room than it needs, or under the edge."""
    labels = [each for each in dialog.findChildren(QLabel) if each.isVisible() and each.text()]
    buttons = [each for each in dialog.findChildren(QPushButton) if each.isVisible()]
    wraps = [each for each in labels if each.hasHeightForWidth() and each.height() < each.heightForWidth(each.width())]
    below = [
        each.text()
        for shown in (labels, buttons)
        for each in shown
        if each.mapTo(dialog, each.rect().bottomLeft()).y() >= dialog.height()
    ]
    return [each.text() for each in wraps] + below


def say_much(dialog: QDialog) -> None:
    for form in dialog.findChildren(Form):
        for key in form._entries:
            form.show_error(key, LONG)
    for banner in dialog.findChildren(Banner):
        banner.say(Status.CRITICAL, LONG, LONG)
    if isinstance(dialog, Sheet):
        dialog.set_effects([EffectLine("Server", LONG, LONG, Status.WARNING) for _line in range(6)])


def name_dialog(person: Person) -> QDialog:
    return NameDialog("New client", "Add", person.window, most=20, wrong=LONG)


DIALOGS: dict[str, Callable[[Person], QDialog]] = {
    "unlock": lambda person: UnlockSheet(person.services, person.window),
    "account": lambda person: AccountDialog(person.services, person.window),
    "passphrase": lambda person: PassphraseDialog(person.services, person.window),
    "name": name_dialog,
    "sheet": lambda person: Sheet(SheetText("Delete mx1", "Delete", "Keep it", "Acme Dental", "mx1"), person.window),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_grows_with_what_is_said(person: Person, name: str) -> None:
    person.window.resize(1366, 3000)  # room for all of it: a dialog that has none scrolls
    dialog = DIALOGS[name](person)
    dialog.open()
    person.settle()
    person.rest()
    width, before = dialog.width(), dialog.height()
    assert cut(dialog) == []

    say_much(dialog)
    person.rest()

    assert cut(dialog) == []
    assert dialog.height() > before
    assert dialog.width() == width
