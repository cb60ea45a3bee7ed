"""Add an account: provider, name, token; the token goes to the secret store and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.shell.session.new_passphrase import repeat_error, short_error
from app.shell.session.secret_state import SecretState, SecretStates
from backend.accounts.requests import AddAccount
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.overlay import Overlay

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.route import Go
    from app.shell.session.services import Services
    from app.shell.window.said import Say
    from backend.accounts.queries import AccountRow
    from backend.core.secrets.values import SecretRef


class AccountDialog(Overlay):
    """Shown by ``open()``. ``added`` carries the job's id once the request is taken.

    With an ``account`` it replaces that account's token, and its address: what was refused can be corrected.
    """

    added = Signal(object)

    def __init__(self, services: Services, parent: QWidget, account: AccountRow | None = None) -> None:
        title = _("New token for {name}").format(name=account.name) if account else _("Add account")
        super().__init__(title, parent)
        self._services = services
        self._account = account
        self._ref: SecretRef | None = None
        self._job: UUID | None = None
        self._state: SecretState | None = None
        self.setFixedWidth(tokens.SHEET_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        content = QWidget()
        body = QVBoxLayout(content)
        body.setContentsMargins(24, 20, 24, 8)
        body.setSpacing(12)
        band = ModeBand(_("All workspaces"), is_demo=belongs_to_demo(parent))
        body.addWidget(DialogHead(title, self, band))
        self.banner = Banner()
        body.addWidget(self.banner)
        body.addWidget(self._form())
        body.addWidget(self.policy, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(Overflow(content, self.windowTitle()), 1)
        outer.addWidget(self._footer())
        self._fill_demo_history()
        if belongs_to_demo(parent):
            title = _("The demo does not accept real accounts: nothing in it is real.")
            self.banner.say(Status.WARNING, title, _("Add it in the live console."))
            self.act.setEnabled(False)
            self.token.setEnabled(False)
        services.reader.ask(self, "secrets", SecretStates(services.installation.secrets), self._learn, self._show_error)

    def done(self, result: int) -> None:
        """Whatever happens, the values leave the fields, and the store what was sealed for nothing."""
        if self._ref is not None and self._job is None:
            self._services.submit.forget_secret(self._ref)
        for field in (self.token, self.passphrase, self.again, self.key_id):
            field.clear()
        self._services.reader.forget(self)
        super().done(result)

    def _form(self) -> Form:
        self.form = Form()
        self.provider, self.name, self.key_id = QComboBox(), QLineEdit(), QLineEdit()
        self.token, self.passphrase, self.again, self.endpoint = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
        self._clouds = {kind: cloud for kind, cloud in clouds().items() if cloud.is_driven}
        for kind, cloud in self._clouds.items():
            self.provider.addItem(cloud.name, kind)
        self.provider.currentIndexChanged.connect(self._show_recipe)
        for field in (self.token, self.passphrase, self.again):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.policy = Button(_("Copy the policy"), "plain")
        self.policy.clicked.connect(self._copy_policy)
        self.form.add("provider", _("Provider"), self.provider)
        self.form.add("name", _("Name"), self.name, check=self._name_error)
        self.form.add("key_id", "", self.key_id, check=self._key_id_error)
        self.form.add("token", _("API token"), self.token, check=self._token_error)
        self.form.add("endpoint", _("Alternative API URL (a proxy), otherwise empty"), self.endpoint)
        note = _(
            "No keyring is available, so the secret store is protected by a passphrase. You are asked "
            "for it once after each start."
        )
        self.form.add(
            "passphrase", _("Passphrase of the secret store"), self.passphrase, note=note, check=self._passphrase_error
        )
        self.form.add("again", _("The same passphrase again"), self.again, check=self._again_error)
        for key in ("passphrase", "again"):
            self.form.ask_for(key, is_asked=False)
        self._show_recipe()
        return self.form

    def _show_recipe(self) -> None:
        """How to make a token that may do no more than Mailyard needs."""
        cloud = self._clouds[str(self.provider.currentData())]
        steps = [f"{number}. {_(step)}" for number, step in enumerate(cloud.recipe.steps, 1)]
        self.form.show_note("token", "\n".join((cloud.recipe.where, *steps)))
        self.form.ask_for("key_id", is_asked=bool(cloud.recipe.key_id))
        self.form.call("key_id", _(cloud.recipe.key_id))
        self.form.call("token", _(cloud.recipe.secret))
        self.policy.setVisible(bool(cloud.recipe.policy))
        self.endpoint.setPlaceholderText(cloud.address)
        self.fit()

    def _fill_demo_history(self) -> None:
        account = self._account
        if account is None:
            self.name.setFocus()
            return
        self.provider.setCurrentIndex(self.provider.findData(account.provider))
        self.provider.setEnabled(False)
        self.name.setText(account.name)
        self.endpoint.setText(account.endpoint_url or "")
        self.keep.setText(_("Keep the old one"))
        self.act.setText(_("Replace and verify"))
        self.token.setFocus()

    def _footer(self) -> DialogFooter:
        note = Label(_("The token is encrypted immediately and never shown again."), "small", wraps=True)
        self.keep = Button(_("Cancel"))
        self.keep.clicked.connect(self.reject)
        self.act = Button(_("Add and verify"), "primary")
        self.act.setDefault(True)
        self.act.clicked.connect(self._add)
        return DialogFooter(self.keep, self.act, note)

    def _learn(self, state: SecretState) -> None:
        self._state = state
        is_asked = state.place == "passphrase" and (state.is_locked or not state.exists)
        self.form.ask_for("passphrase", is_asked=is_asked)
        self.form.ask_for("again", is_asked=is_asked and not state.exists)
        self.fit()

    def _add(self) -> None:
        if not self.form.is_right():
            return
        if self.form.asks_for("passphrase"):
            self._services.passphrase.put(self.passphrase.text())
        self.act.setEnabled(False)
        self._job = None
        self._ref = self._services.submit.keep_secret(self, "api_keys", AGENCY, self._credentials(), self._kept)

    def _credentials(self) -> str:
        """What is sealed: the token, or both parts of a key with a colon between them."""
        parts = [self.form.text("key_id")] if self.form.asks_for("key_id") else []
        return ":".join((*parts, self.form.text("token")))

    def _copy_policy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        clipboard.setText(self._clouds[str(self.provider.currentData())].recipe.policy)

    def _kept(self, error: MailyardError | None) -> None:
        """The token is sealed; only its reference goes on."""
        self._services.passphrase.drop()
        if error is not None:
            self._ref = None
            self._failed(error)
            return
        assert self._ref is not None
        request = AddAccount(
            self._account.id if self._account else uuid4(),
            name=self.form.text("name"),
            provider=self.form.text("provider"),
            secret_ref=self._ref.path,
            endpoint_url=self.form.text("endpoint") or None,
        )
        self._job = self._services.submit.ask(self, AGENCY, request, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self._failed(error)
            return
        self.added.emit(self._job)
        self.accept()

    def _failed(self, error: MailyardError) -> None:
        """Nothing was added: a token that is sealed already is forgotten again."""
        self.act.setEnabled(True)
        if self._ref is not None:
            self._services.submit.forget_secret(self._ref)
            self._ref = None
        self._show_error(error)

    def _show_error(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)

    def _name_error(self) -> str:
        return "" if self.name.text().strip() else _("Name the account, for example after the client or the team.")

    def _key_id_error(self) -> str:
        return "" if self.form.text("key_id") else _("Paste the first part of the key.")

    def _token_error(self) -> str:
        return "" if self.form.text("token") else _("Paste the API token.")

    def _passphrase_error(self) -> str:
        if self._state is not None and self._state.exists:
            return "" if self.passphrase.text() else _("Enter the passphrase of the secret store.")
        return short_error(self.passphrase.text())

    def _again_error(self) -> str:
        return repeat_error(self.passphrase.text(), self.again.text())


def open_account_dialog(services: Services, window: QWidget, _go: Go, _say: Say) -> None:
    """The command *Add account*."""
    AccountDialog(services, window).open()
