"""The live view of a server: the last five minutes, begun with the samples that are there already."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.pages.servers.chart_part import ChartPart
from app.pages.servers.charts import live_charts
from backend.core.present.text import N_, _
from backend.monitoring.live_follower import MOST_VIEWS
from backend.servers.charts.live_view import LIVE_LATE_S, live_view
from backend.servers.charts.queries import ChartSeries, HistorySeries, LiveSeries
from backend.store.changes import AGES
from widgets import tokens
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from widgets.charts.stack import ChartStack

#: Of the day before it is told since when a server is silent; shown is less.
LIVE_S, BEFORE_S = 600, 86_400


class LivePart(ChartPart):
    """The detail keeps the lease. Live samples come every second; those of every five minutes, and why
    there are none, are read anew with each renewal."""

    key, title = "live", N_("Live")

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._forget()
        queued = _("{count} live views are already running. This one starts when another ends.")
        self.note = self._line(queued.format(count=MOST_VIEWS))
        self.waiting = self._line(_("5-minute samples until the first live ones arrive."))

    @property
    def samples(self) -> int:
        """How many live samples are shown."""
        return 0 if self._live is None else len(self._live.times)

    def hear(self, topics: frozenset[str]) -> None:
        """Ask again for what changed."""
        if "live" in topics:
            self.refresh()
        if topics & {"servers", AGES}:
            self.refresh_before()

    def refresh(self) -> None:
        """Ask for live samples."""
        if self._row is not None:
            query = LiveSeries(self._page.services.view.scope(), self._row.id, LIVE_S)
            self._ask("live", query, self._show_live)

    def refresh_before(self) -> None:
        """Ask for what stands in where there are no live ones."""
        if self._row is not None:
            query = HistorySeries(self._page.services.view.scope(), self._row.id, BEFORE_S, step_s=0)
            self._ask("before", query, self._show_before)

    def _make_charts(self) -> ChartStack:
        return live_charts()

    def _forget(self) -> None:
        self._live: ChartSeries | None = None
        self._before: ChartSeries | None = None

    def _show_live(self, series: ChartSeries) -> None:
        self._live = series
        self._draw()

    def _show_before(self, series: ChartSeries) -> None:
        self._before = series
        self._draw()

    def _draw(self) -> None:
        from widgets.charts.spec import Extent

        if self.charts is None or self._live is None or self._before is None:
            return
        now = time.time()
        shown = live_view(self._live, self._before, now)
        extent = Extent(gaps=shown.gaps, since=shown.since, until=now)
        self.charts.set_data(shown.times, shown.values, now, extent)
        self._say(shown, now)

    def _say(self, shown: ChartSeries, now: float) -> None:
        """Why no live samples come yet; where nothing comes at all, the chart says so itself."""
        assert self._live is not None
        live, is_queued = self._live.times, self._live.is_queued
        is_late = not len(live) or now - float(live[-1]) > LIVE_LATE_S
        is_observed = not any(gap.until >= now for gap in shown.gaps)
        self.note.setVisible(is_queued)
        self.waiting.setVisible(is_late and is_observed and not is_queued)

    def _line(self, words: str) -> Label:
        label = Label(words, "small", wraps=True)
        label.setContentsMargins(tokens.PANEL_PADDING, 4, tokens.PANEL_PADDING, 0)
        label.hide()
        self._column.addWidget(label)
        return label
