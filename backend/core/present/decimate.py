"""Fewer points, the same picture: lowest and highest value of each pixel column, gaps kept as gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def min_max(times: Array, values: Array, *, start: float, end: float, columns: int) -> tuple[Array, Array]:
    """At most two points a column between ``start`` and ``end``; short series come back as they are, cut to view.

    One point beyond each edge is kept, so that lines run out of the picture. NaN stays NaN.
    """
    import numpy as np

    first = max(0, int(np.searchsorted(times, start)) - 1)
    last = min(len(times), int(np.searchsorted(times, end, side="right")) + 1)
    times, values = times[first:last], values[first:last]
    if len(times) <= 2 * columns or columns < 1:
        return times, values
    column = ((times - start) * (columns / (end - start))).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    ends = np.append(starts[1:], len(times)) - 1
    return np.column_stack([times[starts], times[ends]]).ravel(), np.column_stack([low, high]).ravel()


def with_gaps(times: Array, values: Array, longest_s: float) -> tuple[Array, Array]:
    """Put a NaN between neighbours further apart than ``longest_s``: what was not observed is not joined."""
    import numpy as np

    far = np.flatnonzero(np.diff(times) > longest_s) + 1
    if not len(far):
        return times, values
    return np.insert(times, far, times[far - 1] + longest_s), np.insert(values, far, np.nan)


def gaps(times: Array, longest_s: float) -> list[tuple[float, float]]:
    """The spans between neighbours further apart than ``longest_s``."""
    import numpy as np

    far = np.flatnonzero(np.diff(times) > longest_s)
    return [(float(times[at]), float(times[at + 1])) for at in far]
