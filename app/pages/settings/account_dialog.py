"""Add an account: provider, name, token; the token goes to the secret store and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.shell.secret_state import SecretState, SecretStates
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.providers.capabilities import clouds
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.band import ModeBand, belongs_to_demo
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.form import Form
from widgets.label import Label
from widgets.notice import Notice

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.accounts.queries import AccountRow
    from backend.core.secrets.values import SecretRef

SHORTEST_PASSPHRASE = 12


class AccountDialog(QDialog):
    """Shown by ``open()``. ``added`` carries the job's id once the wish is taken.

    With an ``account`` it replaces that account's token, and its address: what was refused can be corrected.
    """

    added = Signal(object)

    def __init__(self, services: Services, parent: QWidget, account: AccountRow | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._account = account
        self._ref: SecretRef | None = None
        self._state: SecretState | None = None
        title = _("New token for {name}").format(name=account.name) if account else _("Add account")
        self.setWindowTitle(title)
        self.setFixedWidth(tokens.SHEET_WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(24, 20, 24, 8)
        body.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Label(title, "section", wraps=True), 1)
        head.addWidget(ModeBand(_("All workspaces"), is_demo=belongs_to_demo(parent)))
        body.addLayout(head)
        self.notice = Notice()
        body.addWidget(self.notice)
        body.addWidget(self._form())
        body.addWidget(self.policy, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addLayout(body)
        outer.addWidget(self._footer())
        self._fill_in()
        if belongs_to_demo(parent):
            title = _("The demo takes no real account: nothing in it is real.")
            self.notice.say(Status.WARNING, title, _("Add it in the live window."))
            self.act.setEnabled(False)
            self.token.setEnabled(False)
        services.reader.ask(self, "secrets", SecretStates(services.installation.secrets), self._learn, self._show_error)

    def done(self, result: int) -> None:
        """Whatever happens, the values leave the fields."""
        for field in (self.token, self.passphrase, self.key_id):
            field.clear()
        self._services.reader.forget(self)
        super().done(result)

    def _form(self) -> Form:
        self.form = Form()
        self.provider, self.name, self.key_id = QComboBox(), QLineEdit(), QLineEdit()
        self.token, self.passphrase, self.endpoint = QLineEdit(), QLineEdit(), QLineEdit()
        self._clouds = {kind: cloud for kind, cloud in clouds().items() if cloud.is_driven}
        for kind, cloud in self._clouds.items():
            self.provider.addItem(cloud.name, kind)
        self.provider.currentIndexChanged.connect(self._show_recipe)
        for field in (self.token, self.passphrase):
            field.setEchoMode(QLineEdit.EchoMode.Password)
        self.policy = Button(_("Copy the policy"), "plain")
        self.policy.clicked.connect(self._copy_policy)
        self.form.add("provider", _("Provider"), self.provider)
        self.form.add("name", _("Name"), self.name, check=self._name_error)
        self.form.add("key_id", "", self.key_id, check=self._key_id_error)
        self.form.add("token", _("API token"), self.token, check=self._token_error)
        self.form.add("endpoint", _("Other address of the API (a proxy), else empty"), self.endpoint)
        note = _("No keyring answers, so the secret store lies behind a passphrase. It is asked once after each start.")
        self.form.add(
            "passphrase", _("Passphrase of the secret store"), self.passphrase, note=note, check=self._passphrase_error
        )
        self.form.ask_for("passphrase", is_asked=False)
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
        self._fit()

    def _fit(self) -> None:
        """As high as its words need; adjusting by itself would stop at two thirds of the screen."""
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _fill_in(self) -> None:
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
        note = Label(_("The token is sealed at once and never shown again."), "small", wraps=True)
        self.keep = Button(_("Add nothing"))
        self.keep.clicked.connect(self.reject)
        self.act = Button(_("Add and verify"), "primary")
        self.act.setDefault(True)
        self.act.clicked.connect(self._add)
        return DialogFooter(self.keep, self.act, note)

    def _learn(self, state: SecretState) -> None:
        self._state = state
        known = self._services.passphrase.get() is not None and not state.is_locked
        self.form.ask_for("passphrase", is_asked=state.place == "passphrase" and not known)
        self._fit()

    def _add(self) -> None:
        if not self.form.is_right():
            return
        if self.form.asks_for("passphrase"):
            self._services.passphrase.put(self.passphrase.text())
        self.act.setEnabled(False)
        self._ref = self._services.submit.keep_secret("api_keys", AGENCY, self._credentials(), self._kept)

    def _credentials(self) -> str:
        """What is sealed: the token, or both parts of a key with a colon between them."""
        parts = [self.form.text("key_id")] if self.form.asks_for("key_id") else []
        return ":".join((*parts, self.form.text("token")))

    def _copy_policy(self) -> None:
        clipboard = QGuiApplication.clipboard()
        clipboard.setText(self._clouds[str(self.provider.currentData())].recipe.policy)

    def _kept(self, error: BaseException | None) -> None:
        """The token is sealed; only its reference goes on."""
        if error is not None:
            self._ref = None
            self._failed(error)
            return
        assert self._ref is not None
        wish = {
            "account_id": str(self._account.id if self._account else uuid4()),
            "name": self.form.text("name"),
            "provider": self.form.text("provider"),
            "secret_ref": self._ref.path,
            "endpoint_url": self.form.text("endpoint") or None,
        }
        self._job = self._services.submit.wish(AGENCY, "account.add", wish, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        if error is not None:
            self._failed(error)
            return
        self.added.emit(self._job)
        self.accept()

    def _failed(self, error: BaseException) -> None:
        """Nothing was added: a token that is sealed already is forgotten again."""
        self.act.setEnabled(True)
        if self._ref is not None:
            self._services.submit.forget_secret(self._ref)
            self._ref = None
        if isinstance(error, MailyardError):
            if self.form.asks_for("passphrase"):
                self._services.passphrase.put("")
            self._show_error(error)

    def _show_error(self, error: MailyardError) -> None:
        self.notice.say(Status.CRITICAL, error.title, error.remedy)

    def _name_error(self) -> str:
        return "" if self.name.text().strip() else _("Give the account a name, for example the client's or the team's.")

    def _key_id_error(self) -> str:
        return "" if self.form.text("key_id") else _("Paste the first part of the key.")

    def _token_error(self) -> str:
        return "" if self.form.text("token") else _("Paste the API token.")

    def _passphrase_error(self) -> str:
        if self._state is not None and self._state.exists:
            return "" if self.passphrase.text() else _("Enter the passphrase the secret store was made with.")
        long_enough = len(self.passphrase.text()) >= SHORTEST_PASSPHRASE
        return "" if long_enough else _("Choose at least {n} characters.").format(n=SHORTEST_PASSPHRASE)
