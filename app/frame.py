"""The parts of the frame: top bar, status bar, and what is shown while the installation opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.band import ModeBand
from widgets.button import Button
from widgets.label import Label
from widgets.notice import Notice
from widgets.status_badge import StatusBadge
from widgets.switcher import Switcher

if TYPE_CHECKING:
    from backend.core.errors import MailyardError

SKELETON_MS = 150


class TopBar(QFrame):
    """Switcher, band, search."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setFixedHeight(tokens.TOP_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, tokens.PAGE_PADDING, 0)
        row.setSpacing(26)
        self.switcher = Switcher(_("Workspace"))
        self.switcher.setFixedWidth(164)
        self.switcher.set_entries([("all", _("All workspaces"))], "all")
        self.band = ModeBand(_("real accounts, real money"))
        self.search = Button(
            _("Search and commands    Ctrl+K"), "search", icon_name="search", name=_("Search and commands")
        )
        self.search.setMinimumWidth(300)
        row.addWidget(self.switcher)
        row.addWidget(self.band)
        row.addStretch(1)
        row.addWidget(self.search)


class StatusBar(QFrame):
    """Who does the work, and how much of it there is."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "status")
        self.setFixedHeight(tokens.STATUS_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PAGE_PADDING, 0, tokens.PAGE_PADDING, 0)
        row.setSpacing(16)
        self.engine = StatusBadge(Status.WAITING, _("Opening"), plain=True)
        self.jobs = Label("", "small")
        row.addWidget(self.engine)
        row.addWidget(self.jobs)
        row.addStretch(1)
        self.note = Label("", "small")
        row.addWidget(self.note)

    def show_engine(self, status: Status, words: str, counts: Any) -> None:
        self.engine.show_status(status, words)
        text = _("{running} running, {waiting} waiting for you")
        self.jobs.setText(text.format(running=counts.running, waiting=counts.waiting_for_you))

    def show_trouble(self, words: str) -> None:
        self.engine.show_status(Status.CRITICAL, words)


class LoadingPage(QWidget):
    """Says that something is opening after 150 ms, and what went wrong if it cannot be opened."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        edge = tokens.PAGE_PADDING
        column.setContentsMargins(edge, edge, edge, edge)
        self.notice = Notice()
        self.words = Label("", "muted")
        column.addWidget(self.notice)
        column.addWidget(self.words)
        column.addStretch(1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._say_opening)
        self._later.start(SKELETON_MS)

    def show_error(self, error: MailyardError) -> None:
        self._later.stop()
        self.words.setText("")
        self.notice.say(Status.CRITICAL, error.title, error.remedy, _("Try again"))

    def _say_opening(self) -> None:
        self.words.setText(_("Opening the database..."))
