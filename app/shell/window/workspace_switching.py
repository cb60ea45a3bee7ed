"""The workspace switcher: what it offers, what it was last set to, and the view it sets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject

from backend.core.present.text import _

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.workspaces.queries import WorkspaceRow
    from widgets.switcher import Switcher

ALL = "all"
TOPICS = frozenset({"workspaces"})


class WorkspaceSwitching(QObject):
    """Lives in the GUI thread with the window."""

    def __init__(self, services: Services, switcher: Switcher, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._switcher = switcher
        self._is_first = True
        switcher.chosen.connect(self._choose)
        services.bridge.changed.connect(self._on_changes)
        self._ask()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS:
            self._ask()

    def _ask(self) -> None:
        from backend.workspaces.queries import Workspaces

        self._services.reader.ask(self, "workspaces", Workspaces(), self._show, self._failed)

    def _show(self, rows: tuple[WorkspaceRow, ...]) -> None:
        """A remembered workspace that is gone counts as all; rows that came or went change what *all* sees."""
        view = self._services.view
        are_others = {row.id for row in rows} != {row.id for row in view.workspaces}
        view.workspaces = rows
        wanted = self._services.settings.now.workspace if self._is_first else str(view.chosen or ALL)
        keys = {str(row.id) for row in rows}
        current = wanted if wanted in keys else ALL
        self._show_entries(current)
        chosen = None if current == ALL else UUID(current)
        if are_others or chosen != view.chosen:
            view.choose(chosen)
        self._is_first = False

    def choose(self, workspace: UUID | None) -> None:
        """As if it was chosen in the switcher, which shows it."""
        key = ALL if workspace is None else str(workspace)
        self._show_entries(key)
        self._choose(key)

    def _show_entries(self, current: str) -> None:
        rows = self._services.view.workspaces
        self._switcher.set_entries([(ALL, _("All workspaces")), *((str(row.id), row.name) for row in rows)], current)

    def _choose(self, key: str) -> None:
        self._services.settings.remember(workspace=key)
        self._services.view.choose(None if key == ALL else UUID(key))

    def _failed(self, _error: MailyardError) -> None:
        """The page says what is wrong with the store."""
