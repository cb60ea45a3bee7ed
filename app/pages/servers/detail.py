"""The chosen server: Live, History, Network, Snapshots, Timeline."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.pages.servers.charts import day_charts, live_charts
from app.pages.servers.network import NetworkPart
from app.pages.servers.snapshots import SnapshotsPart
from app.pages.servers.table_dialog import ChartTable
from backend.core.present import format as words
from backend.core.present.status import life
from backend.core.present.text import _
from backend.engine.wishes import WATCH
from backend.servers.held import Held, ServerHoldings
from backend.servers.queries import (
    ChartSeries,
    HistorySeries,
    LiveSeries,
    ServerDetail,
    ServerDetails,
    ServerRow,
)
from backend.store.changes import AGES
from backend.store.scope import AGENCY
from widgets import tokens
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs
from widgets.timeline import Happening, Timeline

if TYPE_CHECKING:
    from app.shell.page import Page
    from widgets.charts.stack import ChartStack

LIVE, HISTORY, NETWORK, SNAPSHOTS, TIMELINE = range(5)
WATCH_S, RENEW_MS = 30, 15_000


class ServerDetailPanel(Panel):
    """Part of the Servers page. While *Live* is shown it keeps a lease on live samples."""

    shown_tab = Signal(int)

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: ServerRow | None = None
        self._live: ChartStack | None = None
        self._day: ChartStack | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        parts = [_("Live"), _("History"), _("Network"), _("Snapshots"), _("Timeline")]
        self.tabs = Tabs(_("Parts of the server"), parts)
        self.body.addWidget(self.tabs)
        self.parts = QStackedWidget()
        self.body.addWidget(self.parts, 1)
        self._build_parts()
        self.tabs.currentChanged.connect(self._turn_to)
        page.services.growing.ready.connect(self._drawing_came)
        self._lease = QTimer(self)
        self._lease.setInterval(RENEW_MS)
        self._lease.timeout.connect(self._renew)

    @property
    def server(self) -> ServerRow | None:
        return self._row

    @property
    def live_charts(self) -> ChartStack | None:
        return self._live

    def show_server(self, row: ServerRow | None) -> None:
        """Show another server, or the same one with newer facts."""
        is_other = row is None or self._row is None or row.id != self._row.id
        self._row = row
        if row is None:
            self._lease.stop()
            return
        self.name.setText(row.name)
        self.badge.show_status(row.status, row.health_note or "")
        size = f"{row.vcpus} vCPU, {words.data_size(row.memory_mb)}, {row.disk_gb} GB"
        facts = [row.address or words.DASH, size, f"{row.account} {row.region}", life(row.life)]
        if row.can_enter and row.first_contact == "bound":
            facts.append(_("trusted on first contact"))
        self.facts.setText("  ·  ".join(facts))
        self.network.show_server(row)
        if is_other:
            self._turn_to(self.tabs.currentIndex())

    def hear(self, topics: frozenset[str]) -> None:
        """Ask again where what changed concerns the shown tab."""
        concerned = {LIVE: {"live"}, HISTORY: {"servers", AGES}}.get(self.tabs.currentIndex(), {"servers"})
        if concerned & topics:
            self.refresh()

    def refresh(self) -> None:
        """Ask for what the shown tab needs."""
        if self._row is None:
            return
        scope, server = self._page.services.view.scope(), self._row.id
        tab = self.tabs.currentIndex()
        if tab == LIVE and self._row.can_enter:
            self._page.ask("live", LiveSeries(scope, server, 600), self._show_live)
        elif tab == HISTORY:
            self._page.ask("history", HistorySeries(scope, server, 24), self._show_history)
        elif tab in (NETWORK, SNAPSHOTS, TIMELINE):
            self._page.ask("detail", ServerDetails(scope, server), partial(self._show_detail, server))
        if tab == NETWORK:
            self._page.ask("held", ServerHoldings(scope, server), partial(self._show_held, server))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._turn_to(self.tabs.currentIndex())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._lease.stop()

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        self.name = Label("", "section", selectable=True)
        self.badge = StatusBadge()
        row.addWidget(self.name, 1)
        row.addWidget(self.badge)
        column.addLayout(row)
        self.facts = Label("", "small", wraps=True, selectable=True)
        column.addWidget(self.facts)
        return head

    def _build_parts(self) -> None:
        self._live_part, self._day_part = QWidget(), QWidget()
        for part in (self._live_part, self._day_part):
            layout = QVBoxLayout(part)
            layout.setContentsMargins(0, 0, 0, 0)
            self.parts.addWidget(part)
        self.network = NetworkPart(self._page.services)
        self.parts.addWidget(self.network)
        self.snapshots = SnapshotsPart(self._page.services)
        self.parts.addWidget(self.snapshots)
        self.timeline = Timeline(_("Timeline"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.timeline)
        self.parts.addWidget(scroll)
        self._closed = EmptyState(
            _("No live view"), _("Only servers made by Mailyard and switched on can be entered over SSH.")
        )
        self.parts.addWidget(self._closed)

    def _turn_to(self, tab: int) -> None:
        if self._row is None or not self.isVisible():
            return
        can_look = self._row.can_enter and self._row.power != "off"
        self.parts.setCurrentIndex(self.parts.count() - 1 if tab == LIVE and not can_look else tab)
        if tab == LIVE and can_look:
            self._ensure_live()
            self._renew()
            self._lease.start()
        else:
            self._lease.stop()
        if tab == HISTORY:
            self._ensure_day()
        self.refresh()
        self.shown_tab.emit(tab)

    def _ensure_live(self) -> None:
        """Charts are built when first looked at, and not before their heavy library is there."""
        if self._live is None and self._can_draw():
            self._live = live_charts()
            self._live.table_asked.connect(self._live_table)
            _fill(self._live_part, self._live)

    def _can_draw(self) -> bool:
        return self._page.services.growing.is_done

    def _drawing_came(self, _installation: object) -> None:
        if self._live is None and self._day is None:
            self._turn_to(self.tabs.currentIndex())

    def _ensure_day(self) -> None:
        if self._day is None and self._can_draw():
            self._day = day_charts()
            self._day.table_asked.connect(self._day_table)
            _fill(self._day_part, self._day)

    def _renew(self) -> None:
        if self._row is not None and self._row.can_enter:
            self._page.services.submit.hint(AGENCY, WATCH, {"server_id": str(self._row.id), "seconds": WATCH_S})

    def _show_live(self, series: ChartSeries) -> None:
        if self._live is not None:
            self._live.set_data(series.times, series.values, time.time())

    def _show_history(self, series: ChartSeries) -> None:
        if self._day is not None:
            self._day.set_data(series.times, series.values, time.time())

    def _show_held(self, server: UUID, held: Held) -> None:
        """The two answers of this tab come in any order, and late ones are of a server that was left."""
        if self._row is not None and self._row.id == server:
            self.network.show_held(held)

    def _show_detail(self, server: UUID, detail: ServerDetail) -> None:
        if self._row is None or self._row.id != server:
            return
        self.network.show_addresses(detail.addresses)
        self.snapshots.show_snapshots(self._row, detail.snapshots)
        now = datetime.now(UTC)
        self.timeline.set_lines(
            [Happening(event.text, words.age(event.at, now), words.exact(event.at)) for event in detail.events]
        )

    def _live_table(self) -> None:
        self._table(self._live)

    def _day_table(self) -> None:
        self._table(self._day)

    def _table(self, charts: Any) -> None:
        if charts is not None and self._row is not None:
            head, rows = charts.rows()
            ChartTable(self._row.name, head, rows, self).open()


def _fill(part: QWidget, charts: QWidget) -> None:
    layout = part.layout()
    assert layout is not None
    layout.addWidget(charts)


def key_of(row: ServerRow) -> UUID:
    """What tells servers apart over updates."""
    return row.id
