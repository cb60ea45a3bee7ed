"""A shaded band between a line and what 95 of 100 samples stay below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from backend.core.present.decimate import min_max

SHADE = 46  # of 255: lines and grid are seen through it


class Spread(pg.GraphicsObject):  # type: ignore[misc]
    """Owned by its plot, under the curve. Where either end is not observed there is no band."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor()
        self._times, self._lower, self._upper = np.empty(0), np.empty(0), np.empty(0)

    def set_colour(self, colour: str) -> None:
        self._colour = QColor(colour)
        self._colour.setAlpha(SHADE)
        self.update()

    def set_data(self, times: Any, lower: Any, upper: Any) -> None:
        """Epoch seconds (ascending) and both ends beside them, as arrays; no upper end is no band."""
        self.prepareGeometryChange()
        self._times, self._lower, self._upper = times, lower, upper
        self.update()

    def boundingRect(self) -> QRectF:
        if not len(self._upper) or np.isnan(self._upper).all():
            return QRectF()
        low, high = float(np.nanmin(self._lower)), float(np.nanmax(self._upper))
        start, end = float(self._times[0]), float(self._times[-1])
        return QRectF(start, low, max(end - start, 1e-9), max(high - low, 1e-9))

    def shapes(self) -> list[QPolygonF]:
        """What is seen of it, in the coordinates of the view."""
        view = self.getViewBox()
        if view is None or not len(self._upper) or np.isnan(self._upper).all():
            return []
        (start, end), _y = view.viewRange()
        columns = int(view.width())
        upper = min_max(self._times, self._upper, start=start, end=end, columns=columns)
        return _pieces(*upper, *min_max(self._times, self._lower, start=start, end=end, columns=columns))

    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        for shape in self.shapes():
            painter.drawPolygon(shape)


def _pieces(times: Any, upper: Any, lower_times: Any, lower: Any) -> list[QPolygonF]:
    """One shape for each stretch that was observed: along the upper end, and back along the lower one."""
    if len(times) != len(lower_times):
        return []
    seen = np.flatnonzero(~(np.isnan(upper) | np.isnan(lower)))
    found = []
    for run in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
        if len(run) > 1:
            there = [QPointF(float(times[at]), float(upper[at])) for at in run]
            back = [QPointF(float(lower_times[at]), float(lower[at])) for at in run[::-1]]
            found.append(QPolygonF([*there, *back]))
    return found
