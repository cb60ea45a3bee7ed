"""The parts of the frame: top bar, and what is shown while the installation opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.band import ModeBand
from widgets.banner import Banner
from widgets.button import Button
from widgets.skeleton import Skeleton
from widgets.switcher import Switcher

if TYPE_CHECKING:
    from backend.core.errors import MailyardError

SWITCHER_WIDTH, SEARCH_WIDTH, EDGE = 164, 360, 10


class TopBar(QFrame):
    """Switcher, band, search."""

    def __init__(self, *, is_demo: bool = False) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.setFixedHeight(tokens.TOP_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE, 0, tokens.PAGE_PADDING, 0)
        row.setSpacing(tokens.SIDEBAR + tokens.PAGE_PADDING - EDGE - SWITCHER_WIDTH)
        self.switcher = Switcher(_("Workspace"))
        self.switcher.setFixedWidth(SWITCHER_WIDTH)
        self.switcher.set_entries([("all", _("All workspaces"))], "all")
        note = _("emulated clouds, nothing real") if is_demo else _("real accounts, real costs")
        self.band = ModeBand(note, is_demo=is_demo)
        words = _("Search and commands")
        self.search = Button(words, "search", icon_name="search", name=words, hint=_("Ctrl+K"))
        self.search.setFixedWidth(SEARCH_WIDTH)
        row.addWidget(self.switcher)
        row.addWidget(self.band)
        row.addStretch(1)
        row.addWidget(self.search)


class LoadingPage(QWidget):
    """Bars after 150 ms while the installation opens, and what went wrong if it cannot be opened."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        edge = tokens.PAGE_PADDING
        column.setContentsMargins(edge, edge, edge, edge)
        self.banner = Banner()
        self.skeleton = Skeleton(rows=6)
        column.addWidget(self.banner)
        column.addWidget(self.skeleton)
        column.addStretch(1)
        self.skeleton.wait()

    def show_error(self, error: MailyardError) -> None:
        self.skeleton.stop()
        self.banner.say(Status.CRITICAL, error.title, error.remedy, _("Retry"), details=error.detail)

    def wait_again(self) -> None:
        """The person tries again."""
        self.banner.clear()
        self.skeleton.wait()
