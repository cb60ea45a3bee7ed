"""Asks for the passphrase of the secret store, once after each start where no keyring holds its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from backend.core.errors import MailyardError
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.overlay import Overlay

if TYPE_CHECKING:
    from app.shell.session.secret_state import SecretState
    from app.shell.session.services import Services

EDGE = 24


class UnlockSheet(Overlay):
    """Shown by ``open()``; closes when the store really opened with what was typed."""

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(_("Unlock the secret store"), parent)
        self._services = services
        self.setFixedWidth(tokens.SHEET_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 8)
        body.setSpacing(12)
        body.addWidget(DialogHead(_("Unlock the secret store"), self))
        self.form = Form()
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        note = _(
            "No keyring is available, so the secret store is protected by a passphrase. You are asked "
            "for it once after each start."
        )
        self.form.add("passphrase", _("Passphrase of the secret store"), self.passphrase, note=note)
        body.addWidget(self.form)
        outer.addLayout(body)
        outer.addWidget(self._footer())
        self.passphrase.setFocus()

    def done(self, result: int) -> None:
        self.passphrase.clear()
        self._services.reader.forget(self)
        super().done(result)

    def _footer(self) -> DialogFooter:
        self.later, self.act = Button(_("Later")), Button(_("Unlock"), "primary")
        self.later.clicked.connect(self.reject)
        self.act.setDefault(True)
        self.act.clicked.connect(self._try)
        return DialogFooter(self.later, self.act)

    def _try(self) -> None:
        from app.shell.session.secret_state import SecretStates

        if not self.passphrase.text():
            self.form.show_error("passphrase", _("Enter the passphrase of the secret store."))
            return
        self.act.setEnabled(False)
        self._services.passphrase.put(self.passphrase.text())
        states = SecretStates(self._services.installation.secrets)
        self._services.reader.ask(self, "secrets", states, self._show, self._failed)

    def _show(self, state: SecretState) -> None:
        self._services.passphrase.drop()
        self.act.setEnabled(True)
        if state.is_locked:
            self.form.show_error("passphrase", state.why or _("The passphrase does not unlock the secret store."))
            self.passphrase.setFocus()
            return
        self.accept()

    def _failed(self, error: MailyardError) -> None:
        self.act.setEnabled(True)
        self._services.passphrase.drop()
        self.form.show_error("passphrase", error.sentence())
