"""Hourly and daily figures of samples: what is kept when the samples themselves are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

HOUR, DAY = 3600, 86_400
PERCENT = 0.95


class Figure(NamedTuple):
    """One metric (by its number) in one hour or day that begins at ``at`` (epoch seconds)."""

    at: int
    metric: int
    n: int
    low: float
    mean: float
    p95: float
    high: float


def figures(moments: Array, values: Array, span_s: int) -> Iterator[Figure]:
    """Figures of each span and metric in which something was measured. ``values`` is moments x metrics, NaN = missing;
    ``moments`` ascend."""
    import numpy as np

    starts, firsts = np.unique(moments - moments % span_s, return_index=True)
    for at, block in zip(starts.tolist(), np.split(values, firsts[1:]), strict=True):
        columns = [column.tolist() for column in columns_of(block)]
        for metric, (n, low, mean, p95, high) in enumerate(zip(*columns, strict=True)):
            if n:
                yield Figure(at, metric, n, low, mean, p95, high)


def grid_figures(moments: Array, values: Array, each: int) -> Iterator[Figure]:
    """The same where every span has ``each`` moments, gaps being NaN: all spans at once."""

    blocks = values.reshape(-1, each, values.shape[1])
    starts = moments[::each].tolist()
    found = [column.tolist() for column in columns_of(blocks)]
    for at, *columns in zip(starts, *found, strict=True):
        for metric, (n, low, mean, p95, high) in enumerate(zip(*columns, strict=True)):
            if n:
                yield Figure(at, metric, n, low, mean, p95, high)


def columns_of(block: Array) -> tuple[Array, Array, Array, Array, Array]:
    """n, low, mean, p95 (between the two nearest values, in proportion) and high of all metrics at once.

    ``block`` is moments x metrics, or many such blocks of one height.
    """
    import numpy as np

    ordered = np.sort(block, axis=-2)  # NaN goes to the end
    n = np.count_nonzero(~np.isnan(block), axis=-2)
    last = np.maximum(n - 1, 0)
    place = PERCENT * last
    below, above = _row(ordered, np.floor(place)), _row(ordered, np.ceil(place))
    mean = np.nansum(block, axis=-2) / np.maximum(n, 1)
    return n, ordered[..., 0, :], mean, below + (above - below) * (place % 1), _row(ordered, last)


def _row(ordered: Array, numbers: Array) -> Array:
    """From each column the value in its own row."""
    import numpy as np

    found: Array = np.take_along_axis(ordered, numbers.astype(np.intp)[..., None, :], axis=-2)
    return found[..., 0, :]
