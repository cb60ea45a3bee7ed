"""The lines of a sparkline, computed by numpy in one go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF


@lru_cache(maxsize=2048)
def spark_lines(points: Sequence[tuple[int, float]], width: int, height: int) -> tuple[QLineF, ...]:
    """Points (seconds, percent) scaled into a box at the origin; the scale is 0 to 100, or the maximum if higher.

    ``points`` is a tuple, so that the same line is computed once. Unobserved points (NaN) are left out; of several
    within one pixel the highest stands. In pieces: stroking them as one path costs several times as much.
    """
    import numpy as np

    data = np.asarray(points, dtype=float).reshape(-1, 2)
    data = data[~np.isnan(data[:, 1])]
    if len(data) < 2:
        return ()
    times, values = data[:, 0], data[:, 1]
    xs = (times - times[0]) * (width / max(times[-1] - times[0], 1.0))
    ys = height - values * (height / max(100.0, float(values.max())))
    first_of_pixel = np.flatnonzero(np.diff(xs.astype(int), prepend=-1))
    xs, ys = xs[first_of_pixel], np.minimum.reduceat(ys, first_of_pixel)
    return tuple(QLineF(one, other) for one, other in pairwise(map(QPointF, xs.tolist(), ys.tolist())))
