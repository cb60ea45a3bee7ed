"""The Settings page: parts at the left, the chosen one at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QStackedWidget, QWidget

from app.pages.settings.about import AboutPart
from app.pages.settings.accounts import AccountsPart
from app.pages.settings.appearance import AppearancePart
from app.pages.settings.charges import ChargesPart
from app.pages.settings.notices import NoticesPart
from app.pages.settings.orphans import OrphansPart
from app.pages.settings.parts import EnginePart, SecretsPart
from app.pages.settings.providers import ProvidersPart
from app.pages.settings.updates import UpdatesPart
from app.pages.settings.workspaces import WorkspacesPart
from app.shell.page import Page
from backend.core.present.text import _
from widgets import tokens

if TYPE_CHECKING:
    from app.shell.services import Services

LIST_WIDTH = 180
READING = (AccountsPart, ChargesPart, OrphansPart, ProvidersPart, WorkspacesPart, SecretsPart, EnginePart)


class SettingsPage(Page):
    """Each part reads for itself when it is shown."""

    topics = frozenset({"accounts", "workspaces", "servers", "orphans", "charges"})

    def __init__(self, services: Services) -> None:
        super().__init__(services, _("Settings"))
        self.list = QListWidget()
        self.list.setAccessibleName(_("Parts of the settings"))
        self.list.setFixedWidth(LIST_WIDTH)
        self.parts = QStackedWidget()
        for word, part in self._make_parts():
            item = QListWidgetItem(word, self.list)
            item.setSizeHint(QSize(0, tokens.SIDEBAR_ROW))
            self.parts.addWidget(part)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.PANEL_GAP)
        row.addWidget(self.list)
        row.addWidget(self.parts, 1)
        self.add(body)
        self.list.setCurrentRow(0)
        self.list.currentRowChanged.connect(self._turn_to)

    def _make_parts(self) -> tuple[tuple[str, QWidget], ...]:
        self.accounts = AccountsPart(self)
        self.charges = ChargesPart(self)
        self.orphans = OrphansPart(self)
        self.providers = ProvidersPart(self)
        self.workspaces = WorkspacesPart(self)
        self.secrets = SecretsPart(self)
        self.appearance = AppearancePart(self)
        self.notices = NoticesPart(self)
        self.engine = EnginePart(self)
        self.updates = UpdatesPart(self)
        self.about = AboutPart(self)
        return (
            (_("Accounts"), self.accounts),
            (_("Charges"), self.charges),
            (_("Orphans"), self.orphans),
            (_("Providers"), self.providers),
            (_("Workspaces"), self.workspaces),
            (_("Secrets"), self.secrets),
            (_("Appearance"), self.appearance),
            (_("Notices"), self.notices),
            (_("Engine"), self.engine),
            (_("Updates"), self.updates),
            (_("About"), self.about),
        )

    def refresh(self) -> None:
        part = self.parts.currentWidget()
        if isinstance(part, READING):
            part.refresh()

    def show_part(self, part: QWidget) -> None:
        """Turn to one of the parts."""
        self.list.setCurrentRow(self.parts.indexOf(part))

    def _turn_to(self, row: int) -> None:
        self.parts.setCurrentIndex(row)
        self.refresh()
