"""What becomes of wishes: taken, or refused with words; asked until it is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from backend.core.errors import MailyardError, Refused

if TYPE_CHECKING:
    from app.shell.bridge import Bridge
    from app.shell.reader import Reader
    from backend.engine.queries import WishFate

Settled = Callable[[MailyardError | None], None]

TOPICS = frozenset({"wishes", "jobs"})
ASK_MS = 500
PATIENCE_MS = 5000


class Fates(QObject):
    """Lives in the GUI thread. A wish nobody takes within five seconds waits for an engine, as the window says."""

    def __init__(self, reader: Reader, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._reader = reader
        self._open: dict[UUID, tuple[UUID, Settled, QElapsedTimer]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_MS)
        self._timer.timeout.connect(self._ask_all)
        bridge.changed.connect(self._on_changes)

    def watch(self, workspace: UUID, wish_id: UUID, settled: Settled) -> None:
        """Call ``settled`` once: with None when the wish was taken (or waits), else with the refusal."""
        since = QElapsedTimer()
        since.start()
        self._open[wish_id] = (workspace, settled, since)
        self._timer.start()
        self._ask(wish_id)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS:
            self._ask_all()

    def _ask_all(self) -> None:
        for wish_id in list(self._open):
            self._ask(wish_id)

    def _ask(self, wish_id: UUID) -> None:
        from backend.engine.queries import Fate
        from backend.store.scope import Scope

        workspace, _settled, _since = self._open[wish_id]

        def answered(fate: WishFate) -> None:
            self._heard(wish_id, fate)

        query = Fate(Scope.of(workspace), wish_id)
        self._reader.ask(self, str(wish_id), query, answered, self._failed)

    def _heard(self, wish_id: UUID, fate: WishFate) -> None:
        if wish_id not in self._open:
            return
        _workspace, settled, since = self._open[wish_id]
        if fate.is_open and since.elapsed() < PATIENCE_MS:
            return
        del self._open[wish_id]
        if not self._open:
            self._timer.stop()
        settled(Refused(fate.refusal) if fate.refusal else None)

    def _failed(self, _error: MailyardError) -> None:
        """The store cannot be read for now: asked again at the next turn; the page says why."""
