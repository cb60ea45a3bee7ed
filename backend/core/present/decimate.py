"""Fewer points, the same picture: lowest and highest value of each pixel column, gaps kept as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def min_max(times: Array, values: Array, *, start: float, end: float, columns: int) -> tuple[Array, Array]:
    """At most two values a column between ``start`` and ``end``; short series come back as they are, cut to view.

    One point beyond each edge is kept, so that lines run out of the picture. NaN stays NaN between columns.
    ``times`` ascend.
    """
    import numpy as np

    first = max(0, int(np.searchsorted(times, start)) - 1)
    last = min(len(times), int(np.searchsorted(times, end, side="right")) + 1)
    times, values = times[first:last], values[first:last]
    if len(times) <= 2 * columns or columns < 1 or end <= start:
        return times, values
    column = np.floor((times - start) * (columns / (end - start))).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    ends = np.append(starts[1:], len(times)) - 1
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    return _with_breaks(times, values, (starts, ends), (low, high))


def _with_breaks(
    times: Array, values: Array, spans: tuple[Array, Array], extremes: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Lowest and highest of each column, and a NaN before or after those that begin or end unobserved.

    A gap within one column cannot be seen; one that reaches its edge would else be drawn over.
    """
    import numpy as np

    starts, ends = spans
    empty = np.full(len(starts), np.nan)
    points = np.column_stack([empty, *extremes, empty]).ravel()
    moments = np.column_stack([times[starts], times[starts], times[ends], times[ends]]).ravel()
    kept = np.ones((len(starts), 4), dtype=bool)
    kept[:, 0], kept[:, 3] = np.isnan(values[starts]), np.isnan(values[ends])
    return moments[kept.ravel()], points[kept.ravel()]


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


@dataclass(frozen=True)
class Gap:
    """Time that was not observed, in epoch seconds, and why (empty: not known)."""

    since: float
    until: float
    why: str = ""

    def holds(self, moment: float) -> bool:
        """Whether it is strictly inside: both ends were observed."""
        return self.since < moment < self.until


def unobserved(times: Array, longest_s: float, since: float, until: float) -> list[Gap]:
    """What was not observed between ``since`` and ``until``: also before the first sample and after the last.

    ``times`` ascend; neighbours up to ``longest_s`` apart are joined, as is a sample with the end.
    """
    if not len(times):
        return [Gap(since, until)]
    ends = [(since, float(times[0])), *gaps(times, longest_s), (float(times[-1]), until)]
    return [Gap(start, end) for start, end in ends if end - start > longest_s]


def broken(times: Array, values: Array, spans: Sequence[Gap]) -> tuple[Array, Array]:
    """Put a NaN into each span between two samples, so that no line crosses it."""
    import numpy as np

    places = [int(np.searchsorted(times, gap.since, side="right")) for gap in spans]
    inner = [(place, gap) for place, gap in zip(places, spans, strict=True) if 0 < place < len(times)]
    if not inner:
        return times, values
    at = [place for place, _gap in inner]
    middles = [min(max(gap.since, float(times[place - 1])), float(times[place])) for place, gap in inner]
    return np.insert(times, at, middles), np.insert(values, at, np.nan)
