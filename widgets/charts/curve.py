"""A line drawn from at most two points a pixel column; where nothing was observed there is no line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from backend.core.present.decimate import min_max, with_gaps

WIDTH = 1.25


class Curve(pg.GraphicsObject):  # type: ignore[misc]
    """One series. ``longest_s`` is how far two samples may lie apart and still be joined."""

    def __init__(self, colour: str, longest_s: float, style: Sequence[int] = ()) -> None:
        super().__init__()
        self._pen = QPen(QColor(colour), WIDTH)
        self._pen.setCosmetic(True)
        if style:
            self._pen.setDashPattern([length / WIDTH for length in style])
        self._longest_s = longest_s
        self._times, self._values = np.empty(0), np.empty(0)

    @property
    def colour(self) -> str:
        return self._pen.color().name().upper()

    def set_colour(self, colour: str) -> None:
        self._pen.setColor(QColor(colour))
        self.update()

    def set_data(self, times: Any, values: Any) -> None:
        """Epoch seconds (ascending) and values, arrays or lists."""
        self.prepareGeometryChange()
        self._times, self._values = with_gaps(
            np.asarray(times, dtype=float), np.asarray(values, dtype=float), self._longest_s
        )
        self.update()

    def value_at(self, moment: float) -> float | None:
        """The value observed nearest to ``moment``, None where nothing was."""
        if not len(self._times):
            return None
        at = int(np.clip(np.searchsorted(self._times, moment), 0, len(self._times) - 1))
        near = min((max(0, at - 1), at), key=lambda each: abs(self._times[each] - moment))
        value = float(self._values[near])
        too_far = abs(float(self._times[near]) - moment) > self._longest_s
        return None if np.isnan(value) or too_far else value

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
