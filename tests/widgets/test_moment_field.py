"""A field for a moment: whatever can be typed into it is one, in every zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QDate, QTime

from widgets.moment_field import MomentField

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's time zone cannot be changed")
NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(params=["Pacific/Kiritimati", "Etc/GMT+12", "UTC"])
def zone(request: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("year", [1752, 9999])
def test_the_farthest_days_are_moments(zone: str, qtbot: Any, year: int) -> None:
    field = MomentField(NOW)
    qtbot.addWidget(field)

    field.setDate(QDate(year, 12, 31))
    field.setTime(QTime(23, 59))

    assert timedelta() < abs(field.moment - NOW)
    assert field.moment.astimezone().year in (2000, 9999)


def test_a_moment_is_kept_to_the_minute(zone: str, qtbot: Any) -> None:
    field = MomentField(NOW + timedelta(seconds=59))
    qtbot.addWidget(field)

    assert field.moment == NOW
