"""What becomes of requests: taken, or refused with words; asked until it is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from backend.core.errors import MailyardError, Refused

if TYPE_CHECKING:
    from app.shell.background.bridge import Bridge
    from app.shell.background.reader import Reader
    from backend.engine.queries import RequestOutcome

Settled = Callable[[MailyardError | None], None]

TOPICS = frozenset({"requests", "jobs"})
ASK_MS = 500
PATIENCE_MS = 5000


class OutcomeTracker(QObject):
    """Lives in the GUI thread. A request nobody takes within five seconds waits for an engine, as the window says."""

    def __init__(self, reader: Reader, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._reader = reader
        self._open: dict[UUID, tuple[UUID, Settled, QElapsedTimer]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_MS)
        self._timer.timeout.connect(self._ask_all)
        bridge.changed.connect(self._on_changes)

    def watch(self, workspace: UUID, request_id: UUID, settled: Settled) -> None:
        """Call ``settled`` once: with None when the request was taken (or waits), else with the refusal."""
        since = QElapsedTimer()
        since.start()
        self._open[request_id] = (workspace, settled, since)
        self._timer.start()
        self._ask(request_id)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS:
            self._ask_all()

    def _ask_all(self) -> None:
        for request_id in list(self._open):
            self._ask(request_id)

    def _ask(self, request_id: UUID) -> None:
        from backend.engine.queries import RequestOutcomes
        from backend.store.scope import Scope

        workspace, _settled, _since = self._open[request_id]

        def answered(outcome: RequestOutcome) -> None:
            self._heard(request_id, outcome)

        query = RequestOutcomes(Scope.of(workspace), request_id)
        self._reader.ask(self, str(request_id), query, answered, self._failed)

    def _heard(self, request_id: UUID, outcome: RequestOutcome) -> None:
        if request_id not in self._open:
            return
        _workspace, settled, since = self._open[request_id]
        if outcome.is_open and since.elapsed() < PATIENCE_MS:
            return
        del self._open[request_id]
        if not self._open:
            self._timer.stop()
        settled(Refused(outcome.refusal) if outcome.refusal else None)

    def _failed(self, _error: MailyardError) -> None:
        """The store cannot be read for now: asked again at the next turn; the page says why."""
