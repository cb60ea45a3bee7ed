"""The polyline of a sparkline, computed by numpy in one go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF


@lru_cache(maxsize=2048)
def polyline(points: Sequence[tuple[int, float]], width: int, height: int) -> QPolygonF:
    """Points (seconds, percent) scaled into a box at the origin; the scale is 0 to 100, or the maximum if higher.

    ``points`` is a tuple, so that the same line is computed once. Unobserved points (NaN) are left out.
    """
    import numpy as np

    data = np.asarray(points, dtype=float).reshape(-1, 2)
    data = data[~np.isnan(data[:, 1])]
    if not len(data):
        return QPolygonF()
    times, values = data[:, 0], data[:, 1]
    span = max(times[-1] - times[0], 1.0)
    top = max(100.0, float(values.max()))
    xs = (times - times[0]) * (width / span)
    ys = height - values * (height / top)
    return QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
