"""Who works by keyboard sees a ring; who clicks sees the button go down, and no ring."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.shell.appearance.theme import Appearance
from backend.core.present.format import number
from tests.widgets.bars import months
from tests.widgets.grids import days
from tests.widgets.hands import show_in
from tests.widgets.reading import has_colour, picture
from widgets.band_plot import BandPlot
from widgets.bar_plot import BarPlot
from widgets.button import Button
from widgets.cell_grid import CellGrid
from widgets.charts.spec import PlotSpec
from widgets.charts.stack import ChartStack
from widgets.chips import Chips
from widgets.fact_list import Fact, FactRow
from widgets.search_field import SearchField
from widgets.sidebar import Entry, Sidebar
from widgets.tabs import Tabs
from widgets.tokens import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH

ENTRIES = (Entry("overview", "Overview", "layout-dashboard"), Entry("servers", "Servers", "server"))


def click(widget: QWidget) -> None:
    """A real click, as the platform sends it to the window."""
    window = widget.window()
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=widget.mapTo(window, widget.rect().center()))


def key(widget: QWidget, pressed: Qt.Key) -> None:
    QTest.keyClick(widget.window().windowHandle(), pressed)


def test_a_click_on_a_button_shows_no_ring_and_the_next_key_does(
    window: QWidget, qtbot: Any, appearance: Appearance
) -> None:
    one, two = Button("One"), Button("Two")
    show_in(window, qtbot, one, two)
    two.setFocus()
    assert appearance.focus_rings.ring is not None

    click(one)

    assert one.hasFocus()
    assert appearance.focus_rings.ring is None
    key(one, Qt.Key.Key_Shift)
    assert appearance.focus_rings.ring is None
    key(one, Qt.Key.Key_Tab)
    assert two.hasFocus()
    assert appearance.focus_rings.ring is not None


def test_chips_and_choices_have_none_by_mouse_and_fields_have_one(
    window: QWidget, qtbot: Any, appearance: Appearance
) -> None:
    chips, choice, field = Chips([("all", "All"), ("failed", "Failed")]), QComboBox(), SearchField("Filter")
    show_in(window, qtbot, chips, choice, field)

    click(chips.findChildren(QPushButton)[1])
    assert chips.current == "failed"
    assert appearance.focus_rings.ring is None
    click(field)
    assert field.hasFocus()
    assert appearance.focus_rings.ring is not None


def test_what_a_click_opens_has_no_ring_either(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    """The focus is moved by the program then; the hand is at the mouse all the same."""
    one, two = Button("Open"), Button("First of the sheet")
    one.clicked.connect(lambda: two.setFocus(Qt.FocusReason.PopupFocusReason))
    show_in(window, qtbot, one, two)

    click(one)

    assert two.hasFocus()
    assert appearance.focus_rings.ring is None
    one.setFocus()
    key(one, Qt.Key.Key_Space)
    assert two.hasFocus()
    assert appearance.focus_rings.ring is not None


def test_side_bar_and_tabs_paint_theirs_by_key_only(window: QWidget, qtbot: Any) -> None:
    sidebar, tabs = Sidebar(ENTRIES, "Pages"), Tabs("Parts", ["Live", "History"])
    show_in(window, qtbot, sidebar, tabs)
    row = sidebar.findChildren(QAbstractButton)[1]

    click(row)
    assert row.hasFocus()
    assert not has_colour(row, LIGHT.focus_ring)
    key(row, Qt.Key.Key_Tab)
    assert tabs.hasFocus()
    assert has_colour(tabs, LIGHT.focus_ring)
    click(tabs)
    assert not has_colour(tabs, LIGHT.focus_ring)


def some_bars() -> BarPlot:
    made = BarPlot("By type", "USD a month", number)
    made.set_data(months())
    return made


def a_grid() -> CellGrid:
    made = CellGrid("Last 30 days")
    made.set_data(days())
    return made


def a_fact() -> FactRow:
    return FactRow(Fact("a", "mx1.example", "Disk 91 %"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: BandPlot("CPU", "p50", "p95"),
        a_fact,
        some_bars,
        a_grid,
    ],
    ids=["band", "fact", "bars", "grid"],
)
def test_what_paints_its_ring_has_it_by_key_only(window: QWidget, qtbot: Any, make: Callable[[], QWidget]) -> None:
    before, painted = Button("Before"), make()
    show_in(window, qtbot, before, painted)
    before.setFocus()

    key(before, Qt.Key.Key_Tab)
    assert has_colour(painted, LIGHT.focus_ring)
    click(painted)
    assert not has_colour(painted, LIGHT.focus_ring)
    key(before, Qt.Key.Key_Home)
    assert has_colour(painted, LIGHT.focus_ring)


@pytest.mark.parametrize("theme", [LIGHT, DARK, LIGHT_HIGH, DARK_HIGH], ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", ["plain", "primary", "quiet", "danger", "icon", "chip", "cover", "search"])
def test_every_kind_of_button_goes_down(
    window: QWidget, qtbot: Any, appearance: Appearance, kind: str, theme: Any
) -> None:
    appearance.choose_contrast("high" if theme in (LIGHT_HIGH, DARK_HIGH) else "auto")
    appearance.choose("dark" if theme in (DARK, DARK_HIGH) else "light")
    try:
        button = QPushButton("Act")
        button.setProperty("kind", kind)
        show_in(window, qtbot, button)
        up = picture(button)

        button.setDown(True)

        pressed = theme.accent_fill_pressed if kind == "primary" else theme.bg_pressed
        assert has_colour(button, pressed)
        assert picture(button) != up
    finally:
        appearance.choose_contrast("auto")


def test_a_row_of_the_side_bar_goes_down(window: QWidget, qtbot: Any) -> None:
    sidebar = Sidebar(ENTRIES, "Pages")
    show_in(window, qtbot, sidebar)
    row = sidebar.findChildren(QAbstractButton)[1]

    row.setDown(True)

    assert has_colour(row, LIGHT.bg_pressed)


def test_plots_are_one_stop_and_arrows_go_through_them(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    before, after = Button("Before"), Button("After")
    stack = ChartStack(
        [PlotSpec(name, name, "%", number) for name in ("CPU", "Memory", "Disk")], span_s=60, longest_s=5
    )
    show_in(window, qtbot, before, stack, after)
    views = [plot.view for plot in stack.plots]
    before.setFocus()

    key(before, Qt.Key.Key_Tab)
    assert views[0].hasFocus()
    key(before, Qt.Key.Key_Down)
    key(before, Qt.Key.Key_Down)
    key(before, Qt.Key.Key_Down)
    assert views[2].hasFocus()
    assert appearance.focus_rings.ring is not None
    key(before, Qt.Key.Key_Tab)
    assert after.hasFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert views[2].hasFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert before.hasFocus()


def test_a_click_into_a_plot_shows_no_ring(window: QWidget, qtbot: Any, appearance: Appearance) -> None:
    stack = ChartStack([PlotSpec("cpu", "CPU", "%", number)], span_s=60, longest_s=5)
    show_in(window, qtbot, stack)

    click(stack.plots[0].view)

    assert stack.plots[0].view.hasFocus()
    assert appearance.focus_rings.ring is None


def a_window() -> QWidget:
    made = QWidget()
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def with_a_button(window: QWidget) -> QWidget:
    row = QVBoxLayout(window)
    row.addWidget(Button("One"))
    row.addWidget(Button("Two"))
    return window


@pytest.mark.parametrize(
    "make",
    [a_window, QLineEdit, lambda: with_a_button(QWidget()), lambda: with_a_button(QDialog())],
    ids=["itself", "field", "button", "dialog"],
)
def test_a_window_with_the_focus_goes_with_its_last_reference(
    qtbot: Any, appearance: Appearance, make: Callable[[], QWidget]
) -> None:
    """Held by the ring it went later, in the midst of what Qt does about the focus: that ended the process."""
    for _twice in range(2):
        window = make()
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        (window.findChild(QPushButton) or window).setFocus(Qt.FocusReason.TabFocusReason)
        assert (appearance.focus_rings.ring is None) is (make is a_window)
        known = weakref.ref(window)

        del window

        assert known() is None
