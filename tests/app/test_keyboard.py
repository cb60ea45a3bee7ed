"""The window by keyboard alone: into the list, the filter, the chosen thing and back, and a list of all keys."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.navigation import asked_for
from app.pages.servers.acts import ACTS
from app.places import PLACES
from app.shell.window.shortcut_sheet import ShortcutSheet
from tests.app.person import Person
from widgets.sheet import Sheet

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def focused() -> Any:
    return QApplication.focusWidget()


def press(person: Person, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """To whoever has the keyboard, as the platform sends it."""
    person.window.activateWindow()
    person.wait(person.window.isActiveWindow, "the window to be active")
    QTest.keyClick(person.window.windowHandle(), key, modifier)


@pytest.mark.parametrize(("digit", "key"), [(Key.Key_2, "servers"), (Key.Key_4, "activity")])
def test_turning_to_a_page_leads_the_keyboard_to_its_list(watcher: Person, digit: Qt.Key, key: str) -> None:
    press(watcher, digit, CTRL)
    watcher.wait(lambda: key in watcher.window.pages, "the page")
    page: Any = watcher.window.pages[key]

    watcher.settle()

    assert focused() is page.table
    first = page.table.current()
    press(watcher, Key.Key_J)
    assert page.table.current() != first
    press(watcher, Key.Key_K)
    assert page.table.current() == first
    press(watcher, Key.Key_Down)
    assert page.table.current() != first


def test_every_place_takes_the_keyboard(watcher: Person) -> None:
    """From the switcher above, where it was at the start, arrows and letters went astray."""
    for place in PLACES.all:
        watcher.window.top.switcher.setFocus()
        watcher.window.go_to(place.key)
        watcher.settle()
        page = watcher.window.pages[place.key]
        assert focused() is not None, place.key
        assert page.isAncestorOf(focused()), place.key


def test_into_the_filter_and_back_with_what_was_found(watcher: Person) -> None:
    page = watcher.servers()

    press(watcher, Key.Key_Slash)
    assert focused() is page.filter
    QTest.keyClicks(page.filter, "mx")
    press(watcher, Key.Key_J)
    press(watcher, Key.Key_Slash)
    QTest.keyClick(page.filter, Key.Key_Question)
    assert page.filter.text() == "mxj/?"
    assert not watcher.window.findChildren(ShortcutSheet)
    press(watcher, Key.Key_Escape)
    assert page.filter.text() == ""
    press(watcher, Key.Key_Escape)
    assert focused() is page.table
    press(watcher, Key.Key_F, CTRL)
    assert focused() is page.filter
    press(watcher, Key.Key_Return)
    assert focused() is page.table


@pytest.mark.parametrize("key", ["servers", "activity"])
def test_to_the_chosen_thing_through_its_tabs_to_the_next_and_back(watcher: Person, key: str) -> None:
    page = getattr(watcher, key)()
    page.table.selectRow(0)

    press(watcher, Key.Key_Return)
    assert focused() is page.detail.tabs
    press(watcher, Key.Key_Right)
    assert page.detail.tabs.currentIndex() == 1
    first = page.table.current()
    press(watcher, Key.Key_J)
    assert page.table.current() != first
    press(watcher, Key.Key_K)
    assert page.table.current() == first
    assert page.detail.isAncestorOf(focused())
    press(watcher, Key.Key_PageUp, CTRL)
    assert page.detail.tabs.currentIndex() == 0
    press(watcher, Key.Key_Escape)
    assert focused() is page.table


def test_all_keys_are_listed_and_the_list_is_made_of_what_brings_them(watcher: Person) -> None:
    page = watcher.servers()
    press(watcher, Key.Key_Question)
    sheet = watcher.dialog(ShortcutSheet)

    listed = {(line[1].words, line[1].keys) for line in sheet.table.records.rows}
    assert listed >= {(each.words, each.keys) for each in asked_for(watcher.window) if each.shortcut}
    assert listed >= {(act.word, act.shortcut) for act in ACTS if act.shortcut}
    assert listed >= {(hint.words, hint.keys) for hint in (*page.keys.KEYS, *page.table.KEYS, *page.filter.KEYS)}
    places = [line[1].where for line in sheet.table.records.shown]
    assert [place for place, _of in groupby(places)] == list(dict.fromkeys(places))
    watcher.enter(sheet.filter, "reboot")
    assert [line[1].words for line in sheet.table.records.shown] == ["Reboot"]
    sheet.reject()
    watcher.wait(lambda: not watcher.window.findChildren(ShortcutSheet), "the sheet to go")
    press(watcher, Key.Key_F1)
    watcher.dialog(ShortcutSheet).reject()


def test_no_letter_works_through_an_open_sheet(watcher: Person) -> None:
    page = watcher.servers()
    page.acts["destroy"].trigger()
    sheet = watcher.dialog(Sheet)

    press(watcher, Key.Key_Slash)
    press(watcher, Key.Key_Question)

    assert focused() is not page.filter
    assert not watcher.window.findChildren(ShortcutSheet)
    sheet.reject()


def test_one_row_of_the_side_bar_is_marked(watcher: Person) -> None:
    """Tab comes to the row of the page in front, and arrows turn to the next page at once."""
    watcher.servers()
    rows = {row.accessibleName(): row for row in watcher.window.sidebar.findChildren(QAbstractButton)}

    stops = [name for name, row in rows.items() if row.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops == ["Servers"]
    rows["Servers"].setFocus()
    press(watcher, Key.Key_Down)
    assert [row.isChecked() for row in rows.values() if row.hasFocus()] == [True]
    assert not rows["Servers"].isChecked()
