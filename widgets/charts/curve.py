"""A line drawn from at most two points a pixel column; where nothing was observed there is no line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from backend.core.present.decimate import Gap, broken, min_max

WIDTH = 1.25


class Curve(pg.GraphicsObject):  # type: ignore[misc]
    """One series. Where nothing was observed its owner says, in gaps."""

    def __init__(self, colour: str, style: Sequence[int] = ()) -> None:
        super().__init__()
        self._pen = QPen(QColor(colour), WIDTH)
        self._pen.setCosmetic(True)
        if style:
            self._pen.setDashPattern([length / WIDTH for length in style])
        self._gaps: Sequence[Gap] = ()
        self._times, self._values = np.empty(0), np.empty(0)

    @property
    def colour(self) -> str:
        return self._pen.color().name().upper()

    def set_colour(self, colour: str) -> None:
        self._pen.setColor(QColor(colour))
        self.update()

    def set_data(self, times: Any, values: Any, gaps: Sequence[Gap] = ()) -> None:
        """Epoch seconds (ascending) and values, arrays or lists; no line crosses a gap."""
        self.prepareGeometryChange()
        self._gaps = gaps
        self._times, self._values = broken(np.asarray(times, dtype=float), np.asarray(values, dtype=float), gaps)
        self.update()

    @property
    def data(self) -> tuple[Any, Any]:
        """Times and values as they are drawn, NaN where the line breaks."""
        return self._times, self._values

    def value_at(self, moment: float) -> float | None:
        """The value observed nearest to ``moment``, None where nothing was."""
        if not len(self._times) or any(gap.holds(moment) for gap in self._gaps):
            return None
        at = int(np.clip(np.searchsorted(self._times, moment), 0, len(self._times) - 1))
        near = min((max(0, at - 1), at), key=lambda each: abs(self._times[each] - moment))
        value = float(self._values[near])
        return None if np.isnan(value) else value

    def boundingRect(self) -> QRectF:
        if not len(self._times) or np.isnan(self._values).all():
            return QRectF()
        low, high = float(np.nanmin(self._values)), float(np.nanmax(self._values))
        start, end = float(self._times[0]), float(self._times[-1])
        return QRectF(start, low, max(end - start, 1e-9), max(high - low, 1e-9))

    def paint(self, painter: QPainter, *_: Any) -> None:
        view = self.getViewBox()
        if view is None or not len(self._times):
            return
        (start, end), _y = view.viewRange()
        times, values = min_max(self._times, self._values, start=start, end=end, columns=int(view.width()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        if self._pen.style() is Qt.PenStyle.SolidLine:
            painter.drawLines(_pieces(times, values))  # a twentieth of the time of a path, whose joins are worked out
        else:
            painter.drawPath(pg.arrayToQPath(times, values, connect="finite"))


def _pieces(times: Any, values: Any) -> list[QLineF]:
    """From each point to the next, where both were observed."""
    points = list(zip(times.tolist(), values.tolist(), strict=True))
    return [QLineF(*one, *other) for one, other in pairwise(points) if one[1] == one[1] and other[1] == other[1]]
