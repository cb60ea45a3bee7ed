"""Packing time series: fixed-point integers, delta coded and deflated; lossless at each metric's resolution."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Metric:
    """A series every server has. ``step`` is the resolution it is kept at, in ``unit``. Never reorder: append."""

    key: str
    unit: str
    step: float


METRICS: tuple[Metric, ...] = (
    Metric("cpu", "%", 0.1),
    Metric("memory", "%", 0.1),
    Metric("disk", "%", 0.1),
    Metric("inodes", "%", 0.1),
    Metric("network_in", "B/s", 1.0),
    Metric("network_out", "B/s", 1.0),
    Metric("load", "", 0.01),
    Metric("swap", "%", 0.1),
    Metric("steal", "%", 0.1),
    Metric("iowait", "%", 0.1),
    Metric("processes", "", 1.0),
    Metric("queue", "messages", 1.0),
)
NUMBER = {metric.key: number for number, metric in enumerate(METRICS)}
MISSING = -(2**62)
ROW = struct.Struct(f"<{len(METRICS)}q")
SHAPE = struct.Struct("<HI")
GREATEST = 2**62
EMPTY = ROW.pack(*([MISSING] * len(METRICS)))


def pack_row(values: Mapping[str, float]) -> bytes:
    """One sample as a row of integers; a metric not in ``values`` (or not a number there) is missing, never 0."""
    return ROW.pack(*(_whole(values.get(metric.key), metric.step) for metric in METRICS))


def unpack_rows(rows: Sequence[bytes]) -> Array:
    """Samples as an array (moments x metrics) in each metric's unit, NaN where missing."""
    return in_units(_table(rows))


def pack_day(times: Sequence[int], rows: Sequence[bytes]) -> bytes:
    """A day of samples (epoch seconds ascending, packed rows) as one block."""
    import numpy as np

    return pack_table(np.asarray(times, dtype="<i8"), _table(rows))


def pack_table(times: Array, whole: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bytes:
    """The same of a table of whole steps, as :func:`table_of` makes it."""
    import numpy as np

    columns = np.vstack([times.astype("<i8"), whole.T])
    deltas = np.diff(columns, axis=1, prepend=0)
    return zlib.compress(SHAPE.pack(*columns.shape) + _bytes_by_significance(deltas), 9)


def table_of(values: Mapping[str, Array], length: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Values by metric key as a table of whole steps, moments x metrics; what is no number is missing."""
    import numpy as np

    whole = np.full((length, len(METRICS)), MISSING, dtype="<i8")
    for number, metric in enumerate(METRICS):
        if metric.key in values:
            steps = np.round(values[metric.key] / metric.step)
            seen = np.isfinite(steps)
            whole[seen, number] = np.clip(steps[seen], -GREATEST + 1, GREATEST)
    return whole


def unpack_day(packed: bytes) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int64]], Array]:
    """The inverse of :func:`pack_day`: (epoch seconds, values as :func:`unpack_rows` gives them)."""
    import numpy as np

    raw = zlib.decompress(packed)
    height, width = SHAPE.unpack_from(raw)
    planes = np.frombuffer(raw, dtype=np.uint8, offset=SHAPE.size).reshape(height, 8, width)
    zigzag = np.ascontiguousarray(planes.transpose(0, 2, 1)).view("<u8").reshape(height, width)
    deltas = (zigzag >> np.uint64(1)).astype("<i8") ^ -(zigzag & np.uint64(1)).astype("<i8")
    columns = np.cumsum(deltas, axis=1)
    return columns[0], in_units(_widened(columns[1:].T))


def _whole(value: float | None, step: float) -> int:
    if value is None or not isfinite(value):
        return MISSING
    return max(-GREATEST + 1, min(GREATEST, round(value / step)))


def _table(rows: Sequence[bytes]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Packed rows as moments x metrics. One written before a metric was appended is filled up."""
    import numpy as np

    even = b"".join((row + EMPTY[len(row) :])[: ROW.size] for row in rows)
    return np.frombuffer(even, dtype="<i8").reshape(len(rows), len(METRICS))


def _bytes_by_significance(deltas: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> bytes:
    """Zigzag, then all lowest bytes of a column together, all second ones ...: long runs of zero for deflate."""
    import numpy as np

    zigzag = ((deltas << 1) ^ (deltas >> 63)).astype("<u8", order="C")
    planes = zigzag.view(np.uint8).reshape(*deltas.shape, 8)
    return np.ascontiguousarray(planes.transpose(0, 2, 1)).tobytes()


def _widened(whole: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """A day packed before a metric was appended misses its column; one packed after it has one more than we know."""
    import numpy as np

    lacking = len(METRICS) - whole.shape[1]
    if lacking <= 0:
        return whole[:, : len(METRICS)]
    return np.pad(whole, ((0, 0), (0, lacking)), constant_values=MISSING)


def in_units(whole: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Array:
    """A table of whole steps as values, NaN where missing."""
    import numpy as np

    steps = np.array([metric.step for metric in METRICS])
    values: Array = np.where(whole == MISSING, np.nan, whole * steps)
    return values
