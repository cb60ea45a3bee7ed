"""The lines of a sparkline."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import median

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF

STEP = 2  # px between two points at least
FLOOR = 20.0  # percent that the scale spans at least: noise is no storm
FAR = 2.5  # times the usual distance of two samples; further apart they are not joined
Points = Sequence[tuple[int, float]]


@lru_cache(maxsize=4096)
def polylines(points: Points, width: int, height: int) -> tuple[QPolygonF, ...]:
    """Points (seconds, percent) scaled into a box at the origin, a line for each stretch that was observed.

    The scale is the line's own, of at least :data:`FLOOR`, with what it has in the middle of that. ``points`` is a
    tuple, so that the same line is computed once. Unobserved points (NaN) end a line; of several within two pixels the
    highest stands: each point is a thing to be stroked, in every row and every frame.
    """
    seen = [(at, value) for at, value in points if not math.isnan(value)]
    if len(seen) < 2:
        return ()
    start, per_second = seen[0][0], width / max(seen[-1][0] - seen[0][0], 1)
    values = [value for _at, value in seen]
    middle, span = (min(values) + max(values)) / 2, max(max(values) - min(values), FLOOR)
    found = []
    for run in _runs(points):
        peaks: dict[int, tuple[int, float]] = {}
        for at, value in run:
            step = int((at - start) * per_second / STEP)
            if step not in peaks or value > peaks[step][1]:
                peaks[step] = at, value
        line = [
            QPointF((at - start) * per_second, height / 2 - (value - middle) / span * height)
            for at, value in peaks.values()
        ]
        found.append(QPolygonF(line))
    return tuple(line for line in found if line.size() > 1)


def _runs(points: Points) -> Iterator[Points]:
    """Neighbours that were observed without a gap between."""
    steps = [after[0] - before[0] for before, after in pairwise(points)]
    longest = FAR * median(steps)
    run: list[tuple[int, float]] = []
    for at, value in points:
        if run and (math.isnan(value) or at - run[-1][0] > longest):
            yield run
            run = []
        if not math.isnan(value):
            run.append((at, value))
    if run:
        yield run
