"""What all pages share: reading when something changed, and the states a view can be in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.pace import Pace
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.notice import Notice
from widgets.page_header import PageHeader
from widgets.skeleton import Skeleton

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.core.errors import MailyardError
    from backend.store.query import Query
    from widgets.record_table import RecordTable


PAINTED_MS = 30  # what a page showed before is on the screen by then: reading would take turns with the painting


class Page(QWidget):
    """A page reads again when one of its topics changed while it is shown, else as soon as it is shown: what it showed
    before is painted first.

    Subclasses override :meth:`refresh` and name their ``topics``; they ask through :meth:`ask` only.
    """

    topics: frozenset[str] = frozenset()
    first_read = Signal()

    def __init__(self, services: Services, title: str) -> None:
        super().__init__()
        self.services = services
        self._is_stale, self._is_painted_first = True, False
        self._body: QWidget | None = None
        self._tables: dict[str, RecordTable[Any]] = {}
        self.header = PageHeader(title)
        self.notice = Notice()
        self.notice.acted.connect(self.refresh)
        self._column = QVBoxLayout(self)
        edge = tokens.PAGE_PADDING
        self._column.setContentsMargins(edge, 0, edge, tokens.PANEL_GAP)
        self._column.setSpacing(0)
        self._column.addWidget(self.header)
        self._column.addWidget(self.notice)
        self.skeleton = Skeleton(rows=8)
        self.skeleton.hide()
        self._ages = QTimer(self)
        self._ages.setInterval(5000)
        self._ages.timeout.connect(self.show_ages)
        self._pace = Pace(self)
        self._pace.due.connect(self._refresh_or_mark)
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

    def show_ages(self) -> None:
        """Bring 'n min ago' texts up to date; called every five seconds while the page is shown."""

    def remember(self, key: str, table: RecordTable[Any]) -> None:
        """Bring a table to the columns, widths and sorting the person left it with; keep them when the page closes."""
        self._tables[key] = table
        table.restore_layout(str(self.services.settings.now.tables.get(key, "")))

    def ask(self, about: str, query: Query[Any], answered: Callable[[Any], None]) -> None:
        """Run a query; an error is shown on the page with its way out."""
        wait_ms = PAINTED_MS if self._is_painted_first else 0
        asked = time.monotonic() + wait_ms / 1000

        def arrived(rows: Any) -> None:
            self._pace.took(time.monotonic() - asked)
            self.notice.clear()
            self._end_waiting()
            answered(rows)

        self.services.reader.ask(self, about, query, arrived, self.show_error, wait_ms=wait_ms)

    def show_error(self, error: MailyardError) -> None:
        """What could not be read, with the way out; what was shown before stays."""
        self._end_waiting()
        self.notice.say(Status.CRITICAL, error.title, error.remedy, _("Try again"), details=error.detail)

    def _end_waiting(self) -> None:
        if self._body is not None and self._body.isHidden():
            self.skeleton.stop()
            self.skeleton.hide()
            self._body.show()
            self.first_read.emit()

    def close_page(self) -> None:
        """Drop what was asked; called once by the window."""
        self._ages.stop()
        self._pace.close()
        layouts = {key: table.layout_text() for key, table in self._tables.items()}
        self.services.settings.remember(tables={**self.services.settings.now.tables, **layouts})
        self.services.reader.forget(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ages.start()
        if self._is_stale:
            self._is_stale = False
            self._is_painted_first = self._body is not None and not self._body.isHidden()
            self.refresh()
            self._is_painted_first = False

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._ages.stop()

    def _on_changes(self, topics: frozenset[str]) -> None:
        if topics & self.topics:
            self._pace.poke()

    def _on_view(self) -> None:
        self._refresh_or_mark()

    def _refresh_or_mark(self) -> None:
        if self.isVisible():
            self.refresh()
        else:
            self._is_stale = True
