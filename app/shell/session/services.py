"""What every page is handed: reading, requests, the workspace in view, the look. No globals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.background.bridge import Bridge
    from app.shell.background.reader import Reader
    from app.shell.background.task import BackgroundTask
    from app.shell.requests.submit import RequestSubmitter
    from app.shell.session.demo import DemoControl
    from app.shell.session.engine_runner import EngineRunner
    from app.shell.session.last_seen import LastSeen
    from app.shell.session.looks import Looks
    from app.shell.session.notification_channel import NotificationChannel
    from app.shell.session.passphrase import PassphraseBox
    from app.shell.session.settings import SettingsFile
    from backend.bootstrap import Installation
    from backend.store.scope import Scope
    from backend.workspaces.queries import WorkspaceRow


class View(QObject):
    """Which workspaces the person looks at; ``changed`` when they choose others."""

    changed = Signal()

    def __init__(self, parent: QObject, workspaces: tuple[WorkspaceRow, ...], remembered: str) -> None:
        """``remembered`` is the workspace chosen last time; one that is gone counts as all."""
        super().__init__(parent)
        self.workspaces = workspaces
        self._chosen = next((row.id for row in workspaces if str(row.id) == remembered), None)

    @property
    def is_all(self) -> bool:
        return self._chosen is None

    @property
    def chosen(self) -> UUID | None:
        return self._chosen

    @property
    def name(self) -> str:
        """The chosen workspace's name, empty for all."""
        return next((row.name for row in self.workspaces if row.id == self._chosen), "")

    def choose(self, workspace: UUID | None) -> None:
        self._chosen = workspace
        self.changed.emit()

    def scope(self) -> Scope:
        """What queries may see: the chosen workspace, or all there are."""
        from backend.store.scope import Scope

        return self.whole_scope() if self._chosen is None else Scope.of(self._chosen)

    def whole_scope(self) -> Scope:
        """All workspaces the person may see, whichever is chosen."""
        from backend.store.scope import AGENCY, Scope

        return Scope.of(AGENCY, *(row.id for row in self.workspaces))


@dataclass(frozen=True)
class Services:
    """The services of one window."""

    installation: Installation
    bridge: Bridge
    reader: Reader
    submit: RequestSubmitter
    view: View
    looks: Looks
    settings: SettingsFile
    passphrase: PassphraseBox
    engine_start: BackgroundTask
    engine: EngineRunner
    last_seen: LastSeen
    demo: DemoControl
    notifications: NotificationChannel
