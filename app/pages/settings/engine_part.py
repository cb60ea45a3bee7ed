"""Settings > Engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox

from app.shell.window.data_size import DataSize
from app.shell.window.part import PanelPart
from backend.core.paths import shown_path
from backend.core.present.text import _
from backend.engine.presence import EnginePresence, Presence
from widgets.key_value import KeyValues
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.window.page import Page


class EnginePart(PanelPart):
    """Who does the work, and where its data lies."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Engine and database"))
        self._who, self._size = "", ""
        self.rows = KeyValues()
        self.panel.body.addWidget(self.rows)
        self.keep = QCheckBox(_("Keep the engine running when the window closes"))
        self.keep.setAccessibleName(self.keep.text())
        self.keep.setChecked(page.services.settings.now.keep_engine)
        self.keep.toggled.connect(self._choose_keep)
        self.panel.body.addWidget(self.keep)
        words = _("Jobs and checks then continue without a window. To end the engine: mailyard engine stop")
        self.panel.body.addWidget(Label(words, "muted", wraps=True))
        self.panel.body.addStretch(1)

    def refresh(self) -> None:
        installation = self._page.services.installation
        self._page.ask("presence", EnginePresence(installation.lock), self._show_presence)
        self._page.ask("size", DataSize(installation), self._show_size)

    def _show_presence(self, presence: Presence) -> None:
        self._who = _who(presence, is_mine=self._page.services.engine.is_running)
        self._show()

    def _choose_keep(self, is_kept: bool) -> None:
        self._page.services.settings.change(keep_engine=is_kept)

    def _show_size(self, size: str) -> None:
        self._size = size
        self._show()

    def _show(self) -> None:
        folder = self._page.services.installation.folder
        self.rows.set_rows(
            [
                (_("Engine"), self._who),
                (_("Database"), self._size),
                (_("Data folder"), shown_path(folder.root)),
                (_("Log"), shown_path(folder.logs)),
            ],
            mono=(_("Data folder"), _("Log")),
            copyable=(_("Data folder"), _("Log")),
        )


def _who(presence: Presence, *, is_mine: bool) -> str:
    """Who the engine is; one that left no note of itself has no number."""
    holder = presence.holder
    has_note = holder is not None and holder.is_known
    if presence.is_ours or (holder is not None and is_mine):
        said = _("a process of this window (PID {pid})") if has_note else _("a process of this window")
    elif holder is not None:
        said = _("another process ({role}, PID {pid})") if has_note else _("another process")
    else:
        return _("none: jobs wait until an engine runs")
    return said.format(role=holder.role, pid=holder.pid) if holder is not None else said
