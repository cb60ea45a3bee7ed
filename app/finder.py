"""Ctrl+K: every command and every thing, found by its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.navigation import ACTIVITY, SERVERS, Window, commands
from backend.core.present.text import _
from backend.engine.queries import JobRow, Jobs
from backend.servers.queries import ServerRow, Servers
from widgets.command_palette import CommandPalette, PaletteEntry

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.core.errors import MailyardError


class Finder(QObject):
    """Gathers entries, shows the palette, does what was chosen. Owned by the window."""

    def __init__(self, window: Window, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = window
        self._parent = parent
        self._services = services
        self._acts: dict[str, Callable[[], None]] = {}
        self._entries: list[PaletteEntry] = []
        self.palette: CommandPalette | None = None

    def open(self) -> None:
        """Read servers and jobs, then show; commands are there whatever the reading says."""
        self._add_commands()
        services = self._services
        services.reader.ask(self, "servers", Servers(services.view.scope()), self._add_servers, self._failed)

    def _add_commands(self) -> None:
        for command in commands(self._window)[1:]:
            entry = PaletteEntry(f"command:{command.key}", command.words, _("Command"), command.shortcut)
            self._add(entry, command.act)

    def _add_servers(self, rows: tuple[ServerRow, ...]) -> None:
        for row in rows:
            words = f"{row.name} {row.address or ''}".strip()
            self._add(PaletteEntry(f"server:{row.id}", words, _("Server")), self._choose(SERVERS, row.id))
        services = self._services
        jobs = Jobs(services.view.scope(), services.installation.kinds)
        services.reader.ask(self, "jobs", jobs, self._add_jobs, self._failed)

    def _add_jobs(self, rows: tuple[JobRow, ...]) -> None:
        for row in rows[:100]:
            if not row.is_from_timetable:
                entry = PaletteEntry(f"job:{row.id}", f"{row.title} {row.about}".strip(), _("Job"))
                self._add(entry, self._choose(ACTIVITY, row.id))
        self._show()

    def _failed(self, _error: MailyardError) -> None:
        self._show()

    def _show(self) -> None:
        self.palette = CommandPalette(self._entries, self._parent)
        self.palette.chosen.connect(self._do)
        self.palette.finished.connect(self._end)
        self.palette.open()

    def _end(self) -> None:
        self._services.reader.forget(self)
        self.deleteLater()

    def _do(self, key: str) -> None:
        self._acts[key]()

    def _add(self, entry: PaletteEntry, act: Callable[[], None]) -> None:
        self._entries.append(entry)
        self._acts[entry.key] = act

    def _choose(self, page: str, thing: Any) -> Callable[[], None]:
        window = self._window

        def act() -> None:
            window.go_to(page)
            shown: Any = window.pages[page]
            shown.choose(thing)

        return act
