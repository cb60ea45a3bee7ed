"""Settings > Secrets, Appearance, Engine and About."""

from __future__ import annotations

import platform
import sqlite3
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.pages.settings.secret_state import SecretState, SecretStates
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.button import Button
from widgets.form import Form
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.panel import Panel
from widgets.status_badge import StatusBadge

if TYPE_CHECKING:
    from app.shell.page import Page

VERSION = "0.1.0"


class _Part(QWidget):
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


class SecretsPart(_Part):
    """Where secrets lie, and the passphrase where there is no keyring."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Secrets"))
        self.badge = StatusBadge(plain=True)
        self.words = Label("", "muted", wraps=True)
        self.panel.body.addWidget(self.badge)
        self.panel.body.addWidget(self.words)
        self.form = Form()
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.form.add("passphrase", _("Passphrase of the secret store"), self.passphrase)
        self.unlock = Button(_("Unlock"))
        self.unlock.clicked.connect(self._unlock)
        row = QHBoxLayout()
        row.addWidget(self.unlock)
        row.addStretch(1)
        self.panel.body.addWidget(self.form)
        self.panel.body.addLayout(row)
        self.panel.body.addStretch(1)

    def refresh(self) -> None:
        self._page.ask("secrets", SecretStates(self._page.services.installation.secrets), self._show)

    def _show(self, state: SecretState) -> None:
        needs = state.place == "passphrase" and state.is_locked
        self.form.setVisible(needs)
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
        self._page.services.passphrase.put(self.passphrase.text())
        self.passphrase.clear()
        self.refresh()


class AppearancePart(_Part):
    """Light, dark, or what the desktop says."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Appearance"))
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for key, word in (("auto", _("As the desktop")), ("light", _("Light")), ("dark", _("Dark"))):
            button = QRadioButton(word)
            button.setAccessibleName(word)
            button.setProperty("key", key)
            button.setChecked(page.services.settings.now.appearance == key)
            self._group.addButton(button)
            self.panel.body.addWidget(button)
            self.choices[key] = button
        self.panel.body.addStretch(1)
        self._group.buttonClicked.connect(self._choose)

    def _choose(self, button: QRadioButton) -> None:
        key = str(button.property("key"))
        self._page.services.settings.change(appearance=key)
        self._page.services.appearance.choose(key)


class EnginePart(_Part):
    """Who does the work, and where its data lies."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Engine and database"))
        self.rows = KeyValues()
        self.panel.body.addWidget(self.rows)
        self.panel.body.addStretch(1)

    def refresh(self) -> None:
        installation = self._page.services.installation
        holder = installation.lock.holder()
        if installation.engine is not None:
            who = _("this window")
        elif holder is not None:
            who = _("another process ({role}, number {pid})").format(role=holder.role, pid=holder.pid)
        else:
            who = _("nobody: jobs wait until an engine runs")
        folder = installation.folder
        files = (folder.app_database, folder.jobs_database, folder.metrics_database)
        size = sum(path.stat().st_size for path in files if path.exists())
        kind = "SQLite" if installation.store.address.is_sqlite else "PostgreSQL"
        self.rows.set_rows(
            [
                (_("Engine"), who),
                (_("Database"), f"{kind}, {words.number(size / 1_000_000, 1)} MB"),
                (_("Data folder"), str(folder.root)),
                (_("Log"), str(folder.logs)),
            ],
            mono=(_("Data folder"), _("Log")),
        )


class AboutPart(_Part):
    """Version and what the program is built with."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("About Mailyard"))
        rows = KeyValues()
        from PySide6 import __version__ as qt_version

        rows.set_rows(
            [
                (_("Version"), VERSION),
                (_("Python"), platform.python_version()),
                (_("Qt for Python"), qt_version),
                ("SQLite", sqlite3.sqlite_version),
                (_("Fonts"), "Inter, JetBrains Mono (SIL Open Font License 1.1)"),
                (_("Icons"), "Lucide (ISC)"),
            ]
        )
        self.panel.body.addWidget(rows)
        self.panel.body.addStretch(1)
