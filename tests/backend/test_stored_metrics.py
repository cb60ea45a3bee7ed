"""Stored samples are read by the place of each metric: what was released once stays where it was."""

from __future__ import annotations

import pytest

from backend.core.metrics import MetricGroup
from backend.features import FEATURES

#: Each group as files of some installation have it: append here what is appended there, and change nothing else.
STORED = {
    "server": (
        ("cpu", 0.1),
        ("memory", 0.1),
        ("disk", 0.1),
        ("inodes", 0.1),
        ("network_in", 1.0),
        ("network_out", 1.0),
        ("load", 0.01),
        ("swap", 0.1),
        ("steal", 0.1),
        ("iowait", 0.1),
        ("processes", 1.0),
        ("queue", 1.0),
    ),
    "fleet": (
        ("cpu_p50", 0.1),
        ("cpu_p95", 0.1),
        ("memory_p50", 0.1),
        ("memory_p95", 0.1),
        ("disk_p50", 0.1),
        ("disk_p95", 0.1),
        ("servers", 1.0),
    ),
}


@pytest.mark.parametrize("group", FEATURES.metrics(), ids=lambda group: group.key)
def test_a_group_lies_as_it_was_stored(group: MetricGroup) -> None:
    """A metric that is measured no longer is retired, not removed; see ``MetricGroup``."""
    assert tuple((metric.key, metric.step) for metric in group.metrics) == STORED[group.key]
