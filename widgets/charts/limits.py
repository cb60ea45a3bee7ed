"""Dashed lines from which on a value is a warning, or critical: each begins behind its word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from backend.core.present.status import Status
from widgets.charts.curve import Curve
from widgets.charts.spec import Limit
from widgets.tokens import Theme

BEFORE, BETWEEN, BESIDE = 8.0, 14.0, 5.0
SHORTEST = 12.0  # a line, not a hyphen
DASHES = [4.0, 3.0]
INK = 2.0  # px above and below the letters of a word's line
ACROSS = 12  # places across a word where the data is asked
Placed = tuple[Limit, float, QRectF]


class LimitLines(pg.GraphicsObject):  # type: ignore[misc]
    """Lies under the curves and is painted in the pixels of the view; owned by its plot.

    Words next to each other stand side by side, and no line runs through the word of another. Where data would run
    through a word it stands above its line or below it.
    """

    def __init__(self, limits: Sequence[Limit], view_box: Any, curves: Sequence[Curve] = ()) -> None:
        super().__init__()
        self._limits, self._box, self._curves = limits, view_box, curves
        self._colours: dict[Status, QColor] = {}
        self._font = QFont()
        view_box.sigResized.connect(self._changed)
        view_box.sigRangeChanged.connect(self._changed)

    def recolour(self, theme: Theme, font: QFont) -> None:
        """Take the colours of a theme."""
        words = {Status.WARNING: theme.status_warning, Status.CRITICAL: theme.status_critical}
        self._colours = {status: QColor(colour) for status, colour in words.items()}
        self._font = QFont(font)
        self.update()

    def places(self) -> list[Placed]:
        """Each limit with the height of its line and the box of its word, in pixels of the view."""
        metrics, found, left = QFontMetricsF(self._font), [], BEFORE
        for limit in self._limits:
            y = round(self._box.mapFromView(QPointF(0.0, limit.value)).y()) + 0.5
            width = metrics.horizontalAdvance(limit.word)
            found.append((limit, y, self._clear(left, y, width, metrics.height())))
            left += width + BETWEEN
        return found

    def _clear(self, left: float, y: float, width: float, height: float) -> QRectF:
        """Room for a word on its line, or above or below it, where the fewest data runs through."""
        lowest = max(0.0, self._box.height() - height)
        tops = (y - height / 2, max(-INK, y - height - 1), min(lowest, y + 1))
        data = self._heights(left, left + width)
        places = [QRectF(left, top, width, height) for top in tops]
        return min(places, key=lambda box: np.sum((data > box.top() + INK) & (data < box.bottom() - INK)))

    def _heights(self, left: float, right: float) -> NDArray[np.float64]:
        """How high the data lies at some places across, in pixels of the view; none where there is none."""
        first, last = (self._box.mapToView(QPointF(x, 0.0)).x() for x in (left, right))
        wanted, found = np.linspace(first, last, ACROSS), []
        for curve in self._curves:
            times, values = curve.data
            if len(times):
                found.append(np.interp(wanted, times, values, left=np.nan, right=np.nan))
        values = np.concatenate(found) if found else np.empty(0)
        zero, one = (self._box.mapFromView(QPointF(0.0, value)).y() for value in (0.0, 1.0))
        heights: NDArray[np.float64] = zero + (one - zero) * values[~np.isnan(values)]
        return heights

    def pieces(self) -> Iterator[tuple[Limit, QLineF]]:
        """The lines, from behind their word to the right edge, without what lies under other words."""
        placed = self.places()
        for limit, y, word in placed:
            left = word.right() + BESIDE
            for _other, _y, box in placed:
                if box.left() > left and box.top() < y < box.bottom():
                    if box.left() - BESIDE - left >= SHORTEST:
                        yield limit, QLineF(left, y, box.left() - BESIDE, y)
                    left = box.right() + BESIDE
            yield limit, QLineF(left, y, self._box.width(), y)

    def boundingRect(self) -> QRectF:
        return QRectF(self._box.viewRect())

    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.save()
        to_scene, _is_invertible = self.sceneTransform().inverted()
        painter.setWorldTransform(self._box.sceneTransform() * to_scene * painter.worldTransform())
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for limit, _y, word in self.places():
            painter.setPen(self._colours[limit.status])
            painter.drawText(word, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, limit.word)
        for limit, line in self.pieces():
            pen = QPen(self._colours[limit.status], 1.0)
            pen.setDashPattern(DASHES)
            painter.setPen(pen)
            painter.drawLine(line)
        painter.restore()

    def _changed(self, *_: Any) -> None:
        self.prepareGeometryChange()
        self.update()
