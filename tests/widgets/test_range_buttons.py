"""How far back a person looks: buttons, keyboard, screen reader, and a range of one's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtWidgets import QDateTimeEdit

from app.shell.appearance.theme import Appearance
from tests.widgets.reading import described, do, has_colour, spoken
from widgets.range_buttons import CUSTOM, RangeButtons, RangeChoice
from widgets.time_range import between
from widgets.tokens import LIGHT

NOW = datetime(2026, 11, 22, 14, 31, tzinfo=UTC)
START, END = datetime(2026, 10, 3, 8, tzinfo=UTC), datetime(2026, 10, 8, 12, tzinfo=UTC)


@pytest.fixture
def ranges(qtbot: Any) -> Any:
    ranges = RangeButtons(now=lambda: NOW)
    qtbot.addWidget(ranges)
    ranges.show()
    ranges.activateWindow()
    qtbot.waitUntil(ranges.isActiveWindow)
    return ranges


def put(field: QDateTimeEdit, moment: datetime) -> None:
    field.setDateTime(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())))


def test_a_press_chooses_a_span_that_ends_now(ranges: RangeButtons, qtbot: Any) -> None:
    with qtbot.waitSignal(ranges.chosen) as chosen:
        qtbot.mouseClick(ranges.buttons["90d"], Qt.MouseButton.LeftButton)

    (choice,) = chosen.args
    assert choice == ranges.current
    assert choice.bounds(NOW) == (NOW - timedelta(days=90), NOW)
    assert [key for key, button in ranges.buttons.items() if button.isChecked()] == ["90d"]


def test_arrows_go_through_the_spans(ranges: RangeButtons, qtbot: Any) -> None:
    ranges.buttons["24h"].setFocus()

    with qtbot.waitSignal(ranges.chosen) as chosen:
        qtbot.keyClick(ranges.buttons["24h"], Qt.Key.Key_Right)
        qtbot.keyClick(ranges.focusWidget(), Qt.Key.Key_Space)

    assert chosen.args[0].key == "7d"


def test_a_screen_reader_hears_the_span_and_toggles_it(ranges: RangeButtons, qtbot: Any) -> None:
    assert spoken(ranges) == "Time range"
    assert spoken(ranges.buttons["7d"]) == "Last 7 days"

    with qtbot.waitSignal(ranges.chosen) as chosen:
        do(ranges.buttons["7d"], "Toggle")

    assert chosen.args[0].key == "7d"


def test_custom_asks_and_marks_nothing_until_it_is_answered(ranges: RangeButtons, qtbot: Any) -> None:
    told: list[RangeChoice] = []
    ranges.chosen.connect(told.append)

    qtbot.mouseClick(ranges.custom, Qt.MouseButton.LeftButton)
    assert ranges.dialog is not None
    assert not ranges.custom.isChecked()
    qtbot.keyClick(ranges.dialog, Qt.Key.Key_Escape)

    assert ranges.dialog is None
    assert told == []
    assert ranges.buttons["24h"].isChecked()


def test_a_range_of_ones_own_is_chosen_shown_and_can_be_changed(ranges: RangeButtons, qtbot: Any) -> None:
    do(ranges.custom, "Toggle")
    assert ranges.dialog is not None
    put(ranges.dialog.start, START)
    put(ranges.dialog.end, END)
    with qtbot.waitSignal(ranges.chosen) as chosen:
        qtbot.keyClick(ranges.dialog.end, Qt.Key.Key_Return)

    assert chosen.args == [between(START, END)]
    assert chosen.args[0].bounds(NOW) == (START, END)
    assert ranges.custom.text() == "3 Oct to 8 Oct"
    assert "Sat 3 Oct 2026" in described(ranges.custom)
    assert ranges.custom.isChecked()
    assert not any(button.isChecked() for button in ranges.buttons.values())

    qtbot.mouseClick(ranges.custom, Qt.MouseButton.LeftButton)
    assert ranges.dialog is not None
    assert ranges.dialog.start.dateTime().toSecsSinceEpoch() == START.timestamp()
    ranges.dialog.reject()

    qtbot.mouseClick(ranges.buttons["30d"], Qt.MouseButton.LeftButton)
    assert ranges.custom.text() == "Custom"
    assert ranges.current.key == "30d"


@pytest.mark.parametrize(
    ("start", "end", "field", "words"),
    [
        (END, START, "end", "The end must be later than the start."),
        (START, START, "end", "The end must be later than the start."),
        (NOW, NOW + timedelta(days=1), "start", "That is in the future. Choose a time in the past."),
    ],
)
def test_what_is_no_range_is_refused_in_words(
    ranges: RangeButtons, qtbot: Any, start: datetime, end: datetime, field: str, words: str
) -> None:
    qtbot.mouseClick(ranges.custom, Qt.MouseButton.LeftButton)
    dialog = ranges.dialog
    assert dialog is not None
    put(dialog.start, start)
    put(dialog.end, end)

    qtbot.mouseClick(dialog.act, Qt.MouseButton.LeftButton)

    assert dialog.isVisible()
    assert dialog.form.error(field) == words
    assert described(getattr(dialog, field)) == words
    put(dialog.start, START - timedelta(days=1))
    assert dialog.form.error(field) == ""
    dialog.reject()


def test_an_end_that_is_still_to_come_is_now(ranges: RangeButtons, qtbot: Any) -> None:
    qtbot.mouseClick(ranges.custom, Qt.MouseButton.LeftButton)
    assert ranges.dialog is not None
    put(ranges.dialog.start, START)
    put(ranges.dialog.end, NOW + timedelta(hours=9))

    with qtbot.waitSignal(ranges.chosen) as chosen:
        ranges.dialog.act.click()

    assert chosen.args[0].bounds(NOW) == (START, NOW)


def test_a_wrong_moment_shows_at_its_field(ranges: RangeButtons, qtbot: Any, appearance: Appearance) -> None:
    qtbot.mouseClick(ranges.custom, Qt.MouseButton.LeftButton)
    dialog = ranges.dialog
    assert dialog is not None
    put(dialog.start, END)
    put(dialog.end, START)
    assert has_colour(dialog.end, LIGHT.text_primary)  # the moment itself
    assert not has_colour(dialog.end, LIGHT.status_critical)

    dialog.act.click()

    assert has_colour(dialog.end, LIGHT.status_critical)
    dialog.reject()


def test_what_ends_before_it_begins_is_no_range() -> None:
    with pytest.raises(ValueError, match="not later"):
        between(END, START)


def test_only_the_spans_asked_for_are_there(qtbot: Any) -> None:
    ranges = RangeButtons(("7d", "30d"), "30d")
    qtbot.addWidget(ranges)

    assert list(ranges.buttons) == ["7d", "30d"]
    assert ranges.current.key == "30d"
    assert CUSTOM not in ranges.buttons
