"""Settings > Secrets and Engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.shell.data_size import DataSize
from app.shell.secret_state import SecretState, SecretStates
from app.shell.unlock import UnlockSheet
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.engine.presence import EnginePresence, Presence
from widgets.button import Button
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel
from widgets.status_badge import StatusBadge

if TYPE_CHECKING:
    from app.shell.page import Page


class Part(QWidget):
    """One padded panel with a title."""

    def __init__(self, page: Page, title: str) -> None:
        super().__init__()
        self._page = page
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.panel = Panel(title, padded=True)
        column.addWidget(self.panel)

    def refresh(self) -> None:
        """Ask for what the part shows."""

    def add_row(self, *widgets: QWidget) -> None:
        """Widgets beside each other, as wide as they are."""
        row = QHBoxLayout()
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        self.panel.body.addLayout(row)


class SecretsPart(Part):
    """Where secrets lie, and the passphrase where there is no keyring."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Secrets"))
        self.badge = StatusBadge(plain=True)
        self.words = Label("", "muted", wraps=True)
        self.panel.body.addWidget(self.badge)
        self.panel.body.addWidget(self.words)
        self.unlock = Button(_("Unlock..."))
        self.unlock.clicked.connect(self._unlock)
        self.add_row(self.unlock)
        self.panel.body.addStretch(1)

    def refresh(self) -> None:
        self._page.ask("secrets", SecretStates(self._page.services.installation.secrets), self._show)

    def _show(self, state: SecretState) -> None:
        needs = state.place == "passphrase" and state.is_locked
        self.unlock.setVisible(needs)
        if needs:
            self.badge.show_status(Status.WAITING, _("Locked"))
            self.words.setText(_("Jobs that need a token or an SSH key wait until you enter the passphrase."))
        elif state.place == "keyring":
            self.badge.show_status(Status.OK, _("Sealed, key in the keyring"))
            self.words.setText(_("All values lie in one sealed file; its key lies in the desktop's keyring."))
        else:
            self.badge.show_status(Status.OK, _("Sealed behind a passphrase"))
            self.words.setText(_("No trusted keyring answers here. The passphrase is asked once after each start."))

    def _unlock(self) -> None:
        sheet = UnlockSheet(self._page.services, self.window())
        sheet.unlocked.connect(self.refresh)
        sheet.open()


class EnginePart(Part):
    """Who does the work, and where its data lies."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Engine and database"))
        self._who, self._size = "", ""
        self.rows = KeyValues()
        self.panel.body.addWidget(self.rows)
        self.panel.body.addStretch(1)

    def refresh(self) -> None:
        installation = self._page.services.installation
        presence = EnginePresence(installation.lock, installation.folder.engine_lock)
        self._page.ask("presence", presence, self._show_presence)
        self._page.ask("size", DataSize(installation), self._show_size)

    def _show_presence(self, presence: Presence) -> None:
        holder = presence.holder
        if presence.is_ours:
            self._who = _("this window")
        elif holder is not None:
            self._who = _("another process ({role}, number {pid})").format(role=holder.role, pid=holder.pid)
        else:
            self._who = _("nobody: jobs wait until an engine runs")
        self._show()

    def _show_size(self, size: str) -> None:
        self._size = size
        self._show()

    def _show(self) -> None:
        folder = self._page.services.installation.folder
        self.rows.set_rows(
            [
                (_("Engine"), self._who),
                (_("Database"), self._size),
                (_("Data folder"), str(folder.root)),
                (_("Log"), str(folder.logs)),
            ],
            mono=(_("Data folder"), _("Log")),
            copyable=(_("Data folder"), _("Log")),
        )
