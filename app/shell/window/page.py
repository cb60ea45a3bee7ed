"""What all pages share: reading when something changed, and the states a view can be in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.shell.background.refresh_throttle import RefreshThrottle
from app.shell.window.after_paint import AfterPaint
from app.shell.window.geometry import divide, split_text
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.banner import Banner
from widgets.focus_ring import BY_MOUSE
from widgets.page_header import PageHeader
from widgets.skeleton import Skeleton

if TYPE_CHECKING:
    from app.shell.card import Card
    from app.shell.route import Route
    from app.shell.session.services import Services
    from app.shell.window.page_keys import PageKeys
    from backend.core.errors import MailyardError
    from backend.store.query import Query
    from widgets.record_table import RecordTable


@dataclass(frozen=True)
class PageCommand:
    """Something that can be done with what is chosen: its words, its shortcut where it has one, the act."""

    key: str
    words: str
    shortcut: str
    act: Callable[[], None]


PAINTED_MS = 30  # what a page shows first is on the screen by then: reading would take turns with the painting


class Page(QWidget):
    """A page reads again when one of its topics changed while it is shown, else as soon as it is shown: what it showed
    before is painted first.

    Subclasses override :meth:`refresh` and name their ``topics``; one whose parts differ in theirs overrides
    :meth:`refresh_for`. They ask through :meth:`ask` only. ``route_asked``
    carries the :class:`app.shell.places.Route` of another page, or of a command: a page knows no other. Whether any
    place shows a kind of thing is asked by ``has_place``, which the window sets. ``said`` carries the
    :class:`app.shell.window.said.Said` of an act that was asked for.
    """

    topics: frozenset[str] = frozenset()
    first_read = Signal()
    route_asked = Signal(object)
    said = Signal(object)

    def __init__(self, services: Services, title: str) -> None:
        super().__init__()
        self.services = services
        self.has_place: Callable[[str], bool] = lambda _kind: True
        self._is_stale, self._is_painted_first = True, False
        self._news: frozenset[str] | None = None
        self._body: QWidget | None = None
        self._tables: dict[str, RecordTable[Any]] = {}
        self._splits: dict[str, QSplitter] = {}
        self.keys: PageKeys | None = None
        self._wants_keyboard = False
        self.header = PageHeader(title)
        self.banner = Banner()
        self.banner.acted.connect(self.refresh)
        self._column = QVBoxLayout(self)
        edge = tokens.PAGE_PADDING
        self._column.setContentsMargins(edge, 0, edge, tokens.PANEL_GAP)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._column.addWidget(self.banner)
        self.skeleton = Skeleton(rows=8)
        self.skeleton.hide()
        self._ages = QTimer(self)
        self._ages.setInterval(5000)
        self._ages.timeout.connect(self.show_ages)
        self._throttle = RefreshThrottle(self)
        self._throttle.due.connect(self._refresh_or_mark)
        services.bridge.changed.connect(self._on_changes)
        services.view.changed.connect(self._on_view)

    def add(self, widget: QWidget) -> None:
        """Put the page's body below its header; bars stand in for it until the first answer."""
        self._body = widget
        self._column.addWidget(self.skeleton)
        self._column.addWidget(widget, 1)
        widget.hide()
        self.skeleton.show()
        self.skeleton.wait()

    def refresh(self) -> None:
        """Ask for everything the page shows."""

    def refresh_for(self, _topics: frozenset[str]) -> None:
        """Ask for what these changes concern."""
        self.refresh()

    @property
    def route(self) -> Route | None:
        """Where in the page the person is, for going there again; None where that is the page itself."""
        return None

    def take_keyboard(self) -> None:
        """The person turned to the page: lead the keyboard to its main list, now or as soon as there is one."""
        is_by_mouse = self.window().property(BY_MOUSE) is True
        reason = Qt.FocusReason.OtherFocusReason if is_by_mouse else Qt.FocusReason.ShortcutFocusReason
        body = self._body
        self._wants_keyboard = body is None or not body.isVisible()
        if self._wants_keyboard or body is None or (self.keys is not None and self.keys.take_keyboard(reason)):
            return
        first = next((each for each in self.main_list.findChildren(QWidget) if _can_stop(each)), None)
        if _can_stop(self.main_list):
            first = self.main_list
        if first is not None:
            first.setFocus(reason)

    @property
    def main_list(self) -> QWidget:
        """Where the keyboard goes first, on a page without :attr:`keys`; it itself, or the first in it that can."""
        return self._body or self

    def commands(self) -> Sequence[PageCommand]:
        """What search offers of what is chosen on this page."""
        return ()

    def show_route(self, route: Route) -> None:
        """Turn to what a route names within the page: its part, or one of its things."""

    def take_cards(self, cards: tuple[Card, ...]) -> None:
        """What all places bring to the Overview, which shows it; no other page does."""

    def hears(self, topics: frozenset[str]) -> bool:
        """Whether what changed concerns the page."""
        return bool(topics & self.topics)

    def show_ages(self) -> None:
        """Bring 'n min ago' texts up to date; called every five seconds while the page is shown."""

    def remember(self, key: str, table: RecordTable[Any]) -> None:
        """Bring a table to the columns, widths and sorting the person left it with; keep them when the page closes."""
        self._tables[key] = table
        table.restore_layout(str(self.services.settings.now.tables.get(key, "")))

    def remember_split(self, key: str, splitter: QSplitter) -> None:
        """Divide a page as the person left it; keep that when the page closes."""
        self._splits[key] = splitter
        divide(splitter, self.services.settings.now.splits.get(key, ""))

    def ask(self, about: str, query: Query[Any], answered: Callable[[Any], None]) -> None:
        """Run a query; an error is shown on the page with its way out."""
        wait_ms = PAINTED_MS if self._is_painted_first else 0
        asked = time.monotonic() + wait_ms / 1000

        def arrived(rows: Any) -> None:
            self._throttle.took(time.monotonic() - asked)
            self.banner.clear()
            self._is_painted_first = self._end_waiting()
            answered(rows)
            self._is_painted_first = False

        self.services.reader.ask(self, about, query, arrived, self.show_error, wait_ms=wait_ms)

    def show_error(self, error: MailyardError) -> None:
        """What could not be read, with the way out; what was shown before stays."""
        self._end_waiting()
        self.banner.say(Status.CRITICAL, error.title, error.remedy, _("Retry"), details=error.detail)

    def _end_waiting(self) -> bool:
        """Whether the page has waited until now for what it shows first: that is painted before more is begun."""
        if self._body is None or not self._body.isHidden():
            return False
        self.skeleton.stop()
        self.skeleton.hide()
        self._body.show()
        if self._wants_keyboard and self.isVisible():
            self.take_keyboard()
        AfterPaint(self._body).over.connect(self.first_read)
        return True

    def close_page(self) -> None:
        """Drop what was asked; called once by the window."""
        self._ages.stop()
        self._throttle.close()
        layouts = {key: table.layout_text() for key, table in self._tables.items()}
        splits = {key: split_text(splitter) for key, splitter in self._splits.items()}
        kept = self.services.settings.now
        self.services.settings.remember(tables={**kept.tables, **layouts}, splits={**kept.splits, **splits})
        self.services.reader.forget(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()
        if self._is_stale:
            self._is_stale = False
            self._is_painted_first = self._body is not None and not self._body.isHidden()
            self._read_news()
            self._is_painted_first = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._wants_keyboard = False
        self._ages.stop()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if self.hears(topics):
            if self._news is not None:
                self._news |= topics
            self._throttle.poke()

    def _on_view(self) -> None:
        self._news = None
        self._refresh_or_mark()

    def _refresh_or_mark(self) -> None:
        if self.isVisible():
            self._read_news()
        else:
            self._is_stale = True

    def _read_news(self) -> None:
        """What changed since the last reading; everything where that is not known."""
        news, self._news = self._news, frozenset()
        self.refresh() if news is None else self.refresh_for(news)


def _can_stop(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
