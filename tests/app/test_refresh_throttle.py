"""A storm of changes is read at the pace reading allows; a single change at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.shell.background.refresh_throttle import MOST_MS, SHARE, RefreshThrottle


@pytest.fixture
def throttle(qtbot: Any) -> Iterator[RefreshThrottle]:
    owner = QObject()
    made = RefreshThrottle(owner)
    made.dues = []  # type: ignore[attr-defined]
    made.due.connect(lambda: made.dues.append(None))  # type: ignore[attr-defined]
    yield made
    made.close()
    owner.deleteLater()


def test_the_first_change_is_read_at_once(throttle: RefreshThrottle) -> None:
    throttle.poke()

    assert len(throttle.dues) == 1  # type: ignore[attr-defined]


def test_changes_during_a_rest_are_read_once_after_it(throttle: RefreshThrottle, qtbot: Any) -> None:
    throttle.poke()
    throttle.took(0.02)
    for _change in range(50):
        throttle.poke()
    assert len(throttle.dues) == 1  # type: ignore[attr-defined]

    qtbot.waitUntil(lambda: len(throttle.dues) == 2)  # type: ignore[attr-defined]


def test_the_rest_is_four_times_the_reading_and_never_longer_than_two_seconds(throttle: RefreshThrottle) -> None:
    for seconds, rest_ms in ((0.1, 100 * (SHARE - 1)), (30.0, MOST_MS)):
        throttle.poke()
        throttle.took(seconds)
        assert throttle._rest.interval() == rest_ms
        throttle._rest.stop()


def test_after_the_end_nothing_is_due(throttle: RefreshThrottle) -> None:
    throttle.poke()
    throttle.took(0.005)
    throttle.poke()
    throttle.close()

    assert not throttle._rest.isActive()
    throttle._rest.timeout.emit()  # one that was on its way already
    assert len(throttle.dues) == 1  # type: ignore[attr-defined]
