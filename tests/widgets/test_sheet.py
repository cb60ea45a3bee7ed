"""The sheet before an act: the safe way is nearest, a destructive act wants the name, agreed is told once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel, QWidget

from backend.core.present.status import Status
from tests.widgets.reading import spoken
from widgets import tokens
from widgets.band import DEMO
from widgets.label import Label
from widgets.scrim import Scrim
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.status_mark import StatusMark

RESIZE = SheetText("Resize mx1", "Resize now", "Keep the present size", "Acme Dental", footer="Prices read 14:09")
DESTROY = SheetText("Destroy mx1", "Destroy for good", "Keep the server", "Acme Dental", "mx1.example")
Opener = Callable[..., Sheet]


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    window = QWidget()
    window.resize(1000, 700)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def opened(window: QWidget, qtbot: Any) -> Opener:
    """Opens a sheet and waits until it has the keyboard."""

    def make(text: SheetText) -> Sheet:
        sheet = Sheet(text, window)
        sheet.set_effects([EffectLine("Cost", "+7.20 EUR a month", "at the price read 14:09")])
        sheet.open()
        sheet.activateWindow()
        qtbot.waitUntil(sheet.isActiveWindow)
        return sheet

    return make


def gone(sheet: Sheet, qtbot: Any) -> None:
    qtbot.waitUntil(lambda: not sheet.isVisible())


def test_the_focus_starts_on_the_safe_button(opened: Opener, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    assert sheet.keep.hasFocus()

    with qtbot.assertNotEmitted(sheet.agreed), qtbot.waitSignal(sheet.rejected):
        qtbot.keyClick(sheet.keep, Qt.Key.Key_Return)


def test_escape_and_the_cross_keep_everything(opened: Opener, qtbot: Any) -> None:
    for leave in (lambda one: qtbot.keyClick(one, Qt.Key.Key_Escape), lambda one: one.close_button.click()):
        sheet = opened(RESIZE)
        with qtbot.assertNotEmitted(sheet.agreed), qtbot.waitSignal(sheet.rejected):
            leave(sheet)


def test_the_act_is_told_once(opened: Opener, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    told: list[bool] = []
    sheet.agreed.connect(lambda: told.append(True))

    sheet.act.click()
    sheet.act.click()

    assert told == [True]


def test_a_destructive_act_wants_the_name(opened: Opener, qtbot: Any) -> None:
    sheet = opened(DESTROY)
    assert not sheet.act.isEnabled()
    assert sheet.act.property("kind") == "danger"
    assert spoken(sheet.typed) == "Type mx1.example to go on:"

    qtbot.keyClicks(sheet.typed, "mx1.exampl")
    assert not sheet.act.isEnabled()
    qtbot.keyClicks(sheet.typed, "e")

    assert sheet.act.isEnabled()


def test_enter_in_the_name_field_neither_acts_nor_turns_back(opened: Opener, qtbot: Any) -> None:
    sheet = opened(DESTROY)
    sheet.typed.setFocus()

    with qtbot.assertNotEmitted(sheet.agreed), qtbot.assertNotEmitted(sheet.finished):
        qtbot.keyClicks(sheet.typed, "mx1")
        qtbot.keyClick(sheet.typed, Qt.Key.Key_Return)
        qtbot.keyClicks(sheet.typed, ".example")
        qtbot.keyClick(sheet.typed, Qt.Key.Key_Return)

    assert sheet.act.hasFocus()
    with qtbot.waitSignal(sheet.agreed):
        qtbot.keyClick(sheet.act, Qt.Key.Key_Space)


def test_an_act_that_is_not_destructive_has_no_name_field(opened: Opener) -> None:
    sheet = opened(RESIZE)

    assert not sheet.typed.isVisible()
    assert sheet.act.property("kind") == "primary"


def test_new_effects_replace_the_old(opened: Opener, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    sheet.set_effects(
        [EffectLine("Mail", "none lost"), EffectLine("Backup", "proven 14:22", "0 differences", Status.OK)]
    )

    def shown() -> set[str]:
        return {label.text() for label in sheet.findChildren(Label) if label.isVisible()}

    qtbot.waitUntil(lambda: "proven 14:22" in shown())
    assert "+7.20 EUR a month" not in shown()
    assert [spoken(mark) for mark in sheet.findChildren(StatusMark)] == ["OK"]
    values = [spoken(label) for label in sheet.findChildren(Label) if label.text() == "none lost"]
    assert values == ["Mail: none lost"]


def test_where_it_acts_and_in_which_mode_is_said(opened: Opener, window: QWidget) -> None:
    window.setProperty(DEMO, True)
    demo = opened(RESIZE)

    words = [label.text() for label in demo.findChildren(QLabel)]
    assert "DEMO Acme Dental" in words
    assert "Prices read 14:09" in words
    assert demo.width() == tokens.SHEET_WIDTH
    assert QAccessible.queryAccessibleInterface(demo).role() is QAccessible.Role.Dialog


def test_a_limit_of_the_offer_is_shown_with_its_shape(opened: Opener) -> None:
    sheet = opened(RESIZE)

    sheet.show_footer(Status.WAITING, "Preview valid until 14:52")

    assert sheet.footer_state.isVisible()
    assert spoken(sheet.footer_state) == "Preview valid until 14:52"
    assert not sheet.footer_note.isVisible()


def test_what_the_owner_adds_stands_above_the_effects(opened: Opener, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    choice = Label("Also grow the disk")

    sheet.slot.addWidget(choice)

    qtbot.waitUntil(choice.isVisible)
    effects = next(label for label in sheet.findChildren(Label) if label.text() == "Cost")
    qtbot.waitUntil(lambda: choice.mapTo(sheet, QPoint(0, 0)).y() < effects.mapTo(sheet, QPoint(0, 0)).y())


def test_the_window_is_shaded_while_the_sheet_asks(opened: Opener, window: QWidget, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    (scrim,) = window.findChildren(Scrim)
    assert scrim.geometry() == window.rect()
    window.resize(800, 600)
    qtbot.waitUntil(lambda: scrim.geometry() == window.rect())

    sheet.reject()

    qtbot.waitUntil(lambda: not window.findChildren(Scrim))
