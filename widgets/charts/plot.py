"""One plot: title with unit, the value now, lines, threshold, unobserved time, and a crosshair."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.decimate import gaps
from backend.core.present.format import DASH
from backend.core.present.text import _
from widgets import tokens
from widgets.charts.axes import TimeAxis, ValueAxis
from widgets.charts.crosshair import Crosshair
from widgets.charts.curve import Curve
from widgets.charts.legend import Legend
from widgets.charts.spec import PlotSpec
from widgets.label import Label

__all__ = ["Plot", "PlotSpec"]

SMALLEST_HEIGHT = 72
BELOW, ABOVE = 0.09, 1.12
MOST_BANDS = 50
TICKS = 3
WORD_GROUND = 190


class Plot(QWidget):
    """Made and fed by :class:`widgets.charts.stack.ChartStack`."""

    _is_built = False

    def __init__(self, spec: PlotSpec, longest_s: float, *, shows_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self._longest_s = longest_s
        self._spans: list[tuple[float, float]] = []
        self._bands: list[Any] = []
        self._head()
        self._view(shows_time)
        lines = enumerate(spec.shown_lines)
        self.curves = [Curve(tokens.LIGHT.series[at], longest_s, tokens.LINE_STYLES[at]) for at, _line in lines]
        self._grid = [pg.InfiniteLine(angle=0, movable=False) for _tick in range(TICKS)]
        self._limit = pg.InfiniteLine(pos=spec.threshold or 0, angle=0, movable=False)
        self._limit_word = pg.TextItem(anchor=(0, 0.5))
        for item in (*self._grid, self._limit):
            item.setZValue(-10)
        self._limit_word.setZValue(5)
        for item in (*self._grid, self._limit, self._limit_word, *self.curves):
            self.view.addItem(item, ignoreBounds=True)
        self.cross = Crosshair(self.view, self.curves, spec.form)
        self.scale_to(spec.top or 1.0)
        self.recolour()
        self._is_built = True

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self.recolour()

    def set_data(self, times: Any, values: dict[str, Any]) -> None:
        """Show these samples; the scale grows with them where it is not fixed."""
        for line, curve in zip(self.spec.shown_lines, self.curves, strict=True):
            curve.set_data(times, values.get(line.key, np.full(len(times), np.nan)))
        if self.spec.top is None:
            highest = max((curve.boundingRect().bottom() for curve in self.curves), default=1.0)
            self.scale_to(_round_up(max(highest, 1.0)))
        self._show_gaps(gaps(times, self._longest_s) if len(times) else [])
        self._show_now(float(times[-1]) if len(times) else None)
        self.view.setAccessibleDescription(self.summary(times, values))
        if self.cross.moment is not None:
            self.cross.show_at(self.cross.moment)

    def summary(self, times: Any, values: dict[str, Any]) -> str:
        """What a screen reader says of the plot."""
        words = []
        for line in self.spec.shown_lines:
            seen = np.asarray(values.get(line.key, ()), dtype=float)
            seen = seen[~np.isnan(seen)]
            words.append(self._summary_of(line.title, len(times), seen))
        return ". ".join(words)

    def scale_to(self, top: float) -> None:
        """Show 0 to ``top``, with a little room below and above."""
        self._axis.scale_to(top)
        self.view.setYRange(-BELOW * top, ABOVE * top, padding=0)
        for share, line in enumerate(self._grid):
            line.setPos(top * share / (TICKS - 1))

    def show_threshold(self, start: float) -> None:
        """Keep the threshold's word at the left edge of the view."""
        shown = self.spec.threshold is not None
        self._limit.setVisible(shown)
        self._limit_word.setVisible(shown)
        if self.spec.threshold is not None:
            self._limit_word.setPos(QPointF(start, self.spec.threshold))

    def recolour(self) -> None:
        """Take the colours of the palette's theme."""
        theme = tokens.theme_of(self.palette())
        small = QFont(self.font())
        small.setPixelSize(tokens.SMALL)
        self.view.setBackground(theme.bg_surface)
        for name in ("bottom", "left"):
            axis = self.view.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(None))
            axis.setTextPen(theme.chart_axis)
            axis.setStyle(tickLength=0, tickFont=small)
        for line in self._grid:
            line.setPen(pg.mkPen(theme.chart_grid))
        for curve, colour in zip(self.curves, theme.series, strict=False):
            curve.set_colour(colour)
        self._limit.setPen(pg.mkPen(theme.status_warning, style=Qt.PenStyle.DashLine))
        self._limit_word.setText(self.spec.threshold_word, color=theme.status_warning)
        self._limit_word.setFont(small)
        ground = QColor(theme.bg_surface)
        ground.setAlpha(WORD_GROUND)  # the word stays readable, the line under it visible
        self._limit_word.fill = pg.mkBrush(ground)
        self.cross.recolour(theme, small)
        for band in self._bands:
            band.setBrush(QColor(theme.chart_gap))

    def _head(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(tokens.PANEL_PADDING, 6, tokens.PANEL_PADDING, 0)
        row.setSpacing(6)
        row.addWidget(Label(self.spec.title, "strong"))
        row.addWidget(Label(self.spec.unit, "small"))
        row.addStretch(1)
        self.now = Label("", "caption")
        self.legend = Legend(self.spec.lines) if self.spec.lines else None
        row.addWidget(self.legend or self.now)
        self._column.addLayout(row)

    def _view(self, shows_time: bool) -> None:
        self._axis = ValueAxis(self.spec.axis_form or self.spec.form)
        self.view = pg.PlotWidget(axisItems={"bottom": TimeAxis(), "left": self._axis})
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMouseEnabled(x=True, y=False)
        self.view.setAccessibleName(f"{self.spec.title} {self.spec.unit}".strip())
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setMinimumHeight(SMALLEST_HEIGHT)
        item = self.view.getPlotItem()
        item.showAxis("bottom", shows_time)
        item.layout.setContentsMargins(0, 4, tokens.PANEL_PADDING, 0)
        self._column.addWidget(self.view)

    def _show_now(self, last: float | None) -> None:
        values = [None if last is None else curve.value_at(last) for curve in self.curves]
        words = [DASH if value is None else self.spec.form(value) for value in values]
        if self.legend is not None:
            self.legend.show_values(words)
        self.now.setText(_("now {value}").format(value=words[0]))

    def _summary_of(self, title: str, count: int, seen: Any) -> str:
        if not len(seen):
            return _("{title}: nothing observed").format(title=title)
        words = _("{title}: {count} samples, lowest {low}, highest {high}, last {last}")
        low, high, last = (self.spec.form(float(value)) for value in (seen.min(), seen.max(), seen[-1]))
        return words.format(title=title, count=count, low=low, high=high, last=last)

    def _show_gaps(self, spans: list[tuple[float, float]]) -> None:
        """Bands of time that was not observed; bands are reused, so that a tick does not flicker."""
        spans = spans[-MOST_BANDS:]
        if spans == self._spans:
            return
        self._spans = spans
        colour = QColor(tokens.theme_of(self.palette()).chart_gap)
        while len(self._bands) < len(spans):
            band = pg.LinearRegionItem((0, 0), movable=False, brush=colour, pen=pg.mkPen(None))
            band.setZValue(-20)
            self.view.addItem(band, ignoreBounds=True)
            self._bands.append(band)
        for at, band in enumerate(self._bands):
            band.setVisible(at < len(spans))
            if at < len(spans):
                band.setRegion(spans[at])


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power: float = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
