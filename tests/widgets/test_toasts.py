"""What is said after an act: for how long, what can be done next, several at once, keyboard and screen reader."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QCursor, QEnterEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from backend.core.present.status import Status
from tests.widgets.reading import spoken
from widgets import toast as toast_module
from widgets.button import Button
from widgets.toast import ToastAct
from widgets.toasts import MOST, Toasts

UNDO, OPEN = ToastAct("undo", "Undo"), ToastAct("open", "Open in Activity")
BRIEF_MS, LONG_MS = 60, 600_000


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    """A window with something that has the focus."""
    window = QWidget()
    window.resize(700, 500)
    QCursor.setPos(0, 0)
    QVBoxLayout(window).addWidget(Button("Reboot"))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def toasts(window: QWidget) -> Toasts:
    return Toasts(window, lasts_ms=LONG_MS)


def test_it_goes_by_itself(window: QWidget, qtbot: Any) -> None:
    toasts = Toasts(window, lasts_ms=BRIEF_MS)
    toasts.say("mx1 restarts.")
    assert toasts.isVisible()

    qtbot.waitUntil(lambda: not toasts.isVisible())

    assert toasts.toasts == []


def test_it_lasts_eight_seconds_for_people(window: QWidget) -> None:
    toast = Toasts(window).say("mx1 restarts.")

    assert toast.findChild(toast_module.QTimer).interval() == 8000


def test_it_stays_while_the_keyboard_is_in_it(window: QWidget, qtbot: Any) -> None:
    toasts = Toasts(window, lasts_ms=BRIEF_MS)
    toast = toasts.say("mx1 restarts.", [UNDO])
    toasts.take_focus()
    lapses: list[None] = []
    toast.findChild(toast_module.QTimer).timeout.connect(lambda: lapses.append(None))

    qtbot.waitUntil(lambda: len(lapses) >= 3)
    assert toasts.toasts == [toast]
    window.findChild(Button).setFocus()

    qtbot.waitUntil(lambda: toasts.toasts == [])


def test_it_stays_while_the_mouse_is_over_it(window: QWidget, qtbot: Any) -> None:
    toasts = Toasts(window, lasts_ms=BRIEF_MS)
    toast = toasts.say("mx1 restarts.")
    lapses: list[None] = []
    toast.findChild(toast_module.QTimer).timeout.connect(lambda: lapses.append(None))
    spot = QPoint(5, 5)
    QApplication.sendEvent(toast, QEnterEvent(spot, spot, spot))
    toast.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)

    qtbot.waitUntil(lambda: len(lapses) >= 3)
    assert toasts.toasts == [toast]
    toast.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))

    qtbot.waitUntil(lambda: toasts.toasts == [])


def test_an_act_tells_its_key_and_ends_it(toasts: Toasts, qtbot: Any) -> None:
    toast = toasts.say("Four servers are tagged.", [UNDO, OPEN])

    with qtbot.waitSignal(toast.acted) as acted:
        qtbot.mouseClick(toast.acts["undo"], Qt.MouseButton.LeftButton)

    assert acted.args == ["undo"]
    assert toasts.toasts == []
    assert not toasts.isVisible()


def test_a_key_leads_there_and_escape_back(window: QWidget, toasts: Toasts, qtbot: Any) -> None:
    before = window.findChild(Button)
    before.setFocus()
    toasts.say("mx1 restarts.", [OPEN])
    newest = toasts.say("mx2 restarts.", [UNDO, OPEN])

    qtbot.keyClick(window, Qt.Key.Key_F6)
    qtbot.waitUntil(newest.acts["undo"].hasFocus)
    qtbot.keyClick(newest.acts["undo"], Qt.Key.Key_Tab)
    assert newest.acts["open"].hasFocus()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)

    assert newest not in toasts.toasts
    assert before.hasFocus()


def test_the_key_leads_on_to_older_ones_and_back_from_any(window: QWidget, toasts: Toasts, qtbot: Any) -> None:
    before = window.findChild(Button)
    before.setFocus()
    older, newer = toasts.say("mx1 restarts.", [OPEN]), toasts.say("mx2 restarts.", [OPEN])

    for expected in (newer, older, newer, older):
        toasts.take_focus()
        assert expected.acts["open"].hasFocus()
    qtbot.keyClick(older.acts["open"], Qt.Key.Key_Escape)

    assert before.hasFocus()


def test_a_key_press_on_an_act_gives_the_keyboard_back(window: QWidget, toasts: Toasts, qtbot: Any) -> None:
    before = window.findChild(Button)
    before.setFocus()
    toast = toasts.say("mx1 restarts.", [UNDO])
    toasts.take_focus()

    qtbot.keyClick(toast.acts["undo"], Qt.Key.Key_Return)

    assert before.hasFocus()


def test_several_stand_above_each_other_and_the_oldest_makes_room(window: QWidget, toasts: Toasts, qtbot: Any) -> None:
    made = [toasts.say(f"mx{number} restarts.", [OPEN]) for number in range(MOST + 2)]

    assert toasts.toasts == made[2:]
    qtbot.waitUntil(lambda: toasts.geometry().bottom() < window.height())
    tops = [toast.y() for toast in toasts.toasts]
    assert tops == sorted(tops)
    assert len(set(tops)) == MOST
    assert all(toast.y() + toast.height() <= toasts.height() for toast in toasts.toasts)


def test_one_that_is_read_does_not_make_room(toasts: Toasts) -> None:
    first = toasts.say("mx0 restarts.", [OPEN])
    toasts.take_focus()
    for number in range(MOST):
        toasts.say(f"mx{number} stops.")

    assert first in toasts.toasts
    assert len(toasts.toasts) == MOST


def test_they_stay_in_the_corner_when_the_window_grows(window: QWidget, toasts: Toasts, qtbot: Any) -> None:
    toasts.say("mx1 restarts.")

    window.resize(1200, 800)

    qtbot.waitUntil(lambda: toasts.geometry().right() > 1100)
    assert toasts.geometry().bottom() > 700


def test_long_words_are_wrapped_and_none_is_cut(toasts: Toasts, qtbot: Any) -> None:
    toast = toasts.say("Four servers are tagged as warming up. " * 4, [UNDO])
    label = toast.findChildren(toast_module.Label)[0]

    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    assert toast.height() <= toasts.height()


def test_it_is_read_out_with_the_key_that_leads_there(toasts: Toasts, heard: list[str]) -> None:
    toast = toasts.say("mx1 restarts.", [UNDO, OPEN], status=Status.RUNNING)

    assert heard == ["Running: mx1 restarts.\nF6: Undo, Open in Activity"]
    assert spoken(toast) == "Running: mx1 restarts."
    assert spoken(toast.close_button) == "Close"
    assert "F6" in [label.text() for label in toast.findChildren(toast_module.Label)]


def test_more_acts_than_have_room_are_refused(toasts: Toasts) -> None:
    with pytest.raises(ValueError, match="at most 2"):
        toasts.say("mx1 restarts.", [UNDO, OPEN, ToastAct("more", "More")])
