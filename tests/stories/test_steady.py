"""The demo left alone for two hours: it neither grows nor works more than it must."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.stories.steady import Course, Reading, course, demo, watch

log = logging.getLogger(__name__)

WARM_UP_S, TWO_HOURS_S, EVERY_S = 600.0, 7200.0, 30.0
MOST_MB_AN_HOUR, MOST_OF_A_CORE = 2.0, 0.05


def test_the_course_of_readings() -> None:
    """Ten megabytes an hour, half a core."""
    readings = [Reading(at, 100 + at / 360, 50.0, 7 + at / 2) for at in (0.0, 1800.0, 3600.0)]

    found = course(readings)

    assert found.window_mb_an_hour == pytest.approx(10.0)
    assert found == Course(found.window_mb_an_hour, 0.0, 0.5, 110.0, 50.0)


@pytest.mark.soak
@pytest.mark.timeout(9_000)
def test_two_hours_of_the_demo_leave_no_trace(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        found = watch(process, warm_up_s=WARM_UP_S, seconds=TWO_HOURS_S, every_s=EVERY_S)
    log.info("%s", found)
    assert found.window_mb_an_hour < MOST_MB_AN_HOUR
    assert found.clouds_mb_an_hour < MOST_MB_AN_HOUR
    assert found.core < MOST_OF_A_CORE
