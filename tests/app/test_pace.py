"""A storm of changes is read at the pace reading allows; a single change at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject

from app.shell.pace import MOST_MS, SHARE, Pace


@pytest.fixture
def pace(qtbot: Any) -> Iterator[Pace]:
    owner = QObject()
    made = Pace(owner)
    made.dues = []  # type: ignore[attr-defined]
    made.due.connect(lambda: made.dues.append(None))  # type: ignore[attr-defined]
    yield made
    made.close()
    owner.deleteLater()


def test_the_first_change_is_read_at_once(pace: Pace) -> None:
    pace.poke()

    assert len(pace.dues) == 1  # type: ignore[attr-defined]


def test_changes_during_a_rest_are_read_once_after_it(pace: Pace, qtbot: Any) -> None:
    pace.poke()
    pace.took(0.02)
    for _change in range(50):
        pace.poke()
    assert len(pace.dues) == 1  # type: ignore[attr-defined]

    qtbot.waitUntil(lambda: len(pace.dues) == 2)  # type: ignore[attr-defined]


def test_the_rest_is_four_times_the_reading_and_never_longer_than_two_seconds(pace: Pace) -> None:
    for seconds, rest_ms in ((0.1, 100 * (SHARE - 1)), (30.0, MOST_MS)):
        pace.poke()
        pace.took(seconds)
        assert pace._rest.interval() == rest_ms
        pace._rest.stop()


def test_after_the_end_nothing_is_due(pace: Pace, qtbot: Any) -> None:
    pace.poke()
    pace.took(0.005)
    pace.poke()
    pace.close()

    qtbot.wait(60)

    assert len(pace.dues) == 1  # type: ignore[attr-defined]
