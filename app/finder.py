"""Ctrl+K: every command and every thing, found by its words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.navigation import Window, asked_for
from app.palette_choices import choices
from app.places import PLACES
from app.shell.places import Finding, load
from app.shell.route import Thing
from backend.core.present.text import _
from widgets.command_palette import CommandPalette, PaletteEntry

if TYPE_CHECKING:
    from app.shell.session.services import Services
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
        self._findings: list[Finding] = [load(place.finds) for place in PLACES.all if place.finds]
        self.palette: CommandPalette | None = None

    def open(self) -> None:
        """Read what each place lets be found, one after the other, then show; commands are there whatever they say."""
        for command in self._window.page_commands():
            entry = PaletteEntry(f"act:{command.key}", command.words, _("Action"), command.shortcut)
            if entry.key not in self._acts:
                self._add(entry, command.act)
        for asked in asked_for(self._window)[1:]:
            self._add(PaletteEntry(f"command:{asked.key}", asked.words, _("Command"), asked.shortcut), asked.act)
        for choice in choices(self._services, self._window.look_at):
            self._add(PaletteEntry(choice.key, choice.words, choice.kind), choice.act)
        self._ask_next()

    def _ask_next(self) -> None:
        if not self._findings:
            self._show()
            return
        finding, services = self._findings.pop(0), self._services
        query = finding.query(services)
        services.reader.ask(self, finding.kind, query, partial(self._add_found, finding), self._failed)

    def _add_found(self, finding: Finding, rows: Any) -> None:
        for found in finding.found(rows):
            entry = PaletteEntry(f"{finding.kind}:{found.id}", found.words, _(finding.title))
            self._add(entry, partial(self._window.go, Thing(finding.kind, found.id)))
        self._ask_next()

    def _failed(self, _error: MailyardError) -> None:
        self._ask_next()

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
