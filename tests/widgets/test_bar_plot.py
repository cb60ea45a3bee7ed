"""The plot of bars: what it shows, keyboard, mouse, screen reader, table, and its numbers."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication

from app.shell.appearance.theme import Appearance
from backend.core.present.format import number
from tests.widgets.bars import days_of_parts, months, warm_up
from tests.widgets.hands import menu_of, take_table_and_image
from tests.widgets.reading import described, has_colour, picture, spoken
from widgets.bar_data import Bar, BarData, BarLimit
from widgets.bar_geometry import BarGeometry, heads_that_fit, held_of, outlines_of, parts_of, plan_of, scale
from widgets.bar_plot import BarPlot
from widgets.swatch import Outline
from widgets.tokens import DARK, LIGHT

BOX = QRect(0, 0, 100, 100)


@pytest.fixture
def plot(qtbot: Any) -> BarPlot:
    plot = BarPlot("By type", "USD a month", number)
    qtbot.addWidget(plot)
    plot.set_data(months())
    plot.resize(640, 260)
    plot.show()
    plot.activateWindow()
    qtbot.waitUntil(plot.isActiveWindow)
    return plot


def click(qtbot: Any, plot: BarPlot, at: int) -> None:
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=plot.bar_rect(at).center())


def test_a_press_chooses_a_bar_and_says_its_parts(plot: BarPlot, qtbot: Any) -> None:
    with qtbot.waitSignal(plot.chosen) as chosen:
        click(qtbot, plot, 10)

    assert chosen.args == [10]
    assert plot.words == ("Oct 2026: 372, Compute 208, Storage 52, Backup 48, Addresses 33, Traffic 19, Other 11")
    assert has_colour(plot, LIGHT.bg_selected)


def test_the_hovered_bar_speaks_before_the_chosen_one(plot: BarPlot, qtbot: Any) -> None:
    plot.choose(2)
    qtbot.mouseMove(plot, plot.bar_rect(5).center())

    assert plot.words.startswith("May 2026")

    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert plot.words.startswith("Feb 2026")


def test_arrows_and_far_keys_go_through_the_bars(plot: BarPlot, qtbot: Any) -> None:
    key = Qt.Key
    for pressed, reached in (
        (key.Key_Left, 11),
        (key.Key_Left, 10),
        (key.Key_Right, 11),
        (key.Key_Right, 11),
        (key.Key_Home, 0),
        (key.Key_Left, 0),
        (key.Key_PageDown, 7),
        (key.Key_PageUp, 0),
        (key.Key_End, 11),
    ):
        qtbot.keyClick(plot, pressed)
        assert plot.current == reached, pressed


def test_enter_and_a_double_click_open_a_bar(plot: BarPlot, qtbot: Any) -> None:
    click(qtbot, plot, 3)
    with qtbot.waitSignal(plot.activated) as opened:
        qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert opened.args == [3]

    with qtbot.waitSignal(plot.activated) as opened:
        qtbot.mouseDClick(plot, Qt.MouseButton.LeftButton, pos=plot.bar_rect(7).center())
    assert opened.args == [7]
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=plot.bar_rect(7).center())


def test_other_keys_go_on_to_the_page(plot: BarPlot) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)

    QApplication.sendEvent(plot, event)

    assert not event.isAccepted()


def test_who_comes_by_key_finds_the_last_bar_with_a_ring(plot: BarPlot, heard: list[str]) -> None:
    QApplication.sendEvent(plot, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))

    assert plot.current == 11
    assert heard == [plot.words]
    assert "projected 431" in heard[0]
    assert has_colour(plot, LIGHT.focus_ring)


def test_who_comes_by_mouse_sees_no_ring(plot: BarPlot, qtbot: Any) -> None:
    QApplication.sendEvent(plot, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.MouseFocusReason))
    click(qtbot, plot, 1)

    assert not has_colour(plot, LIGHT.focus_ring)


def test_a_screen_reader_hears_name_unit_and_summary(plot: BarPlot) -> None:
    assert spoken(plot) == "By type USD a month"
    assert described(plot) == "12 bars, highest 372 in Oct 2026, last 326 in Nov 2026, budget 384"


def test_the_menu_key_offers_table_and_image(plot: BarPlot, qtbot: Any) -> None:
    take_table_and_image(plot, menu_of(plot), qtbot, image=2)


def test_it_is_a_table_too(plot: BarPlot) -> None:
    head, rows = plot.table()

    assert head == (
        *("", "Compute", "Storage", "Backup", "Addresses", "Traffic", "Other"),
        *("Total USD a month", "projected"),
    )
    assert rows[0][0] == "Dec 2025"
    assert rows[0][-2:] == ("222", "\N{EN DASH}")
    assert rows[11][-1] == "431"
    plot.menu.copy()
    assert len(QGuiApplication.clipboard().text().split("\n")) == 13


def test_a_plot_of_one_part_has_no_column_for_it(qtbot: Any) -> None:
    plot = BarPlot("Warm-up", "messages a day", number)
    qtbot.addWidget(plot)
    plot.set_data(warm_up())

    head, rows = plot.table()

    assert head == ("", "Total messages a day", "planned")
    assert rows[20][1] == "\N{EN DASH}"
    plot.choose(11)
    assert plot.words == "14 Nov 2026: 0, planned 29, held, bounces 5.4 %"
    plot.choose(30)
    assert plot.words == "3 Dec 2026: no data, planned 174"


def test_parts_limits_and_plan_are_drawn_in_both_themes(plot: BarPlot, appearance: Appearance) -> None:
    for colour in (*LIGHT.series, LIGHT.status_warning, LIGHT.chart_axis):
        assert has_colour(plot, colour), colour

    appearance.choose("dark")

    for colour in (*DARK.series, DARK.status_warning):
        assert has_colour(plot, colour), colour


def test_today_and_what_was_held_are_drawn(qtbot: Any) -> None:
    plot = BarPlot("Warm-up", "messages a day", number)
    qtbot.addWidget(plot)
    plot.set_data(warm_up())
    plot.resize(640, 260)
    plot.show()

    assert has_colour(plot, LIGHT.accent_text)
    assert has_colour(plot, LIGHT.chart_gap)


def test_the_chosen_bar_stays_with_its_name(plot: BarPlot) -> None:
    plot.choose(10)
    before = months()

    plot.set_data(BarData(before.parts, before.bars[1:], before.plan, has_outlines=True))
    assert plot.current == 9

    plot.set_data(warm_up())
    assert plot.current is None


@pytest.mark.parametrize(
    "data",
    [months(), warm_up(), days_of_parts(365), BarData((), ()), BarData(("a",), (Bar("Mon", (0.0,)), Bar("Tue")))],
)
def test_every_plot_is_painted_at_any_size(qtbot: Any, data: BarData) -> None:
    plot = BarPlot("Plot", "", number)
    qtbot.addWidget(plot)
    plot.set_data(data)
    plot.show()
    for width, height in ((160, 140), (300, 150), (2000, 600)):
        plot.resize(width, height)
        assert not picture(plot).isNull()
        plot.grab()


def test_a_press_beside_the_bars_chooses_nothing(plot: BarPlot, qtbot: Any) -> None:
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(3, 100))

    assert plot.current is None


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (431, (0, 100, 200, 300, 400)),
        (0, (0,)),
        (1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (9_999, (0, 2000, 4000, 6000, 8000, 10_000)),
        (98, (0, 20, 40, 60, 80)),
    ],
)
def test_ticks_stand_at_round_numbers_and_the_highest_fits(highest: float, ticks: tuple[float, ...]) -> None:
    top, found = scale(highest)

    assert top >= highest
    assert found[0] == 0
    assert len(found) <= 7
    if highest:
        assert found == pytest.approx(ticks)


def test_stacked_parts_stand_on_each_other_with_a_gap() -> None:
    data = BarData(("a", "b"), (Bar("Mon", (50.0, 25.0)), Bar("Tue")))
    (below,), (above,) = parts_of(data, BarGeometry(BOX, 2, 100.0, (0.0,)))

    assert below.bottom() == BOX.bottom()
    assert above.bottom() + 2 == below.top()
    assert above.height() + below.height() + 1 == 75


def test_a_part_of_nothing_has_no_box() -> None:
    data = BarData(("a", "b"), (Bar("Mon", (0.0, 25.0)),))
    none, (some,) = parts_of(data, BarGeometry(BOX, 1, 100.0, (0.0,)))

    assert none == []
    assert some.height() == 25


def test_a_plan_has_pieces_and_outlines_only_above_the_bar() -> None:
    bars = (Bar("1", (5.0,), planned=9.0), Bar("2", (5.0,), planned=4.0), Bar("3", (5.0,)), Bar("4", planned=3.0))
    data, place = BarData(("a",), bars, "planned"), BarGeometry(BOX, 4, 10.0, (0.0,))

    assert [len(piece) for piece in plan_of(data, place)] == [2]
    assert [at for at, _box in outlines_of(data, place)] == [0, 3]


def test_neighbours_held_for_one_reason_are_one_band() -> None:
    bars = tuple(Bar(str(at), held=words) for at, words in enumerate(("", "bounces", "bounces", "", "bounces", "rate")))

    assert held_of(BarData((), bars)) == [(1, 2, "bounces"), (4, 4, "bounces"), (5, 5, "rate")]


def test_heads_give_way_evenly_and_the_last_stays() -> None:
    assert heads_that_fit([(at, 20) for at in range(12)], 40.0) == list(range(11, -1, -1))
    assert heads_that_fit([(at, 30) for at in range(12)], 20.0) == [11, 9, 7, 5, 3, 1]
    assert heads_that_fit([], 20.0) == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BarData(tuple("abcdefg"), ()), "at most 6"),
        (lambda: BarData(("a", "b"), (Bar("Mon", (1.0,)),)), "1 values for 2 parts"),
        (lambda: BarData(("a",), (Bar("Mon", (-1.0,)),)), "below zero"),
        (lambda: BarData(("a",), (Bar("Mon", planned=-1.0),)), "below zero"),
        (lambda: BarData(("a",), (), today=0), "no bar 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_the_legend_is_in_stacking_order_with_the_plan_last() -> None:
    entries = months().legend()

    assert [word for _swatch, word in entries][:2] == ["Compute", "Storage"]
    assert entries[-1] == (Outline(), "projected")
    assert warm_up().legend()[-1] == (Outline(is_line=True), "planned")
    assert BarLimit(1.0, "limit").word == "limit"
