"""One plot: title with unit, the newest value, lines, limits, unobserved time, and a crosshair."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log10
from typing import Any, ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.decimate import broken
from backend.core.present.format import DASH, number
from backend.core.present.text import N_, _, ngettext
from widgets import tokens
from widgets.charts.axes import TIME_HEIGHT, TimeAxis, ValueAxis
from widgets.charts.crosshair import Crosshair
from widgets.charts.curve import Curve
from widgets.charts.gap_bands import GapBands, stamp
from widgets.charts.legend import Legend
from widgets.charts.limits import LimitLines
from widgets.charts.spec import NOTHING_MORE, Extent, PlotSpec
from widgets.charts.spread import Spread
from widgets.key_hint import KeyHint
from widgets.label import Label

__all__ = ["Plot", "PlotSpec"]

SMALLEST_HEIGHT = 56
HALF_WORD = 9  # px that the words of the lowest and highest tick need beyond their ticks
TICKS = 3
NOW_S = 15.0  # a value as old is of now; an older one is told with its time


class Plot(QWidget):
    """Made and fed by :class:`widgets.charts.stack.ChartStack`."""

    KEYS: ClassVar[tuple[KeyHint, ...]] = (
        KeyHint("Left, Right", N_("In a chart: move the crosshair")),
        KeyHint("Up, Down", N_("In a chart: to the one above or below")),
        KeyHint("+, -", N_("In a chart: zoom")),
        KeyHint("Home", N_("In a chart: back to now")),
    )
    _is_built = False

    def __init__(self, spec: PlotSpec, longest_s: float, *, shows_time: bool) -> None:
        super().__init__()
        self.spec = spec
        self._longest_s = longest_s
        self._per_unit = 1.0
        self._head()
        self._view(shows_time)
        lines = enumerate(spec.shown_lines)
        self.curves = [Curve(tokens.LIGHT.series[at], tokens.LINE_STYLES[at]) for at, _line in lines]
        self.spreads = [Spread() for _curve in self.curves]
        self._grid = [pg.InfiniteLine(angle=0, movable=False) for _tick in range(TICKS)]
        self.limits = LimitLines(spec.limits, self.view.getViewBox(), self.curves)
        for item, depth in (*((line, -10) for line in self._grid), (self.limits, -5)):
            item.setZValue(depth)
        self.bands = GapBands(self.view.getViewBox())
        for item in (self.bands, *self._grid, self.limits, *self.spreads, *self.curves):
            self.view.addItem(item, ignoreBounds=True)
        self.cross = Crosshair(self.view, self.curves, self.figure)
        self.scale_to(spec.top or 1.0)
        self.view.getViewBox().sigResized.connect(self._fit_heights)
        self.recolour()
        self._is_built = True

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._is_built:
            self.recolour()

    def set_data(self, times: Any, values: Mapping[str, Any], now: float, extent: Extent = NOTHING_MORE) -> None:
        """Show these samples; the scale grows with them where it is not fixed."""
        found = extent.gaps or ()
        for line, curve, spread in zip(self.spec.shown_lines, self.curves, self.spreads, strict=True):
            curve.set_data(times, values.get(line.key, np.full(len(times), np.nan)), found)
            upper = extent.upper.get(line.key)
            spread.setVisible(upper is not None)
            spread.set_data(*curve.data, np.empty(0) if upper is None else broken(times, upper, found)[1])
        if self.spec.top is None:
            self.scale_to(_round_up(max(self._highest(), 1.0)))
        self.bands.show_gaps(found)
        self.limits.update()
        self._show_newest(self._newest_of(times, values) if extent.newest is None else extent.newest, now)
        if extent.until is not None and now - extent.until > self._longest_s:
            self._say_nothing_of_now()
        self.view.setAccessibleDescription(self.summary(times, values))
        if self.cross.moment is not None:
            self.cross.show_at(self.cross.moment)

    def summary(self, times: Any, values: Mapping[str, Any]) -> str:
        """What a screen reader says of the plot."""
        words = []
        for line in self.spec.shown_lines:
            seen = np.asarray(values.get(line.key, ()), dtype=float)
            seen = seen[~np.isnan(seen)]
            words.append(self._summary_of(line.title, len(times), seen))
        return ". ".join(words)

    @property
    def top(self) -> float:
        """The highest tick, in the spec's unit."""
        return self.value_axis.top

    def figure(self, value: float) -> str:
        """A value as the plot writes it: in the unit that stands in its head."""
        if self.spec.scaled is None:
            return self.spec.form(value)
        shown = value / self._per_unit
        return number(shown, 0 if abs(shown) >= 10 or shown == round(shown) else 1)

    def scale_to(self, top: float) -> None:
        """Show 0 to ``top``, with a little room below and above, in the unit that fits it."""
        if self.spec.scaled is not None:
            self._per_unit, unit = self.spec.scaled(top)
            self.unit.setText(unit)
        self.value_axis.scale_to(top)
        self._fit_heights()
        for share, line in enumerate(self._grid):
            line.setPos(top * share / (TICKS - 1))

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
        for curve, spread, colour in zip(self.curves, self.spreads, theme.series, strict=False):
            curve.set_colour(colour)
            spread.set_colour(colour)
        self.limits.recolour(theme, small)
        self.cross.recolour(theme, small)
        self.bands.recolour(theme.chart_gap)

    def _head(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(tokens.PANEL_PADDING, 6, tokens.PANEL_PADDING, 0)
        row.setSpacing(6)
        row.addWidget(Label(self.spec.title, "strong"))
        self.unit = Label(self.spec.unit, "small")
        row.addWidget(self.unit)
        row.addStretch(1)
        self.now = Label("", "caption")
        self.legend = Legend(self.spec.lines) if self.spec.lines else None
        row.addWidget(self.legend or self.now)
        self._column.addLayout(row)

    def _view(self, shows_time: bool) -> None:
        form = self.figure if self.spec.scaled else self.spec.axis_form or self.spec.form
        self.value_axis, self.time_axis = ValueAxis(form), TimeAxis()
        self.view = pg.PlotWidget(axisItems={"bottom": self.time_axis, "left": self.value_axis})
        self.view.setMenuEnabled(False)
        self.view.hideButtons()
        self.view.setMouseEnabled(x=True, y=False)
        self.view.setAccessibleName(f"{self.spec.title} {self.spec.unit}".strip())
        self.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.view.setMinimumHeight(SMALLEST_HEIGHT + (TIME_HEIGHT if shows_time else 0))
        item = self.view.getPlotItem()
        item.showAxis("bottom", shows_time)
        item.layout.setContentsMargins(0, 4, tokens.PANEL_PADDING, 0)
        self._column.addWidget(self.view)

    def _fit_heights(self, *_: Any) -> None:
        """Both outer ticks with their words inside the view, however high it is."""
        top = self.value_axis.top
        margin = top * HALF_WORD / max(self.view.getViewBox().height() - 2 * HALF_WORD, 1.0)
        self.view.setYRange(-margin, top + margin, padding=0)

    def _highest(self) -> float:
        tops = [item.boundingRect().bottom() for item in self.curves]
        return max([*tops, *(item.boundingRect().bottom() for item in self.spreads)])

    def _newest_of(self, times: Any, values: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
        """The last value of each line: a sample need not have all."""
        found = {}
        for line in self.spec.shown_lines:
            column = np.asarray(values.get(line.key, ()), dtype=float)
            seen = np.flatnonzero(~np.isnan(column))
            if len(seen):
                found[line.key] = float(times[seen[-1]]), float(column[seen[-1]])
        return found

    def _show_newest(self, newest: Mapping[str, tuple[float, float]], now: float) -> None:
        """Of now, with its time where it is older, or a dash where it is too old to say anything."""
        found = [newest.get(line.key) for line in self.spec.shown_lines]
        told = [each if each is not None and now - each[0] <= self._longest_s else None for each in found]
        words = [DASH if each is None else self.figure(each[1]) for each in told]
        if self.legend is not None:
            self.legend.show_values(words)
        first = told[0]
        said = _("now {value}") if first is None or now - first[0] <= NOW_S else _("{value} at {time}")
        self.now.setText(said.format(value=words[0], time=stamp(first[0] if first else now, now)))

    def _say_nothing_of_now(self) -> None:
        """A range that ended long ago has no value of now."""
        self.now.setText("")
        if self.legend is not None:
            self.legend.show_values([""] * len(self.spec.shown_lines))

    def _summary_of(self, title: str, count: int, seen: Any) -> str:
        if not len(seen):
            return _("{title}: no data").format(title=title)
        words = ngettext(
            "{title}: {count} sample, lowest {low}, highest {high}, last {last}",
            "{title}: {count} samples, lowest {low}, highest {high}, last {last}",
            count,
        )
        low, high, last = (self.spec.form(float(value)) for value in (seen.min(), seen.max(), seen[-1]))
        return words.format(title=title, count=count, low=low, high=high, last=last)


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power: float = 10.0 ** floor(log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
