"""The sheet before an act: the safe way is nearest, a destructive act wants the name, agreed is told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.status import Status
from tests.widgets.reading import spoken
from widgets import tokens
from widgets.band import DEMO
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.label import Label
from widgets.plain_dialog import PlainDialog
from widgets.scrim import Scrim
from widgets.sheet import EffectLine, Sheet, SheetText
from widgets.status_mark import StatusMark

RESIZE = SheetText("Resize mx1", "Resize now", "Keep the present size", "Acme Dental", footer="Prices read 14:09")
DESTROY = SheetText("Destroy mx1", "Destroy permanently", "Keep the server", "Acme Dental", "mx1.example")
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


@pytest.fixture
def heard_focus() -> Iterator[list[QWidget | None]]:
    """Whoever got the keyboard, in order."""
    application, heard = QApplication.instance(), list[QWidget | None]()
    assert isinstance(application, QApplication)

    def hear(_before: QWidget | None, now: QWidget | None) -> None:
        heard.append(now)

    application.focusChanged.connect(hear)
    yield heard
    application.focusChanged.disconnect(hear)


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
    assert spoken(sheet.typed) == "Type “mx1.example” to continue:"

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


def test_tab_goes_round_within_the_sheet(opened: Opener, window: QWidget, qtbot: Any) -> None:
    below = QLineEdit(window)
    below.show()
    sheet = opened(RESIZE)

    passed = []
    for _each in range(6):
        now = QApplication.focusWidget()
        assert now is not None
        assert sheet.isAncestorOf(now)
        passed.append(now)
        qtbot.keyClick(now, Qt.Key.Key_Tab)

    assert set(passed) == {sheet.close_button, sheet.keep, sheet.act}


def test_what_had_the_keyboard_has_it_again(opened: Opener, window: QWidget, qtbot: Any) -> None:
    below = QLineEdit(window)
    below.show()
    below.setFocus()
    sheet = opened(RESIZE)
    assert sheet.keep.hasFocus()

    sheet.reject()

    qtbot.waitUntil(below.hasFocus)


def test_the_keyboard_goes_straight_back(opened: Opener, window: QWidget, heard_focus: list[QWidget | None]) -> None:
    above, below = QLineEdit(window), QLineEdit(window)
    for field in (above, below):
        field.show()
    below.setFocus()
    sheet = opened(RESIZE)
    heard_focus.clear()

    sheet.act.click()

    assert heard_focus == [below], "a screen reader would say each stop between"


def test_no_shortcut_and_no_click_reaches_what_lies_below(opened: Opener, window: QWidget, qtbot: Any) -> None:
    done: list[str] = []
    button = QPushButton("Below", window)
    button.setGeometry(0, 0, 80, 30)
    button.show()
    button.clicked.connect(lambda: done.append("click"))
    shortcut = QShortcut(QKeySequence("Ctrl+N"), window)
    shortcut.activated.connect(lambda: done.append("key"))
    sheet = opened(RESIZE)

    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(20, 10))
    assert done == []

    sheet.reject()
    qtbot.waitUntil(lambda: not window.findChildren(Scrim))
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(20, 10))

    assert done == ["key", "click"]


def test_a_sheet_that_is_higher_than_its_window_scrolls_and_keeps_its_buttons(window: QWidget, qtbot: Any) -> None:
    window.resize(1000, 420)
    sheet = Sheet(RESIZE, window)
    sheet.set_effects([EffectLine(f"Effect {at}", "some", "with a note that says more") for at in range(14)])
    sheet.open()

    qtbot.waitUntil(sheet.act.isVisible)

    assert window.rect().contains(sheet.geometry())
    assert sheet.rect().contains(QRect(sheet.act.mapTo(sheet, QPoint(0, 0)), sheet.act.size()))


def test_a_sheet_goes_with_the_page_that_asked(window: QWidget, qtbot: Any) -> None:
    page = QWidget(window)
    Sheet(RESIZE, page).open()
    assert window.findChildren(Scrim)

    page.deleteLater()

    qtbot.waitUntil(lambda: not window.findChildren(Scrim) and not window.findChildren(Sheet))


def test_its_corners_are_round_above_and_at_the_foot(opened: Opener, window: QWidget) -> None:
    """What lies behind is seen there."""
    sheet = opened(RESIZE)

    image, box = window.grab().toImage(), sheet.geometry()

    for corner, inwards in ((box.topLeft(), QPoint(1, 1)), (box.bottomRight(), QPoint(-1, -1))):
        outside, ground = image.pixelColor(corner - 4 * inwards), image.pixelColor(corner + 8 * inwards)
        assert abs(image.pixelColor(corner).lightness() - outside.lightness()) < 20
        assert abs(image.pixelColor(corner).lightness() - ground.lightness()) > 20


def test_a_value_stands_close_to_its_shape_and_in_line_with_the_others(opened: Opener, qtbot: Any) -> None:
    sheet = opened(RESIZE)
    sheet.set_effects([EffectLine("Mail", "none lost"), EffectLine("Backup", "proven", "", Status.OK)])
    (mark,) = (each for each in sheet.findChildren(StatusMark) if spoken(each) == "OK")
    qtbot.waitUntil(mark.isVisible)

    left = {label.text(): label.mapTo(sheet, QPoint()).x() for label in sheet.findChildren(Label) if label.isVisible()}
    assert mark.mapTo(sheet, QPoint()).x() == left["none lost"]
    assert 0 <= left["proven"] - left["none lost"] - mark.width() <= 8


@pytest.mark.parametrize("named", ["light", "dark-high"])
def test_the_foot_of_a_dialog_leaves_its_edge(window: QWidget, appearance: Appearance, named: str) -> None:
    scheme, _dash, contrast = named.partition("-")
    appearance.choose_contrast(contrast or "auto")
    appearance.choose(scheme)
    window.show()
    dialog = PlainDialog("Licences", (300, 160), window)
    dialog.set_foot(DialogFooter(Button("Close")))
    dialog.open()

    image = dialog.grab().toImage()

    edge = appearance.theme.border_strong
    middle, below = image.width() // 2, image.height() // 2
    spots = [(middle, 0), (middle, image.height() - 1), (0, below), (image.width() - 1, below)]
    spots += [(0, image.height() - 20), (image.width() - 1, image.height() - 20)]
    assert {image.pixelColor(*spot).name().upper() for spot in spots} == {edge}
    dialog.reject()
