"""Packing time series: fixed-point integers, delta coded and deflated; lossless at each metric's resolution."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from math import inf
from sys import float_info
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from backend.core.metrics import Metric, MetricGroup

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Table = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

MISSING = -(2**62)
GREATEST = 2**62
WHOLE = struct.calcsize("<q")
SHAPE = struct.Struct("<HI")


class DamagedBlock(ValueError):
    """A stored day is not what was written."""


class Layout:
    """How samples of one group lie in bytes: its metrics by their place. Immutable; one a group, :func:`layout_of`.

    A place never changes its meaning: groups are only appended to. What was written before a metric was appended is
    filled up with a gap; of what a later version measured more, the rest is read.
    """

    def __init__(self, group: MetricGroup) -> None:
        self.metrics = group.metrics
        self.number = {metric.key: number for number, metric in enumerate(self.metrics)}
        self._row = struct.Struct(f"<{len(self.metrics)}q")
        self._nothing = self._row.pack(*([MISSING] * len(self.metrics)))
        self._columns = tuple((metric.key, metric.step, _least(metric)) for metric in self.metrics)

    def pack_row(self, values: Mapping[str, float]) -> bytes:
        """One sample as a row of integers; a metric not in ``values`` (or not a number there) is missing, never 0."""
        return self._row.pack(*(_whole(values.get(key), step, least) for key, step, least in self._columns))

    def unpack_rows(self, rows: Sequence[bytes]) -> Array:
        """Samples as an array (moments x metrics) in each metric's unit, NaN where missing."""
        return self.in_units(self._table(rows))

    def pack_day(self, times: Sequence[int], rows: Sequence[bytes]) -> bytes:
        """A day of samples (epoch seconds ascending, packed rows) as one block."""
        import numpy as np

        return pack_table(np.asarray(times, dtype="<i8"), self._table(rows))

    def unpack_day(self, packed: bytes) -> tuple[Table, Array]:
        """The inverse of :meth:`pack_day`: (epoch seconds, values as :meth:`unpack_rows` gives them).

        :raises DamagedBlock: it is not what was written.
        """
        import numpy as np

        planes = _planes(packed)
        height, _bytes, width = planes.shape
        zigzag = np.ascontiguousarray(planes.transpose(0, 2, 1)).view("<u8").reshape(height, width)
        deltas = (zigzag >> np.uint64(1)).astype("<i8") ^ -(zigzag & np.uint64(1)).astype("<i8")
        columns = np.cumsum(deltas, axis=1)
        return columns[0], self.in_units(self._widened(columns[1:].T))

    def table_of(self, values: Mapping[str, Array], length: int) -> Table:
        """Values by metric key as a table of whole steps, moments x metrics; what is no number is missing."""
        import numpy as np

        whole = np.full((length, len(self.metrics)), MISSING, dtype="<i8")
        for number, (key, step, least) in enumerate(self._columns):
            if key in values:
                seen = np.isfinite(values[key]) & (values[key] >= least)
                with np.errstate(over="ignore"):  # beyond all bounds is clipped
                    steps = np.round(values[key][seen] / step)
                whole[seen, number] = np.clip(steps, -GREATEST + 1, GREATEST)
        return whole

    def in_units(self, whole: Table) -> Array:
        """A table of whole steps as values, NaN where missing."""
        import numpy as np

        steps = np.array([metric.step for metric in self.metrics])
        values: Array = np.where(whole == MISSING, np.nan, whole * steps)
        return values

    def _table(self, rows: Sequence[bytes]) -> Table:
        """Packed rows as moments x metrics."""
        import numpy as np

        if set(map(len, rows)) - {self._row.size}:
            rows = [self._filled(row) for row in rows]
        return np.frombuffer(b"".join(rows), dtype="<i8").reshape(len(rows), len(self.metrics))

    def _filled(self, row: bytes) -> bytes:
        """A row of another width at ours; of one that was cut inside an integer, the whole ones count."""
        whole = row[: len(row) // WHOLE * WHOLE]
        return (whole + self._nothing[len(whole) :])[: self._row.size]

    def _widened(self, whole: Table) -> Table:
        import numpy as np

        lacking = len(self.metrics) - whole.shape[1]
        if lacking <= 0:
            return whole[:, : len(self.metrics)]
        return np.pad(whole, ((0, 0), (0, lacking)), constant_values=MISSING)


@cache
def layout_of(group: MetricGroup) -> Layout:
    """That of a group; made once."""
    return Layout(group)


def pack_table(times: Array, whole: Table) -> bytes:
    """A day of whole steps (moments x metrics), as :meth:`Layout.table_of` makes it, as one block."""
    import numpy as np

    columns = np.vstack([times.astype("<i8"), whole.T])
    deltas = np.diff(columns, axis=1, prepend=0)
    return zlib.compress(SHAPE.pack(*columns.shape) + _bytes_by_significance(deltas), 9)


def _least(metric: Metric) -> float:
    """Less than none is no count: what counts began anew."""
    return 0.0 if metric.kind == "counter" else -float_info.max


def _whole(value: float | None, step: float, least: float) -> int:
    if value is None or not least <= value < inf:
        return MISSING
    return round(max(-GREATEST + 1, min(GREATEST, value / step)))


def _planes(packed: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """What was compressed: of each column the bytes by their significance.

    :raises DamagedBlock: it is not what was written.
    """
    import numpy as np

    try:
        raw = zlib.decompress(packed)
        height, width = SHAPE.unpack_from(raw)
        planes = np.frombuffer(raw, dtype=np.uint8, offset=SHAPE.size).reshape(height, 8, width)
    except (zlib.error, struct.error, ValueError) as error:
        raise DamagedBlock(str(error)) from error
    if not height:
        raise DamagedBlock("a block without its times")
    return planes


def _bytes_by_significance(deltas: Table) -> bytes:
    """Zigzag, then all lowest bytes of a column together, all second ones ...: long runs of zero for deflate."""
    import numpy as np

    zigzag = ((deltas << 1) ^ (deltas >> 63)).astype("<u8", order="C")
    planes = zigzag.view(np.uint8).reshape(*deltas.shape, 8)
    return np.ascontiguousarray(planes.transpose(0, 2, 1)).tobytes()
