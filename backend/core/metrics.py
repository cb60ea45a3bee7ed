"""What is measured: metrics, and groups of them that are sampled together of one kind of subject."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from backend.core.checks import SUBJECTS

LONGEST_KEY = 60
SAMPLES_KEPT = timedelta(days=90)
ROLLUPS_KEPT = timedelta(days=731)


@dataclass(frozen=True)
class Metric:
    """One figure of a sample. ``step`` is the resolution it is kept at, in ``unit``.

    ``kind``: a *gauge* is a level or a rate at the moment, a *ratio* a share in percent, a *counter* how many there
    were since the sample before (what a subject counts from its start is subtracted by who samples it): less than none
    is a gap, and the sum over a span is :attr:`backend.store.metrics.Rollup.total`. ``is_retired``: nothing samples
    it any more; history still has it.
    """

    key: str
    unit: str
    step: float
    kind: Literal["gauge", "ratio", "counter"] = "gauge"
    is_retired: bool = False

    def __post_init__(self) -> None:
        if self.step <= 0 or (self.kind == "ratio" and self.unit != "%"):
            raise ValueError(f"no metric: {self}")


@dataclass(frozen=True, eq=False)
class MetricGroup:
    """Metrics of one kind of subject that are sampled together; a sample is packed as one. A constant of its feature.

    ``metrics`` is how stored samples are read, by place: append, never reorder, never remove and never change a step.
    One that is measured no longer stays as ``is_retired``; one that was appended is a gap in older samples. The order
    is written down a second time in tests/backend/test_stored_metrics.py. ``samples_kept`` and ``rollups_kept`` are
    counted in whole days. ``key`` is stored: to change it is to lose the history.

    :raises ValueError: the subject is none of :data:`backend.core.checks.SUBJECTS`, two metrics share a key, or there
        are none; the key is longer than :data:`LONGEST_KEY`.
    """

    key: str
    subject: str
    metrics: tuple[Metric, ...]
    samples_kept: timedelta = SAMPLES_KEPT
    rollups_kept: timedelta = ROLLUPS_KEPT

    def __post_init__(self) -> None:
        keys = [metric.key for metric in self.metrics]
        is_told_apart = 0 < len(set(keys)) == len(keys) and 0 < len(self.key) <= LONGEST_KEY
        if self.subject not in SUBJECTS or not is_told_apart:
            raise ValueError(f"no group of metrics: {self.key}")

    @property
    def current(self) -> tuple[Metric, ...]:
        """Those that are sampled today: what is shown."""
        return tuple(metric for metric in self.metrics if not metric.is_retired)
