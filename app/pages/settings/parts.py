"""Settings > Secrets, Appearance and Engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

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
        row = QHBoxLayout()
        row.addWidget(self.unlock)
        row.addStretch(1)
        self.panel.body.addLayout(row)
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


#: Each in its own words, whatever is spoken now.
LANGUAGES = {"en": "English", "de": "Deutsch"}


class AppearancePart(Part):
    """Light, dark, or what the desktop says; and in which language."""

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
        self._group.buttonClicked.connect(self._choose)
        self.panel.body.addSpacing(8)
        self.panel.body.addWidget(Label(_("Language"), "strong"))
        self.language = QComboBox()
        self.language.setAccessibleName(_("Language"))
        for key, name in LANGUAGES.items():
            self.language.addItem(name, key)
        self.language.setCurrentIndex(max(0, self.language.findData(page.services.settings.now.language)))
        self.language.activated.connect(self._speak)
        row = QHBoxLayout()
        row.addWidget(self.language)
        row.addStretch(1)
        self.panel.body.addLayout(row)
        self.note = Label("", "muted", wraps=True)
        self.panel.body.addWidget(self.note)
        self.panel.body.addStretch(1)

    def _speak(self, at: int) -> None:
        """What stands in the window was put there in the language of its time."""
        self._page.services.settings.change(language=str(self.language.itemData(at)))
        self.note.setText(_("From the next start on. What jobs wrote down stays in the language of its time."))

    def _choose(self, button: QRadioButton) -> None:
        key = str(button.property("key"))
        self._page.services.settings.change(appearance=key)
        self._page.services.appearance.choose(key)


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
