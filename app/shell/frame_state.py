"""What the status bar says: who the engine is, the last check, our network, how many jobs, how large the data."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.data_size import DataSize
from app.shell.pace import Pace
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.core.errors import MailyardError
    from backend.engine.presence import Presence
    from backend.engine.queries import Activity
    from backend.monitoring.queries import Watch
    from widgets.status_bar import StatusBar

EVERY_MS = 2000
TOPICS = frozenset({"jobs"})
ENGINE, CHECK, NETWORK, JOBS = "engine", "check", "network", "jobs"


class FrameState(QObject):
    """Lives in the GUI thread with the window; asks every two seconds and after changes."""

    counted = Signal(object)
    presence_changed = Signal(object)

    def __init__(self, services: Services, bar: StatusBar, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._bar = bar
        self.presence: Presence | None = None
        self._was_grown = False
        bar.tell(ENGINE, _("Engine starts"), Status.WAITING)  # the parts stand in the order they are first told
        for part in (CHECK, NETWORK, JOBS):
            bar.tell(part, "")
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._ask_who)
        self._timer.start()
        self._pace = Pace(self)
        self._pace.due.connect(self._ask_what)
        services.bridge.changed.connect(self._on_changes)
        services.view.changed.connect(self._ask_what)
        self._ask_what()
        self._ask_who()

    def close(self) -> None:
        """Ask no more; the window is closing."""
        self._timer.stop()
        self._pace.close()
        self._services.reader.forget(self)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & TOPICS:
            self._pace.poke()

    def _ask_what(self) -> None:
        from backend.engine.queries import ActivityCounts

        self._asked = time.monotonic()
        self._ask("activity", ActivityCounts(self._services.view.scope()), self._show_counts)

    def _ask_who(self) -> None:
        from backend.engine.presence import EnginePresence
        from backend.monitoring.queries import WatchState

        installation = self._services.installation
        self._was_grown = self._services.growing.is_done
        self._ask("presence", EnginePresence(installation.lock, installation.folder.engine_lock), self._show_presence)
        self._ask("size", DataSize(installation), self._show_size)
        self._ask("watch", WatchState(), self._show_watch)

    def _ask(self, about: str, query: Any, answered: Any) -> None:
        self._services.reader.ask(self, about, query, answered, self._failed)

    def _show_presence(self, presence: Presence) -> None:
        is_starting = not presence.is_alive and not self._was_grown  # what was asked before is no news by now
        if presence == self.presence or is_starting:
            return
        self.presence = presence
        if not presence.is_alive:
            self._bar.tell(ENGINE, _("No engine runs"), Status.WARNING)
        elif presence.is_ours:
            self._bar.tell(ENGINE, _("Engine running"), Status.OK)
        else:
            self._bar.tell(ENGINE, _("Engine runs in another process"), Status.OK)
        self.presence_changed.emit(presence)

    def _show_counts(self, counts: Activity) -> None:
        self._pace.took(time.monotonic() - self._asked)
        text = ngettext("{n} job", "{n} jobs", counts.running).format(n=words.number(counts.running))
        if counts.waiting_for_you:
            text = _("{jobs}, {n} waiting for you").format(jobs=text, n=words.number(counts.waiting_for_you))
        self._bar.tell(JOBS, text)
        self.counted.emit(counts)

    def _show_watch(self, watch: Watch) -> None:
        if watch.last_check_at is None:
            self._bar.tell(CHECK, _("nothing checked yet"))
        else:
            age = words.age(watch.last_check_at, datetime.now(UTC))
            self._bar.tell(CHECK, _("last check {age}").format(age=age))
        said = {"ok": _("our network OK"), "inconclusive": _("our network not proven up")}
        status = Status.INCONCLUSIVE if watch.network == "inconclusive" else None
        self._bar.tell(NETWORK, said.get(watch.network, ""), status)

    def _show_size(self, size: str) -> None:
        self._bar.note.setText(f"{size}  ·  {words.minute(datetime.now(UTC))}")

    def _failed(self, error: MailyardError) -> None:
        self._bar.tell(ENGINE, error.title, Status.CRITICAL)
        self.presence = None
