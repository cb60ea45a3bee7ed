"""The metrics of a server, which provisioning, monitoring and its pages share, and servers as what is sampled."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from backend.core.checks import SERVER
from backend.core.metrics import Metric, MetricGroup
from backend.store.scope import AGENCY
from backend.store.series_key import SeriesKey

SERVER_METRICS: Final = MetricGroup(
    "server",
    SERVER,
    (
        Metric("cpu", "%", 0.1, "ratio"),
        Metric("memory", "%", 0.1, "ratio"),
        Metric("disk", "%", 0.1, "ratio"),
        Metric("inodes", "%", 0.1, "ratio"),
        Metric("network_in", "B/s", 1.0),
        Metric("network_out", "B/s", 1.0),
        Metric("load", "", 0.01),
        Metric("swap", "%", 0.1, "ratio"),
        Metric("steal", "%", 0.1, "ratio"),
        Metric("iowait", "%", 0.1, "ratio"),
        Metric("processes", "", 1.0),
        Metric("queue", "messages", 1.0),
    ),
)


def server_series(server_id: UUID) -> SeriesKey:
    """The samples of a server, which is the agency's."""
    return SeriesKey(SERVER_METRICS, AGENCY, server_id)
