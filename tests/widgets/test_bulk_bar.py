"""The bar of what can be done with all that is chosen: what it holds at every width, keyboard, screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from tests.widgets.reading import described, spoken
from widgets.bulk_bar import BulkAct, BulkBar

REBOOT, SNAPSHOT = BulkAct("reboot", "Reboot"), BulkAct("snapshot", "Take a snapshot")
RESIZE = BulkAct("resize", "Resize", reason="not all at one provider")
DESTROY = BulkAct("destroy", "Destroy", is_dangerous=True)


@pytest.fixture
def bar(qtbot: Any) -> BulkBar:
    bar = BulkBar((REBOOT, SNAPSHOT, RESIZE, DESTROY))
    qtbot.addWidget(bar)
    bar.resize(800, 44)
    bar.show_count(4)
    return bar


def shown(bar: BulkBar) -> list[str]:
    return [key for key, button in bar.buttons.items() if button.isVisible()]


def in_menu(bar: BulkBar) -> list[str]:
    return [str(action.data() or "-") for action in bar.menu.actions()]


def test_it_stands_there_for_two_and_more(bar: BulkBar) -> None:
    assert bar.isVisible()
    assert bar.count.text() == "4 selected"

    bar.show_count(1)

    assert not bar.isVisible()


def test_a_press_tells_the_act(bar: BulkBar, qtbot: Any) -> None:
    with qtbot.waitSignal(bar.acted) as acted:
        qtbot.mouseClick(bar.buttons["snapshot"], Qt.MouseButton.LeftButton)

    assert acted.args == ["snapshot"]


def test_a_dangerous_act_is_in_the_menu_alone(bar: BulkBar, qtbot: Any) -> None:
    assert shown(bar) == ["reboot", "snapshot", "resize"]
    assert in_menu(bar) == ["destroy"]

    with qtbot.waitSignal(bar.acted) as acted:
        bar.menu.actions()[0].trigger()

    assert acted.args == ["destroy"]


def test_what_has_no_room_goes_into_the_menu_above_the_dangerous_ones(bar: BulkBar) -> None:
    bar.resize(bar.minimumSizeHint().width() + bar.buttons["reboot"].sizeHint().width() + 8, 44)

    assert shown(bar) == ["reboot"]
    assert in_menu(bar) == ["snapshot", "resize", "-", "destroy"]
    assert bar.more.geometry().right() < bar.clear.geometry().left()

    bar.resize(800, 44)
    assert shown(bar) == ["reboot", "snapshot", "resize"]


def test_the_narrowest_holds_count_menu_and_clear(bar: BulkBar) -> None:
    bar.resize(bar.minimumSizeHint())

    assert shown(bar) == []
    for widget in (bar.count, bar.more, bar.clear):
        assert widget.width() >= widget.sizeHint().width()


def test_an_act_that_cannot_be_done_says_why(bar: BulkBar) -> None:
    assert not bar.buttons["resize"].isEnabled()
    assert described(bar.buttons["resize"]) == "not all at one provider"

    bar.resize(bar.minimumSizeHint())
    entry = next(action for action in bar.menu.actions() if action.data() == "resize")

    assert not entry.isEnabled()
    assert entry.text() == "Resize: not all at one provider"


def test_acts_change_with_what_is_chosen(bar: BulkBar) -> None:
    reboot = bar.buttons["reboot"]

    bar.set_acts((REBOOT, BulkAct("resize", "Resize")))

    assert shown(bar) == ["reboot", "resize"]
    assert bar.buttons["reboot"] is reboot
    assert bar.buttons["resize"].isEnabled()
    assert not bar.more.isVisible()


def test_clear_and_escape_choose_none(bar: BulkBar, qtbot: Any) -> None:
    with qtbot.waitSignal(bar.cleared):
        qtbot.mouseClick(bar.clear, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.cleared):
        qtbot.keyClick(bar.buttons["reboot"], Qt.Key.Key_Escape)


def test_a_screen_reader_is_told_each_new_number_once(bar: BulkBar, heard: list[str]) -> None:
    bar.show_count(5)
    bar.show_count(5)

    assert heard == ["5 selected"]
    assert spoken(bar) == "5 selected"
    assert spoken(bar.more) == "More actions for all selected"
    assert spoken(bar.clear) == "Clear selection"
