"""Settings > Secrets: where they lie, whether they are renewed by themselves, and those that may be revealed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from app.pages.settings.passphrase_dialog import CHANGE, TO_KEYRING, TO_PASSPHRASE, KeyChange, PassphraseDialog
from app.pages.settings.renewal_panel import RenewalPanel
from app.pages.settings.reveal_dialog import RevealDialog
from app.shell.session.secret_state import SecretState, SecretStates
from app.shell.window.part import PagePart, beside
from app.shell.window.unlock import UnlockSheet
from backend.core.present.status import Status
from backend.core.present.text import _, both
from backend.revealing import StoredSecrets
from widgets import tokens
from widgets.band import belongs_to_demo
from widgets.button import Button
from widgets.label import Label
from widgets.panel import Panel
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.status_badge import StatusBadge

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from backend.feature import StoredSecret


class SecretsPart(PagePart):
    """Where secrets lie: behind a passphrase or with the key in a keyring, and the way from one to the other."""

    topics = frozenset({*SecretStates.topics, *StoredSecrets.topics, *RenewalPanel.topics})

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        self.renewal = RenewalPanel(page)
        column.addWidget(self._place())
        column.addWidget(self.renewal)
        column.addWidget(self._stored(), 1)

    def refresh(self) -> None:
        installation = self._page.services.installation
        self._page.ask("secrets", SecretStates(installation.secrets), self._show)
        self.renewal.refresh()
        self._page.ask("stored secrets", StoredSecrets(installation.features), self._show_stored)

    def _place(self) -> Panel:
        panel = Panel(_("Secret store"), padded=True)
        self.badge = StatusBadge(plain=True)
        self.words = Label("", "muted", wraps=True)
        self.unlock, self.change = Button(_("Unlock...")), Button(_("Change passphrase..."))
        self.to_keyring, self.to_passphrase = Button(_("Move to the keyring...")), Button(_("Use a passphrase..."))
        self.unlock.clicked.connect(self._unlock)
        self.change.clicked.connect(partial(self._open, CHANGE))
        self.to_keyring.clicked.connect(partial(self._open, TO_KEYRING))
        self.to_passphrase.clicked.connect(partial(self._open, TO_PASSPHRASE))
        panel.body.addWidget(self.badge)
        panel.body.addWidget(self.words)
        panel.body.addLayout(beside(self.unlock, self.change, self.to_keyring, self.to_passphrase))
        return panel

    def _stored(self) -> Panel:
        panel = Panel(_("Stored secrets"))
        self.table: RecordTable[StoredSecret] = RecordTable(_columns(), lambda row: row.ref, _("Stored secrets"))
        self.table.chosen.connect(self._choose)
        self.table.opened.connect(self._reveal)
        self.nothing = Label(_("Nothing that could be revealed is stored yet."), "muted", wraps=True)
        self.reveal = Button(_("Reveal..."))
        self.reveal.clicked.connect(self._reveal)
        panel.body.addWidget(self.table, 1)
        row = beside(self.reveal, self.nothing)
        row.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 12)
        panel.body.addLayout(row)
        return panel

    def _show_stored(self, rows: tuple[StoredSecret, ...]) -> None:
        self.table.set_rows(rows)
        if rows and self.table.current() is None:
            self.table.selectRow(0)
        self.nothing.setVisible(not rows)
        self._choose(self.table.current())

    def _choose(self, row: StoredSecret | None) -> None:
        self.reveal.setVisible(row is not None)

    def _reveal(self) -> None:
        row = self.table.current()
        if row is not None:
            RevealDialog(self._page.services, row, self.window()).open()

    def _show(self, state: SecretState) -> None:
        has_passphrase = state.place == "passphrase" and not belongs_to_demo(self)
        self.unlock.setVisible(has_passphrase and state.is_locked)
        self.change.setVisible(has_passphrase and state.exists)
        self.to_keyring.setVisible(has_passphrase and state.can_move)
        self.to_passphrase.setVisible(state.place == "keyring" and state.can_move and not belongs_to_demo(self))
        if state.place == "passphrase" and state.is_locked:
            self.badge.show_status(Status.WAITING, _("Locked"))
            self.words.setText(_locked_words(state))
        elif belongs_to_demo(self):
            self.badge.show_status(Status.OK, _("Encrypted, passphrase"))
            self.words.setText(_("Nothing in the demo is secret: it brings its own passphrase and never asks for it."))
        elif state.place == "keyring" and state.is_locked:
            self.badge.show_status(Status.CRITICAL, _("Cannot be opened"))
            self.words.setText(state.why)
        elif state.place == "keyring":
            self.badge.show_status(Status.OK, _("Encrypted, key in the keyring"))
            self.words.setText(_("All secrets are stored in one encrypted file; its key is in the desktop's keyring."))
        elif not state.exists:
            self.badge.show_status(Status.UNKNOWN, _("Nothing is stored yet"))
            self.words.setText(_("No trusted keyring is available. You choose a passphrase with the first account."))
        else:
            self.badge.show_status(Status.OK, _("Encrypted, passphrase"))
            self.words.setText(
                _("All secrets are stored in one encrypted file. Its passphrase is asked for once after each start.")
                if state.can_move
                else _("No trusted keyring is available. You are asked for the passphrase once after each start.")
            )

    def _unlock(self) -> None:
        UnlockSheet(self._page.services, self.window()).open()

    def _open(self, change: KeyChange) -> None:
        dialog = PassphraseDialog(self._page.services, self.window(), change)
        dialog.finished.connect(self._look_again)
        dialog.open()

    def _look_again(self, _result: int) -> None:
        self.refresh()


def _locked_words(state: SecretState) -> str:
    if state.was_changed:
        return _("The passphrase was changed. Jobs that need a token or an SSH key wait until you enter the new one.")
    return both(
        _("Jobs that need a token or an SSH key wait until you enter the passphrase."),
        _("If it is forgotten, close the window and begin a new store: mailyard secrets begin-anew."),
    )


def _columns() -> tuple[Column[StoredSecret], ...]:
    return (
        Column(_("Secret"), text=lambda row: _(row.title)),
        Column(_("Belongs to"), text=lambda row: row.about, is_name=True),
        Column(_("Reference"), text=lambda row: row.ref, is_mono=True),
    )
