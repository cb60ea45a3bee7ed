"""The crosshair of one plot: a line at a moment, a ring on each curve, the value in a pill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QFont

from widgets.charts.curve import Curve
from widgets.tokens import Theme

RING = 8
GAP = 8


class Crosshair:
    """Items in the view of a plot; owned by the plot, hidden until :meth:`show_at`."""

    def __init__(self, view: Any, curves: Sequence[Curve], form: Callable[[float], str]) -> None:
        self._view, self._curves, self._form = view, curves, form
        self.moment: float | None = None
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._rings = pg.ScatterPlotItem(size=RING, pxMode=True)
        self._pill = pg.TextItem(anchor=(-0.12, 0.5))
        for depth, item in enumerate((self._line, self._rings, self._pill), start=10):
            item.setZValue(depth)
            item.hide()
            view.addItem(item, ignoreBounds=True)

    def show_at(self, moment: float) -> list[float | None]:
        """Move to ``moment``; the values there, one a curve, None where nothing was observed."""
        self.moment = moment
        values = [curve.value_at(moment) for curve in self._curves]
        seen = [value for value in values if value is not None]
        self._line.setPos(moment)
        self._line.show()
        self._rings.setData([moment] * len(seen), seen)
        self._rings.setVisible(bool(seen))
        self._pill.setVisible(bool(seen))
        if seen:
            self._show_pill(moment, seen)
        return values

    def hide(self) -> None:
        self.moment = None
        for item in (self._line, self._rings, self._pill):
            item.hide()

    def recolour(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme."""
        self._line.setPen(pg.mkPen(theme.text_secondary))
        self._rings.setPen(pg.mkPen(theme.series[0], width=2))
        self._rings.setBrush(pg.mkBrush(theme.bg_surface))
        self._pill.setColor(theme.text_primary)
        self._pill.fill = pg.mkBrush(theme.bg_surface)
        self._pill.border = pg.mkPen(theme.border_strong)
        strong = QFont(font)
        strong.setWeight(QFont.Weight.DemiBold)
        self._pill.setFont(strong)

    def _show_pill(self, moment: float, seen: list[float]) -> None:
        """Right of the line, or left of it where there is no room; never above the view."""
        (start, end), (low, high) = self._view.viewRange()
        self._pill.setText(" / ".join(self._form(value) for value in seen))
        width = self._pill.boundingRect().width()
        room = (end - moment) / max(end - start, 1e-9) * self._view.getViewBox().width()
        beside = GAP / max(width, 1.0)
        self._pill.setAnchor(pg.Point(1 + beside if room < width + 2 * GAP else -beside, 0.5))
        margin = (high - low) * 0.12
        self._pill.setPos(moment, max(low + margin, min(high - margin, max(seen))))
