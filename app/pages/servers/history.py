"""The history of a server: how far back, what a value stands for, and charts that grow finer under a zoom."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from app.pages.servers.chart_part import ChartPart
from app.pages.servers.charts import history_charts
from backend.core.present.text import N_, _
from backend.servers.charts.queries import ChartSeries, HistorySeries
from backend.servers.charts.resampling import SAMPLES, step_for
from backend.store.rollups import HOUR
from widgets import tokens
from widgets.button import Button
from widgets.menu import Menu
from widgets.range_buttons import CUSTOM, RangeButtons

if TYPE_CHECKING:
    from app.shell.window.page import Page
    from widgets.charts.key import ChartKey
    from widgets.charts.stack import ChartStack
    from widgets.range_buttons import RangeChoice

RANGES, FIRST = ("24h", "7d", "30d", "90d"), "24h"
PLACE = "servers.history"


class HistoryPart(ChartPart):
    """The whole range is read first; who zooms in is shown the same time in finer values.

    The chosen range is kept between starts, unless it is one of the person's own.
    """

    key, title = "history", N_("History")

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._forget()
        self._key: ChartKey | None = None
        kept = page.services.settings.now.ranges.get(PLACE, FIRST)
        self.ranges = RangeButtons(RANGES, kept if kept in RANGES else FIRST)
        self.ranges.chosen.connect(self._choose)
        self.save = Button("", "icon", icon_name="download", name=_("Save or show as table"))
        self.save.setProperty("flat", True)
        row = QHBoxLayout()
        row.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        row.addWidget(self.ranges)
        row.addStretch(1)
        row.addWidget(self.save)
        self._column.addLayout(row)

    def refresh(self) -> None:
        """Ask for the whole range."""
        if self._row is not None:
            choice = self.ranges.current
            until = None if choice.end is None else int(choice.end.timestamp())
            query = HistorySeries(self._page.services.view.scope(), self._row.id, choice.span_s, until)
            self._ask("history", query, self._show_whole)

    def _make_charts(self) -> ChartStack:
        from widgets.charts.key import ChartKey

        self._key = ChartKey()
        self._key.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 2)
        self._column.addWidget(self._key)
        charts = history_charts()
        charts.span_shown.connect(self._look_closer)
        charts.show_span(self.ranges.current.span_s)
        menu = Menu(self.save, _("Chart"))
        charts.fill(menu)
        self.save.setMenu(menu)
        return charts

    def _forget(self) -> None:
        """Another server, or another range, begins with the whole of it."""
        self._whole: ChartSeries | None = None

    def _choose(self, choice: RangeChoice) -> None:
        if choice.key != CUSTOM:
            settings = self._page.services.settings
            settings.remember(ranges={**settings.now.ranges, PLACE: choice.key})
        self._forget()
        self.refresh()

    def _show_whole(self, series: ChartSeries) -> None:
        if self.charts is None:
            return
        is_new, self._whole = self._whole is None, series
        if is_new:
            self.charts.show_span(series.until - series.since or self.ranges.current.span_s)
        if self.charts.follows:
            self._draw(series)
        else:
            self._look_closer(*self.charts.shown_span())

    def _look_closer(self, start: float, end: float) -> None:
        """The same time in what fits its length, and as much before and after: who pans on finds it there."""
        whole, span = self._whole, end - start
        if whole is None or self._row is None:
            return
        step_s = step_for(span)
        if step_s >= whole.step_s:
            self._draw(whole)
            return
        query = HistorySeries(
            self._page.services.view.scope(), self._row.id, round(3 * span), round(end + span), step_s
        )
        self._ask("closer", query, partial(self._show_closer, whole))

    def _show_closer(self, whole: ChartSeries, series: ChartSeries) -> None:
        """Unless another range or server was chosen meanwhile, or the whole is looked at again."""
        if whole is self._whole and self.charts is not None and not self.charts.follows:
            self._draw(series)

    def _draw(self, series: ChartSeries) -> None:
        """Within the bounds, and with the newest values, of the whole."""
        from widgets.charts.spec import Extent

        if self.charts is None or self._key is None or self._whole is None:
            return
        whole = self._whole
        extent = Extent(series.p95, series.gaps, whole.newest, whole.since, whole.until)
        self.charts.set_data(series.times, series.values, time.time(), extent)
        self._key.show_marks(_line(series.step_s), has_band=bool(series.p95))


def _line(step_s: int) -> str:
    if step_s == SAMPLES:
        return _("every 5 min")
    return _("hourly mean") if step_s == HOUR else _("daily mean")
