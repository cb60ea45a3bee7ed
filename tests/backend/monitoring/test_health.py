"""Thresholds of samples, as a table: how high, for how long, and what too few samples say."""

from __future__ import annotations

import pytest

from backend.monitoring.health import Health, health_of

NOW = 1_800_000_000

Samples = list[tuple[int, dict[str, float]]]


def _held(metric: str, *values: float | None, every_s: int = 300) -> Samples:
    """Values at the regular times up to now, the last one now; None where nothing was observed."""
    count = len(values)
    times = [NOW - every_s * (count - 1 - place) for place in range(count)]
    return [(at, {metric: value}) for at, value in zip(times, values, strict=True) if value is not None]


OK = Health("ok")


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        # CPU 80/95 % for 15 min
        (_held("cpu", 79, 79, 79, 79), OK),
        (_held("cpu", 80, 80, 80, 80), Health("warning", "CPU over 80 %")),
        (_held("cpu", 95, 95, 95, 95), Health("critical", "CPU over 95 %")),
        (_held("cpu", 99, 99, 94, 99), Health("warning", "CPU over 80 %")),
        (_held("cpu", 99, 99, 10, 99), OK),
        (_held("cpu", 10, 99, 99, 99), OK),  # ten minutes only: what was before is known to be low
        (_held("cpu", 99, 99, 99), OK),  # ten minutes only: nobody knows what was before
        (_held("cpu", None, 99, 99, 99), OK),
        (_held("cpu", 99, None, None, 99), Health("critical", "CPU over 95 %")),
        (_held("cpu", 99, 99, 99, 99, 99, 20), OK),
        # memory 85/95 % for 15 min
        (_held("memory", 84.9, 84.9, 84.9, 84.9), OK),
        (_held("memory", 85, 85, 85, 85), Health("warning", "memory over 85 %")),
        (_held("memory", 95, 96, 97, 98), Health("critical", "memory over 95 %")),
        # disk and inodes 80/90 % at once
        (_held("disk", 79.9), OK),
        (_held("disk", 80), Health("warning", "disk over 80 %")),
        (_held("disk", 90), Health("critical", "disk over 90 %")),
        (_held("disk", 99, 50), OK),
        (_held("inodes", 85), Health("warning", "inodes over 80 %")),
        (_held("inodes", 95), Health("critical", "inodes over 90 %")),
        # the worst decides
        ([(NOW, {"disk": 85, "inodes": 95})], Health("critical", "inodes over 90 %")),
        ([(NOW, {"cpu": 5, "memory": 10, "disk": 20, "inodes": 1})], OK),
        # nothing observed
        ([], Health("inconclusive", "nothing was observed in the last 30 minutes")),
        ([(NOW - 1_800, {"disk": 99})], Health("inconclusive", "nothing was observed in the last 30 minutes")),
        ([(NOW - 1_799, {"disk": 99})], Health("critical", "disk over 90 %")),
    ],
)
def test_health_is_what_held_for_its_time(samples: Samples, expected: Health) -> None:
    assert health_of(samples, NOW) == expected
