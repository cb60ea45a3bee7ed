"""Means of hours and days: of samples where they are still kept, else of the roll-ups; and how fine to ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.store.rollups import DAY, HOUR, columns_of

if TYPE_CHECKING:
    import numpy as np

    from backend.store.metrics import Rollup

    Array = np.ndarray[Any, Any]

#: As they were sampled, for up to so many seconds; then hours for up to so many; then days.
SAMPLES, SAMPLES_UP_TO_S, HOURS_UP_TO_S = 0, 8 * DAY, 32 * DAY


@dataclass(frozen=True)
class Means:
    """``times`` in epoch seconds ascending; mean and 95th percentile by metric beside them, NaN = not observed."""

    times: Array
    values: Mapping[str, Array]
    p95: Mapping[str, Array] = field(default_factory=dict)


def step_for(span_s: float) -> int:
    """What one point of so long a time stands for: :data:`SAMPLES`, an hour or a day."""
    if span_s <= SAMPLES_UP_TO_S:
        return SAMPLES
    return HOUR if span_s <= HOURS_UP_TO_S else DAY


def means_of(times: Array, values: Mapping[str, Array], step_s: int) -> Means:
    """Means of each ``step_s`` (of UTC) in which there is a sample, standing at the middle of its samples."""
    import numpy as np

    if not len(times):
        return Means(times, values, values)
    starts, firsts, counts = np.unique(times - times % step_s, return_index=True, return_counts=True)
    span = np.repeat(np.arange(len(starts)), counts)
    place = np.arange(len(times)) - firsts[span]
    blocks = np.full((len(starts), int(counts.max()), len(values)), np.nan)
    for number, column in enumerate(values.values()):
        blocks[span, place, number] = column
    n, _low, mean, p95, _high = columns_of(blocks)
    mean, p95 = np.where(n > 0, mean, np.nan), np.where(n > 0, p95, np.nan)
    middles = np.add.reduceat(times.astype(float), firsts) / counts
    keys = list(values)
    return Means(
        middles, {key: mean[:, at] for at, key in enumerate(keys)}, {key: p95[:, at] for at, key in enumerate(keys)}
    )


def means_of_rollups(found: Mapping[str, Sequence[Rollup]], step_s: int) -> Means:
    """Roll-ups by metric as means; each stands at the middle of its hour or day."""
    import numpy as np

    starts = sorted({row.at for rows in found.values() for row in rows})
    place = {at: number for number, at in enumerate(starts)}
    mean = {metric: np.full(len(starts), np.nan) for metric in found}
    p95 = {metric: np.full(len(starts), np.nan) for metric in found}
    for metric, rows in found.items():
        for row in rows:
            mean[metric][place[row.at]], p95[metric][place[row.at]] = row.mean, row.p95
    return Means(np.array(starts, dtype=float) + step_s / 2, mean, p95)


def joined(older: Means, newer: Means) -> Means:
    """One after the other."""
    import numpy as np

    if not len(older.times):
        return newer
    return Means(
        np.concatenate([older.times, newer.times]),
        {key: np.concatenate([older.values[key], column]) for key, column in newer.values.items()},
        {key: np.concatenate([older.p95[key], column]) for key, column in newer.p95.items()},
    )
