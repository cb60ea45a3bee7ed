"""Another key for the secret store: a passphrase of now is proved, a new one said twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.shell.session.new_passphrase import repeat_error, short_error
from backend.core.errors import LoginNotProved, MailyardError, SecretStoreLocked
from backend.core.present.status import Status
from backend.core.present.text import N_, _
from backend.core.secrets.values import Secret
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.overlay import Overlay

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretStore
    from backend.revealing import Reveals
    from backend.store.query import Source

EDGE = 24


@dataclass(frozen=True)
class KeyChange:
    """One way to another key, in message ids: which passphrases it asks for, and what is done with them.

    ``action`` is what the audit log calls it. ``has_login``: the password of the login is the proof, where this
    computer can check one.
    """

    title: str
    act: str
    note: str
    action: str
    do: Callable[[SecretStore, Secret, Secret], None]
    has_old: bool = True
    has_new: bool = True
    has_login: bool = False


@dataclass(frozen=True)
class LoginChecks:
    """Query: whether the password of the login can be asked for."""

    reveals: Reveals
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> bool:
        return self.reveals.can_check_login


CHANGE = KeyChange(
    N_("Change the passphrase"),
    N_("Change"),
    N_("Running engines and windows keep working; each asks for the new one at its next start."),
    "secrets.passphrase",
    lambda store, old, new: store.change_passphrase(old, new),
)
TO_KEYRING = KeyChange(
    N_("Move the key to the keyring"),
    N_("Move"),
    N_("The keyring of the desktop opens the secret store from then on; you are not asked any more."),
    "secrets.to_keyring",
    lambda store, old, _new: store.move_to_keyring(old),
    has_new=False,
)
TO_PASSPHRASE = KeyChange(
    N_("Use a passphrase"),
    N_("Move"),
    N_("The key is removed from the keyring. You are asked for the passphrase once after each start."),
    "secrets.to_passphrase",
    lambda store, _old, new: store.move_to_passphrase(new),
    has_old=False,
    has_login=True,
)


class PassphraseDialog(Overlay):
    """Shown by ``open()``; closes when the store has its new key."""

    def __init__(self, services: Services, parent: QWidget, change: KeyChange = CHANGE) -> None:
        super().__init__(_(change.title), parent)
        self._services, self._of = services, change
        self.setFixedWidth(tokens.SHEET_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        content = QWidget()
        body = QVBoxLayout(content)
        body.setContentsMargins(EDGE, 20, EDGE, 8)
        body.setSpacing(12)
        body.addWidget(DialogHead(self.windowTitle(), self))
        self.banner = Banner()
        body.addWidget(self.banner)
        body.addWidget(self._form())
        outer.addWidget(Overflow(content, self.windowTitle()), 1)
        outer.addWidget(self._footer())
        (self.old if change.has_old else self.login if change.has_login else self.new).setFocus()
        if change.has_login:
            services.reader.ask(
                self, "login", LoginChecks(services.installation.reveals), self._ask_login, self._failed
            )

    def reject(self) -> None:
        """What is being sealed cannot be called back."""
        if self.act.isEnabled():
            super().reject()

    def done(self, result: int) -> None:
        """Whatever happens, the values leave the fields."""
        for field in (self.login, self.old, self.new, self.again):
            field.clear()
        self._services.reader.forget(self)
        super().done(result)

    def _form(self) -> Form:
        self.form = Form()
        self.login, self.old, self.new, self.again = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        for field in (self.login, self.old, self.new, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        note = _("Without it, the secret store can never be read again. Write it down where only you find it.")
        self.form.add("login", _("Password of your login to this computer"), self.login, check=self._login_error)
        self.form.add("old", _("Current passphrase"), self.old, check=self._old_error)
        self.form.add("new", _("New passphrase"), self.new, note=note, check=self._new_error)
        self.form.add("again", _("New passphrase again"), self.again, check=self._again_error)
        asked = {
            "login": self._of.has_login,
            "old": self._of.has_old,
            "new": self._of.has_new,
            "again": self._of.has_new,
        }
        for key, is_asked in asked.items():
            self.form.ask_for(key, is_asked=is_asked)
        return self.form

    def _footer(self) -> DialogFooter:
        self.keep, self.act = Button(_("Cancel")), Button(_(self._of.act), "primary")
        self.keep.clicked.connect(self.reject)
        self.act.setDefault(True)
        self.act.clicked.connect(self._change)
        return DialogFooter(self.keep, self.act, Label(_(self._of.note), "small", wraps=True))

    def _change(self) -> None:
        if self.form.is_right():
            self.banner.clear()
            self.act.setEnabled(False)
            act = self._act()
            self._services.submit.reseal(self, act, self._of.action, self._heard)

    def _act(self) -> Callable[[SecretStore], None]:
        do, old, new = self._of.do, Secret(self.old.text()), Secret(self.new.text())
        if not self._of.has_login:
            return lambda store: do(store, old, new)
        reveals, login = self._services.installation.reveals, Secret(self.login.text())

        def prove_and_do(store: SecretStore) -> None:
            reveals.prove_for_move(login)
            do(store, old, new)

        return prove_and_do

    def _ask_login(self, can_check: bool) -> None:
        if not can_check:
            self.form.ask_for("login", is_asked=False)
            self.new.setFocus()

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _heard(self, error: MailyardError | None) -> None:
        self.act.setEnabled(True)
        if error is None:
            self.accept()
        elif isinstance(error, SecretStoreLocked) and self._of.has_old:
            self.form.show_error("old", error.sentence())
            self.old.setFocus()
        elif isinstance(error, LoginNotProved):
            self.form.show_error("login", error.sentence())
            self.login.setFocus()
        else:
            self._failed(error)

    def _login_error(self) -> str:
        return "" if self.login.text() else _("Enter it to go on.")

    def _old_error(self) -> str:
        return "" if self.old.text() else _("Enter the passphrase of the secret store.")

    def _new_error(self) -> str:
        if self.new.text() and self.new.text() == self.old.text():
            return _("That is the current passphrase. Choose another one.")
        return short_error(self.new.text())

    def _again_error(self) -> str:
        return repeat_error(self.new.text(), self.again.text())
