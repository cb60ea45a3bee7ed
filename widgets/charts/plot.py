"""One plot: title with unit, the value now, curve, threshold, gaps, and a crosshair shared with its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.decimate import gaps
from backend.core.present.format import DASH
from backend.core.present.text import _
from widgets import tokens
from widgets.charts.axes import TimeAxis, ValueAxis
from widgets.charts.curve import Curve
from widgets.label import Label


@dataclass(frozen=True)
class PlotSpec:
    """What a plot shows. ``top`` fixes the scale at 0..top; None follows the data upwards from 0."""

    key: str
    title: str
    unit: str
    form: Callable[[float], str]
    top: float | None = 100.0
    threshold: float | None = None
    threshold_word: str = ""


class Plot(QWidget):
    """Made and fed by :class:`widgets.charts.stack.ChartStack`."""

    def __init__(self, spec: PlotSpec, longest_s: float, *, shows_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self._longest_s = longest_s
        self._head()
        self.view = pg.PlotWidget(axisItems={"bottom": TimeAxis(), "left": ValueAxis(spec.form)})
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMouseEnabled(x=True, y=False)
        self.view.setAccessibleName(spec.title)
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setMinimumHeight(72)
        item = self.view.getPlotItem()
        item.showAxis("bottom", shows_time)
        item.layout.setContentsMargins(0, 4, 8, 0)
        self.curve = Curve(tokens.LIGHT.series[0], longest_s)
        self.view.addItem(self.curve, ignoreBounds=True)
        self._lines = [pg.InfiniteLine(angle=0, movable=False) for _tick in range(3)]
        self.cross = pg.InfiniteLine(angle=90, movable=False)
        self.cross.hide()
        self._limit = pg.InfiniteLine(pos=spec.threshold or 0, angle=0, movable=False)
        self._limit_word = pg.TextItem(anchor=(0, 0.5))
        for item_ in (*self._lines, self._limit, self.cross):
            item_.setZValue(-10)
            self.view.addItem(item_, ignoreBounds=True)
        self.view.addItem(self._limit_word, ignoreBounds=True)
        self._gaps: list[Any] = []
        column = self.layout()
        assert column is not None
        column.addWidget(self.view)
        self.scale_to(spec.top or 1.0)
        self.recolour()

    def _head(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(tokens.PANEL_PADDING, 6, tokens.PANEL_PADDING, 0)
        row.addWidget(Label(self.spec.title, "strong"))
        row.addWidget(Label(self.spec.unit, "small"))
        row.addStretch(1)
        self.now = Label("", "small")
        row.addWidget(self.now)
        column.addLayout(row)

    def set_data(self, times: Any, values: Any) -> None:
        """Show these samples; the scale grows with them where it is not fixed."""
        self.curve.set_data(times, values)
        bounds = self.curve.boundingRect()
        if self.spec.top is None:
            self.scale_to(_round_up(max(bounds.bottom(), 1.0)))
        self._show_gaps(gaps(times, self._longest_s) if len(times) else [])
        last = self.curve.value_at(float(times[-1])) if len(times) else None
        words = DASH if last is None else self.spec.form(last)
        self.now.setText(_("now {value}").format(value=words))
        self.view.setAccessibleDescription(self.summary(times, values))

    def summary(self, times: Any, values: Any) -> str:
        """What a screen reader says of the chart."""
        if not len(times):
            return _("nothing observed")
        from numpy import isnan, nanmax, nanmin

        if isnan(values).all():
            return _("nothing observed")
        form = self.spec.form
        words = _("{count} samples, lowest {low}, highest {high}")
        return words.format(count=len(times), low=form(float(nanmin(values))), high=form(float(nanmax(values))))

    def scale_to(self, top: float) -> None:
        self.view.setYRange(0, top, padding=0.02)
        for share, line in enumerate(self._lines):
            line.setPos(top * share / 2)

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
        self.view.setBackground(theme.bg_surface)
        for name in ("bottom", "left"):
            axis = self.view.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(theme.chart_axis)
            axis.setStyle(tickLength=0, tickFont=_small(self.font()))
        for line in self._lines:
            line.setPen(pg.mkPen(theme.chart_grid))
        self.curve.set_colour(theme.series[0])
        self.cross.setPen(pg.mkPen(theme.text_secondary))
        self._limit.setPen(pg.mkPen(theme.status_warning, style=Qt.PenStyle.DashLine))
        self._limit_word.setText(self.spec.threshold_word, color=theme.status_warning)
        self._limit_word.setFont(_small(self.font()))
        self._limit_word.fill = pg.mkBrush(theme.bg_surface)
        for band in self._gaps:
            band.setBrush(QColor(theme.chart_gap))

    def _show_gaps(self, spans: list[tuple[float, float]]) -> None:
        """Bands of time that was not observed."""
        for band in self._gaps:
            self.view.removeItem(band)
        colour = QColor(tokens.theme_of(self.palette()).chart_gap)
        self._gaps = []
        for span in spans[-50:]:
            band = pg.LinearRegionItem(span, movable=False, brush=colour, pen=pg.mkPen(None))
            band.setZValue(-20)
            self.view.addItem(band, ignoreBounds=True)
            self._gaps.append(band)


def _small(base: QFont) -> QFont:
    font = QFont(base)
    font.setPixelSize(tokens.SMALL)
    return font


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    from math import floor, log10

    power: float = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
