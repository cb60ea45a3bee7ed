"""What the status bar says: who the engine is, the last check, our network, how many jobs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.background.refresh_throttle import RefreshThrottle
from backend.core.present import format as words
from backend.core.present.jobs_told import jobs_told
from backend.core.present.status import Status
from backend.core.present.text import _

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.engine.presence import Presence
    from backend.engine.queries import Activity
    from backend.monitoring.queries import Watch
    from widgets.status_bar import StatusBar

EVERY_MS = 2000
TOPICS = frozenset({"jobs"})
ENGINE, CHECK, NETWORK, JOBS = "engine", "check", "network", "jobs"


class StatusBarState(QObject):
    """Lives in the GUI thread with the window; asks every two seconds and after changes."""

    counted = Signal(object)
    presence_changed = Signal(object)

    def __init__(self, services: Services, bar: StatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._bar = bar
        self.presence: Presence | None = None
        self._known: tuple[Presence, bool] | None = None
        self._was_grown = False
        bar.tell(ENGINE, _("Engine starting"), Status.WAITING)  # the parts stand in the order they are first told
        for part in (CHECK, NETWORK, JOBS):
            bar.tell(part, "")
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.ask_who)
        self._timer.start()
        self._throttle = RefreshThrottle(self)
        self._throttle.due.connect(self._ask_what)
        services.bridge.changed.connect(self._on_changes)
        services.view.changed.connect(self._ask_what)
        self._ask_what()
        self.ask_who()

    def close(self) -> None:
        """Ask no more; the window is closing."""
        self._timer.stop()
        self._throttle.close()
        self._services.reader.forget(self)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS:
            self._throttle.poke()

    def _ask_what(self) -> None:
        from backend.engine.queries import ActivityCounts

        self._asked = time.monotonic()
        self._ask("activity", ActivityCounts(self._services.view.scope()), self._show_counts)

    def ask_who(self) -> None:
        """Who the engine is now, and what goes with it."""
        from backend.engine.presence import EnginePresence
        from backend.monitoring.queries import WatchState

        installation = self._services.installation
        self._was_grown = self._services.engine_start.is_done and not self._services.engine.is_starting
        self._ask("presence", EnginePresence(installation.lock), self._show_presence)
        self._ask("watch", WatchState(), self._show_watch)
        self._bar.note.setText(words.minute(datetime.now(UTC)))

    def _ask(self, about: str, query: Any, answered: Any) -> None:
        self._services.reader.ask(self, about, query, answered, self._failed)

    def _show_presence(self, presence: Presence) -> None:
        is_starting = not presence.is_alive and not self._was_grown  # what was asked before is no news by now
        known = (presence, self._services.engine.is_running)
        if known == self._known or is_starting:
            return
        self.presence, self._known = presence, known
        if not presence.is_alive:
            self._bar.tell(ENGINE, _("No engine running"), Status.WARNING)
        elif presence.is_ours or self._services.engine.is_running:
            self._bar.tell(ENGINE, _("Engine running"), Status.OK)
        else:
            self._bar.tell(ENGINE, _("Engine runs in another process"), Status.OK)
        self.presence_changed.emit(presence)

    def _show_counts(self, counts: Activity) -> None:
        self._throttle.took(time.monotonic() - self._asked)
        self._bar.tell(JOBS, jobs_told(counts.running, counts.waiting_for_you))
        self.counted.emit(counts)

    def _show_watch(self, watch: Watch) -> None:
        if watch.last_check_at is None:
            self._bar.tell(CHECK, _("nothing checked yet"))
        else:
            age = words.age(watch.last_check_at, datetime.now(UTC))
            exact = words.exact(watch.last_check_at)
            self._bar.tell(CHECK, _("last check {age}").format(age=age), tip=exact)
        said, status = {
            "ok": (_("own network OK"), None),
            "warning": (_("own network: names cannot be resolved"), Status.WARNING),
            "inconclusive": (_("own network not verified"), Status.INCONCLUSIVE),
        }.get(watch.network, ("", None))
        self._bar.tell(NETWORK, said, status)

    def _failed(self, error: MailyardError) -> None:
        self._bar.tell(ENGINE, error.title, Status.CRITICAL)
        self.presence = self._known = None
