"""Buttons, fields, chips, tabs, switcher: keyboard, names, and the ring around what has the focus."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.shell.appearance.theme import Appearance
from tests.widgets.hands import show_in
from tests.widgets.reading import colour_at, do, has_colour, role, spoken
from widgets import tokens
from widgets.button import Button
from widgets.chips import Chips
from widgets.flow import Flow
from widgets.focus_ring import REACH
from widgets.menu import Menu
from widgets.search_field import SearchField
from widgets.switcher import Switcher
from widgets.tabs import Tabs
from widgets.tokens import LIGHT


def test_a_button_that_says_something_else_is_called_so_unless_it_has_another_name(qtbot: Any) -> None:
    pause, add = Button("Pause"), Button("Add", name="Add an account")
    for button in (pause, add):
        qtbot.addWidget(button)

    pause.setText("Resume")
    add.setText("Add...")

    assert (pause.accessibleName(), add.accessibleName()) == ("Resume", "Add an account")


def test_a_button_is_pressed_by_the_keyboard_and_has_a_name(window: QWidget, qtbot: Any) -> None:
    button = Button("", "icon", icon_name="ellipsis", name="More actions")
    show_in(window, qtbot, button)

    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, Qt.Key.Key_Space)

    assert spoken(button) == "More actions"
    assert button.toolTip() == "More actions"
    assert button.height() == tokens.CONTROL


@pytest.fixture
def form(qtbot: Any) -> Any:
    """A dialog with a field, and below it the button that changes nothing before the one that acts."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.field, dialog.keep, dialog.act = QLineEdit(), Button("Cancel"), Button("Add", "primary")
    column = QVBoxLayout(dialog)
    for widget in (dialog.field, dialog.keep, dialog.act):
        column.addWidget(widget)
    dialog.pressed = []
    dialog.keep.clicked.connect(lambda: dialog.pressed.append("keep"))
    dialog.act.clicked.connect(lambda: dialog.pressed.append("act"))
    return dialog


@pytest.mark.parametrize(("is_default", "pressed"), [(True, ["act"]), (False, [])])
def test_enter_in_a_field_presses_the_default_and_no_other(
    form: Any, qtbot: Any, is_default: bool, pressed: list[str]
) -> None:
    form.act.setDefault(is_default)
    form.show()
    form.field.setFocus()

    qtbot.keyClick(form.field, Qt.Key.Key_Return)

    assert form.pressed == pressed


def test_enter_presses_the_button_with_the_focus(form: Any, qtbot: Any) -> None:
    form.act.setDefault(True)
    form.show()
    form.keep.setFocus()

    qtbot.keyClick(form.keep, Qt.Key.Key_Enter)

    assert form.pressed == ["keep"]


def test_a_chip_answers_to_a_screen_reader(window: QWidget, qtbot: Any) -> None:
    """It toggles; nobody clicks."""
    chips = Chips([("all", "All"), ("failed", "Failed")])
    show_in(window, qtbot, chips)
    failed = chips.findChildren(QPushButton)[1]

    with qtbot.waitSignal(chips.chosen) as chosen:
        do(failed, "Toggle")

    assert chosen.args == ["failed"]


@pytest.mark.parametrize(("kind", "colour"), [("primary", LIGHT.accent_fill), ("danger", LIGHT.status_critical)])
def test_kinds_of_buttons_look_different(window: QWidget, qtbot: Any, kind: Any, colour: str) -> None:
    button, plain = Button("Act", kind), Button("Act")
    show_in(window, qtbot, button, plain)

    assert has_colour(button, colour)
    assert not has_colour(plain, colour)


def test_a_hint_does_not_cover_the_words(window: QWidget, qtbot: Any) -> None:
    bare, hinted = Button("Search and commands", "search"), Button("Search and commands", "search", hint="Ctrl+K")
    show_in(window, qtbot, bare, hinted)

    room = hinted.fontMetrics().horizontalAdvance("Ctrl+K")
    assert hinted.sizeHint().width() > bare.sizeHint().width() + room


def test_the_ring_lies_around_the_focused_control(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    one, two = Button("One"), Button("Two")
    show_in(window, qtbot, one, two)
    one.setFocus()
    ring = appearance.focus_rings.ring
    assert ring is not None
    assert ring.geometry() == one.geometry().adjusted(-REACH, -REACH, REACH, REACH)
    outside = one.geometry().topLeft() + QPoint(one.width() // 2, -3)
    assert colour_at(window, outside.x(), outside.y()) == LIGHT.focus_ring

    qtbot.keyClick(one, Qt.Key.Key_Tab)

    assert two.hasFocus()
    assert appearance.focus_rings.ring is not None
    assert appearance.focus_rings.ring.geometry().center() == two.geometry().center()
    assert colour_at(window, outside.x(), outside.y()) != LIGHT.focus_ring


def test_the_ring_follows_a_control_that_moves(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    above, below = Button("Above"), Button("Below")
    show_in(window, qtbot, above, below)
    below.setFocus()

    above.hide()
    qtbot.waitUntil(lambda: below.y() < 100)

    ring = appearance.focus_rings.ring
    assert ring is not None
    qtbot.waitUntil(lambda: ring.geometry().center() == below.geometry().center())


def test_the_ring_scrolls_along(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    area, inside, button = QScrollArea(), QWidget(), Button("Deep")
    inside.setFixedHeight(900)
    QHBoxLayout(inside).addWidget(button)
    area.setWidget(inside)
    show_in(window, qtbot, area)

    button.setFocus()

    assert appearance.focus_rings.ring is not None
    assert appearance.focus_rings.ring.parent() is inside


def test_the_ring_survives_its_window(qtbot: Any, appearance: Appearance, window: QWidget) -> None:
    """A dialog that dies with the focus in it takes its ring along; the next focus gets a new one."""
    dialog = QWidget()
    field = QLineEdit(dialog)
    appearance.focus_rings.follow(None, field)
    dialog.deleteLater()
    qtbot.waitSignal(dialog.destroyed).wait()
    button = Button("Next")
    show_in(window, qtbot, button)

    appearance.focus_rings.follow(None, button)

    assert appearance.focus_rings.ring is not None
    assert appearance.focus_rings.ring.parent() is window


def test_an_editable_box_has_the_ring_around_the_whole(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    box = QComboBox()
    box.setEditable(True)
    show_in(window, qtbot, box)

    appearance.focus_rings.follow(None, box.lineEdit())

    assert appearance.focus_rings.ring is not None
    assert appearance.focus_rings.ring.width() == box.width() + 2 * REACH


def test_escape_empties_a_search_field(window: QWidget, qtbot: Any) -> None:
    field = SearchField("Filter servers")
    show_in(window, qtbot, field)
    qtbot.keyClicks(field, "mx1")

    with qtbot.waitSignal(field.textChanged):
        qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert field.text() == ""
    assert spoken(field) == "Filter servers"
    assert role(field) is QAccessible.Role.EditableText


def test_one_chip_is_chosen_and_counts_are_said(window: QWidget, qtbot: Any) -> None:
    chips = Chips([("all", "All"), ("failed", "Failed")])
    show_in(window, qtbot, chips)
    chips.count("failed", 2)
    assert chips.current == "all"
    failed = chips.findChildren(type(chips._buttons["failed"]))[1]

    with qtbot.waitSignal(chips.chosen) as told:
        qtbot.keyClick(failed, Qt.Key.Key_Space)

    assert told.args == ["failed"]
    assert chips.current == "failed"
    assert spoken(failed) == "Failed 2"


def test_chips_without_room_are_a_menu_of_the_same(window: QWidget, qtbot: Any) -> None:
    chips = Chips([("all", "All"), ("needs", "Needs attention"), ("failed", "Failed")])
    show_in(window, qtbot, chips)
    chips.count("all", 44)
    qtbot.waitUntil(lambda: chips.width() == chips.sizeHint().width())
    assert not chips.is_folded

    window.layout().setContentsMargins(0, 0, 0, 0)
    window.resize(120, 200)
    qtbot.waitUntil(lambda: chips.is_folded)
    assert chips.folded.isVisible()
    assert (chips.folded.text(), spoken(chips.folded)) == ("All 44", "Filter: All 44")

    chips.menu.popup(window.mapToGlobal(QPoint(0, 0)))
    words = [action.text() for action in chips.menu.actions()]
    with qtbot.waitSignal(chips.chosen) as told:
        chips.menu.actions()[2].trigger()
    chips.menu.close()

    assert words == ["All 44", "Needs attention", "Failed"]
    assert told.args == ["failed"]
    assert chips.folded.text() == "Failed"
    window.resize(500, 200)
    qtbot.waitUntil(lambda: not chips.is_folded)


def test_tabs_without_room_end_in_dots_and_have_their_words_as_tooltips(window: QWidget, qtbot: Any) -> None:
    tabs = Tabs("Parts of the server", ["Live", "History", "Network", "Snapshots", "Timeline"])
    show_in(window, qtbot, tabs)
    assert {tabs.tabToolTip(at) for at in range(5)} == {""}

    window.resize(240, 200)
    qtbot.waitUntil(lambda: tabs.tabToolTip(3) == "Snapshots")

    assert tabs.tabRect(4).right() <= tabs.width()


def test_buttons_go_on_in_a_new_line(window: QWidget, qtbot: Any) -> None:
    place = QWidget()
    buttons = [Button("Take snapshot..."), Button("Restore..."), Button("Delete...")]
    place.setLayout(Flow(*buttons))
    show_in(window, qtbot, place)
    assert len({button.y() for button in buttons}) == 1

    window.resize(200, 200)
    qtbot.waitUntil(lambda: len({button.y() for button in buttons}) > 1)

    assert all(button.width() == button.sizeHint().width() for button in buttons)
    assert place.height() >= buttons[-1].geometry().bottom()


def test_a_menu_has_round_corners(window: QWidget, qtbot: Any) -> None:
    menu = Menu(window, "More actions")
    menu.addAction("Reboot...")
    within = menu.add_menu("Power")
    menu.popup(window.mapToGlobal(QPoint(0, 0)))
    qtbot.waitUntil(menu.isVisible)

    assert not menu.mask().contains(QPoint(0, 0))
    assert menu.mask().contains(menu.rect().center())
    assert (within.title(), isinstance(within, Menu)) == ("Power", True)
    menu.close()


def test_tabs_turn_by_keyboard_and_keep_their_places(window: QWidget, qtbot: Any) -> None:
    tabs = Tabs("Parts of the job", ["Steps", "Log", "Evidence"])
    show_in(window, qtbot, tabs)
    before = [tabs.tabRect(at) for at in range(3)]
    tabs.setFocus()

    with qtbot.waitSignal(tabs.currentChanged) as told:
        qtbot.keyClick(tabs, Qt.Key.Key_Right)

    assert told.args == [1]
    assert [tabs.tabRect(at) for at in range(3)] == before
    assert (spoken(tabs), tabs.accessibleName()) == ("Log", "Parts of the job")  # Qt tells the chosen word
    assert role(tabs) is QAccessible.Role.PageTabList
    assert has_colour(tabs, LIGHT.accent_text)


def test_the_switcher_offers_and_tells(window: QWidget, qtbot: Any) -> None:
    switcher = Switcher("Workspace")
    switcher.setFixedWidth(120)
    switcher.set_entries([("all", "All workspaces"), ("7", "Acme Dental")], "all")
    show_in(window, qtbot, switcher)
    assert spoken(switcher) == "Workspace: All workspaces"

    with qtbot.waitSignal(switcher.chosen) as told:
        switcher.menu().actions()[1].trigger()

    assert told.args == ["7"]
    assert spoken(switcher) == "Workspace: Acme Dental"
    assert [action.isChecked() for action in switcher.menu().actions()] == [False, True]


def test_new_entries_of_the_switcher_replace_the_old(qtbot: Any) -> None:
    switcher = Switcher("Workspace")
    qtbot.addWidget(switcher)
    switcher.set_entries([("a", "A"), ("b", "B")], "a")

    switcher.set_entries([("b", "B")], "b")

    assert [action.data() for action in switcher.menu().actions()] == ["b"]
    assert switcher.text() == "B"
