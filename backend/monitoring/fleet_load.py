"""How busy the servers of each workspace are together: two figures a metric every five minutes, kept like any sample.

A page that shows a day of a thousand servers reads the samples of one subject, not those of a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from backend.core.checks import WORKSPACE
from backend.core.metrics import Metric, MetricGroup
from backend.store.series_key import SeriesKey

if TYPE_CHECKING:
    import numpy as np

SHOWN: Final = ("cpu", "memory", "disk")
#: Half of the servers are below the first figure, all but one of twenty below the second.
PARTS: Final[Mapping[str, float]] = {"p50": 50.0, "p95": 95.0}
FLEET_METRICS: Final = MetricGroup(
    "fleet",
    WORKSPACE,
    (
        Metric("cpu_p50", "%", 0.1, "ratio"),
        Metric("cpu_p95", "%", 0.1, "ratio"),
        Metric("memory_p50", "%", 0.1, "ratio"),
        Metric("memory_p95", "%", 0.1, "ratio"),
        Metric("disk_p50", "%", 0.1, "ratio"),
        Metric("disk_p95", "%", 0.1, "ratio"),
        Metric("servers", "", 1.0),
    ),
)
YOUNG_S = 600  # an older sample says nothing of now


def fleet_series(workspace: UUID) -> SeriesKey:
    """The load of a workspace's servers; the agency's is that of all."""
    return SeriesKey(FLEET_METRICS, workspace, workspace)


def fleet_sample(servers: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """What some servers' figures (percent by metric, NaN where not observed) are together."""
    import numpy as np

    table = {metric: np.array([each[metric] for each in servers]) for metric in SHOWN}
    values = {"servers": float(len(servers))}
    for metric, column in table.items():
        seen = column[~np.isnan(column)]
        values |= {f"{metric}_{part}": float(np.percentile(seen, at)) for part, at in PARTS.items() if len(seen)}
    return values


def fleet_samples(columns: Mapping[str, np.ndarray[Any, Any]]) -> Mapping[str, np.ndarray[Any, Any]]:
    """The same of many moments: each metric as servers x moments, every value observed."""
    import numpy as np

    found = {
        f"{metric}_{part}": np.percentile(columns[metric], at, axis=0) for metric in SHOWN for part, at in PARTS.items()
    }
    count = next(iter(columns.values())).shape[0]
    return {**found, "servers": np.full(next(iter(found.values())).shape, float(count))}
