"""The polyline of a sparkline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

STEP = 2  # px between two points at least


@lru_cache(maxsize=4096)
def polyline(points: Sequence[tuple[int, float]], width: int, height: int) -> QPolygonF:
    """Points (seconds, percent) scaled into a box at the origin; the scale is 0 to 100, or the maximum if higher.

    ``points`` is a tuple, so that the same line is computed once. Unobserved points (NaN) are left out; of several
    within two pixels the highest stands: each point is a thing to be stroked, in every row and every frame.
    """
    seen = [(at, value) for at, value in points if not math.isnan(value)]
    if len(seen) < 2:
        return QPolygonF()
    start, span = seen[0][0], max(seen[-1][0] - seen[0][0], 1)
    per_second, highest = width / span, max(100.0, *(value for _at, value in seen))
    peaks: dict[int, tuple[int, float]] = {}
    for at, value in seen:
        step = int((at - start) * per_second / STEP)
        if step not in peaks or value > peaks[step][1]:
            peaks[step] = at, value
    return QPolygonF(
        [QPointF((at - start) * per_second, height - value * height / highest) for at, value in peaks.values()]
    )
