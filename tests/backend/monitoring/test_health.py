"""Thresholds of samples, as a table: how high, for how long, and what too few samples say."""

from __future__ import annotations

import pytest

from backend.monitoring.health import health_of

NOW = 1_800_000_000

Samples = list[tuple[int, dict[str, float]]]


def _resources(metric: str, *values: float | None, every_s: int = 300) -> Samples:
    """Values at the regular times up to now, the last one now; None where nothing was observed."""
    count = len(values)
    times = [NOW - every_s * (count - 1 - place) for place in range(count)]
    return [(at, {metric: value}) for at, value in zip(times, values, strict=True) if value is not None]


OK = ("ok", "")


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        # CPU 80/95 % for 15 min
        (_resources("cpu", 79, 79, 79, 79), OK),
        (_resources("cpu", 80, 80, 80, 80), ("warning", "CPU over 80 %")),
        (_resources("cpu", 95, 95, 95, 95), ("critical", "CPU over 95 %")),
        (_resources("cpu", 99, 99, 94, 99), ("warning", "CPU over 80 %")),
        (_resources("cpu", 99, 99, 10, 99), OK),
        (_resources("cpu", 10, 99, 99, 99), OK),  # ten minutes only: what was before is known to be low
        (_resources("cpu", 99, 99, 99), OK),  # ten minutes only: nobody knows what was before
        (_resources("cpu", None, 99, 99, 99), OK),
        (_resources("cpu", 99, None, None, None), OK),  # nothing was seen since
        (_resources("cpu", 99, None, None, 99), ("critical", "CPU over 95 %")),
        (_resources("cpu", 99, 99, 99, 99, 99, 20), OK),
        # memory 85/95 % for 15 min
        (_resources("memory", 84.9, 84.9, 84.9, 84.9), OK),
        (_resources("memory", 85, 85, 85, 85), ("warning", "memory over 85 %")),
        (_resources("memory", 95, 96, 97, 98), ("critical", "memory over 95 %")),
        # disk and inodes 80/90 % at once
        (_resources("disk", 79.9), OK),
        (_resources("disk", 80), ("warning", "disk over 80 %")),
        (_resources("disk", 90), ("critical", "disk over 90 %")),
        (_resources("disk", 99, 50), OK),
        (_resources("inodes", 85), ("warning", "inodes over 80 %")),
        (_resources("inodes", 95), ("critical", "inodes over 90 %")),
        # the worst decides
        ([(NOW, {"disk": 85, "inodes": 95})], ("critical", "inodes over 90 %")),
        ([(NOW, {"cpu": 5, "memory": 10, "disk": 20, "inodes": 1})], OK),
        # nothing observed
        ([], ("inconclusive", "no data in the last 30 minutes")),
        ([(NOW - 1_800, {"disk": 99})], ("inconclusive", "no data in the last 30 minutes")),
        ([(NOW - 1_799, {"disk": 99})], ("critical", "disk over 90 %")),
    ],
)
def test_health_is_what_held_for_its_time(samples: Samples, expected: tuple[str, str]) -> None:
    verdict = health_of(samples, NOW)
    assert (verdict.word, verdict.why.text()) == expected
