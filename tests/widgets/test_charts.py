"""Charts: what was not observed is not drawn, one time axis, the crosshair from the keyboard, few points a frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.decimate import Gap
from backend.core.present.format import number, rate, rate_unit
from backend.core.present.status import Status
from tests.widgets.hands import menu_of, take_table_and_image
from tests.widgets.reading import described, has_colour, spoken
from tests.widgets.stacks import as_new, lasting
from widgets.charts import curve
from widgets.charts.spec import Extent, Limit, Line, PlotSpec
from widgets.charts.stack import ChartStack
from widgets.scrolled import scrolled
from widgets.tokens import DARK, LIGHT

NOW = 1_795_000_000.0
SPAN = 600.0
BOTH = (Line("in", "in"), Line("out", "out"))
LIMITS = (Limit(80.0, "80 warning"), Limit(95.0, "95 critical", Status.CRITICAL))
SPECS = (
    PlotSpec("cpu", "CPU", "%", number, limits=LIMITS),
    PlotSpec("net", "Network", "B/s", rate, top=None, lines=BOTH, scaled=rate_unit),
)


@pytest.fixture(scope="module")
def drawn(look: Appearance) -> Iterator[ChartStack]:
    yield from lasting(look, SPECS, span_s=SPAN, longest_s=15.0)


@pytest.fixture
def stack(drawn: ChartStack, qtbot: Any) -> Iterator[ChartStack]:
    """Ten minutes at one sample in five seconds, with two minutes unobserved; in an active window."""
    stack = as_new(drawn, SPAN)
    stack.activateWindow()
    qtbot.waitUntil(stack.isActiveWindow)
    times = np.concatenate([np.arange(NOW - 600, NOW - 360, 5.0), np.arange(NOW - 240, NOW + 1, 5.0)])
    stack.set_data(times, {"cpu": np.full(len(times), 50.0), "in": times * 0 + 1500, "out": times * 0 + 300}, NOW)
    yield stack
    stack._rest.stop()


def test_the_present_is_at_the_right_edge_of_all_plots(stack: ChartStack) -> None:
    for plot in stack.plots:
        start, end = plot.view.viewRange()[0]
        assert (start, end) == pytest.approx((NOW - SPAN, NOW), abs=1.0)


def test_unobserved_time_is_a_band_without_a_line(stack: ChartStack) -> None:
    plot = stack.plots[0]
    assert plot.bands.gaps == (Gap(NOW - 365, NOW - 240),)
    assert plot.curves[0].value_at(NOW - 300) is None
    assert plot.curves[0].value_at(NOW - 100) == 50.0
    image = plot.view.grab().toImage()
    line_y = _y_of(plot, 50.0)
    gap, seen = _x_of(plot, NOW - 300), _x_of(plot, NOW - 430)

    assert image.pixelColor(gap, line_y + 12).name().upper() == LIGHT.chart_gap
    assert image.pixelColor(seen, line_y + 12).name().upper() == LIGHT.bg_surface
    assert not _has_ink(image, gap, line_y)
    assert _has_ink(image, seen, line_y)


def _x_of(plot: Any, moment: float) -> int:
    return plot.view.mapFromScene(plot.view.getViewBox().mapViewToScene(QPointF(moment, 0))).x()


def _y_of(plot: Any, value: float) -> int:
    return plot.view.mapFromScene(plot.view.getViewBox().mapViewToScene(QPointF(NOW, value))).y()


def _has_ink(image: Any, x: int, y: int) -> bool:
    colours = (image.pixelColor(x, y + step) for step in range(-2, 3))
    return any(colour.blue() > colour.red() + 60 for colour in colours)


def test_a_tick_paints_the_bands_only_when_they_change(stack: ChartStack, monkeypatch: pytest.MonkeyPatch) -> None:
    bands, painted = stack.plots[0].bands, []
    monkeypatch.setattr(bands, "update", lambda: painted.append(True))
    stack.follows = False

    stack.set_data(stack._times, dict(stack._values), NOW + 1)
    assert painted == []

    stack.set_data(stack._times[:20], {}, NOW + 1)
    assert painted == [True]


def test_hundreds_of_gaps_are_all_drawn(stack: ChartStack) -> None:
    times = np.arange(NOW - 600, NOW, 3.0)
    stack.set_data(times, {"cpu": times * 0}, NOW, Extent(gaps=tuple(Gap(at + 1, at + 2) for at in times)))
    stack.plots[0].view.setXRange(NOW - 600, NOW - 590, padding=0)

    assert has_colour(stack.plots[0].view, LIGHT.chart_gap)


def test_a_screen_reader_hears_the_summary(stack: ChartStack) -> None:
    assert spoken(stack.plots[0].view) == "CPU %"
    assert described(stack.plots[0].view) == "CPU: 97 samples, lowest 50, highest 50, last 50"
    assert described(stack.plots[1].view).startswith("in: 97 samples, lowest 1.5 kB/s")


def test_values_now_stand_in_head_and_legend(stack: ChartStack) -> None:
    assert stack.plots[0].now.text() == "now 50"
    legend = stack.plots[1].legend
    assert legend is not None
    assert [label.text() for label in legend._words] == ["in 1.5", "out 0.3"]
    assert stack.plots[1].unit.text() == "kB/s"


def test_arrows_move_the_crosshair_in_all_plots(stack: ChartStack, qtbot: Any) -> None:
    view = stack.plots[0].view
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    first = stack.plots[1].cross.moment
    assert first == pytest.approx(NOW - 10, abs=1.5)
    assert "CPU 50" in stack.crosshair_words
    assert "in 1.5 kB/s" in stack.crosshair_words

    for _step in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Left)

    assert stack.plots[0].cross.moment == stack.plots[1].cross.moment == pytest.approx(NOW - 310, abs=3)
    assert "CPU no data" in stack.crosshair_words
    stack.plots[1].view.setFocus()
    assert stack.crosshair_words == ""


def test_the_mouse_moves_the_crosshair(stack: ChartStack, qtbot: Any) -> None:
    view = stack.plots[0].view
    spot = QPoint(_x_of(stack.plots[0], NOW - 60), 30)

    qtbot.mouseMove(view.viewport(), spot)

    qtbot.waitUntil(lambda: stack.plots[1].cross.moment == pytest.approx(NOW - 60, abs=3))


def test_the_time_of_the_crosshair_is_seen_where_the_axis_is_scrolled_away(stack: ChartStack, qtbot: Any) -> None:
    area = scrolled(stack, "History")
    area.resize(500, 150)
    qtbot.addWidget(area)
    area.show()
    qtbot.waitExposed(area)

    stack.show_crosshair(NOW - 60)
    seen = area.viewport().rect()
    assert stack.height() > seen.height()
    assert seen.contains(QRect(stack._clock.mapTo(area.viewport(), QPoint(0, 0)), stack._clock.size()))

    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    stack.show_crosshair(NOW - 60)
    axis = stack.plots[-1].view
    assert stack._clock.geometry().bottom() == axis.mapTo(stack, QPoint(0, axis.height())).y() - 2
    area.takeWidget()


def test_beside_the_plot_there_is_no_crosshair(stack: ChartStack, qtbot: Any) -> None:
    viewport = stack.plots[0].view.viewport()
    qtbot.mouseMove(viewport, viewport.rect().center())
    qtbot.waitUntil(lambda: stack.crosshair_words != "")

    qtbot.mouseMove(viewport, QPoint(3, viewport.height() // 2))

    qtbot.waitUntil(lambda: stack.crosshair_words == "")
    assert not stack._clock.isVisible()


def _wheel(stack: ChartStack, number_of_plot: int) -> None:
    viewport = stack.plots[number_of_plot].view.viewport()
    spot = QPointF(viewport.width() / 2, viewport.height() / 2)
    event = QWheelEvent(
        spot, viewport.mapToGlobal(spot), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


@pytest.mark.parametrize("plot", [0, 1])
def test_the_wheel_zooms_all_plots_and_stops_following(stack: ChartStack, plot: int) -> None:
    _wheel(stack, plot)
    start, end = stack.shown_span()
    assert end - start < SPAN - 10
    assert not stack.follows
    assert stack.plots[1].view.viewRange()[0] == pytest.approx([start, end])

    stack.set_data(stack._times, dict(stack._values), NOW + 100)

    assert stack.shown_span() == (start, end)


def test_a_double_click_goes_back_to_the_present(stack: ChartStack, qtbot: Any) -> None:
    _wheel(stack, 0)

    qtbot.mouseDClick(stack.plots[1].view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(80, 20))

    start, end = stack.shown_span()
    assert stack.follows
    assert end - start == pytest.approx(SPAN)


def test_plus_and_minus_zoom_and_home_goes_back(stack: ChartStack, qtbot: Any) -> None:
    view = stack.plots[0].view
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    start, end = stack.shown_span()
    assert end - start == pytest.approx(SPAN * 0.7)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert stack.shown_span()[1] - stack.shown_span()[0] == pytest.approx(SPAN)
    assert not stack.follows

    qtbot.keyClick(view, Qt.Key.Key_Home)

    assert stack.follows


def test_the_table_has_every_line_and_empty_cells_for_the_unobserved(stack: ChartStack) -> None:
    stack.set_data([NOW - 5, NOW], {"cpu": [50.0, float("nan")], "in": [1500.0, 1.0]}, NOW)

    head, rows = stack.rows()

    assert head == ("Time", "CPU %", "Network in kB/s", "Network out kB/s")
    assert [row[1:] for row in rows] == [("50", "1.5", ""), ("", "0.0", "")]


def test_the_menu_offers_table_and_image(stack: ChartStack, qtbot: Any) -> None:
    take_table_and_image(stack, menu_of(stack.plots[0].view), qtbot, image=1)


def test_the_scale_follows_the_data_where_it_is_not_fixed(stack: ChartStack) -> None:
    assert stack.plots[1].value_axis.top == 2000.0

    stack.set_data([NOW - 5, NOW], {"in": [10.0, 480_000.0], "out": [1.0, 2.0], "cpu": [1.0, 2.0]}, NOW)

    assert stack.plots[1].value_axis.top == 500_000.0
    assert stack.plots[0].value_axis.top == 100.0
    assert stack.plots[1].value_axis.tickValues(0, 1, 100) == [(250_000.0, [0.0, 250_000.0, 500_000.0])]


def test_nothing_observed_is_said(stack: ChartStack) -> None:
    stack.set_data([], {}, NOW)

    assert stack.plots[0].now.text() == "now –"
    assert described(stack.plots[0].view) == "CPU: no data"
    assert stack.rows()[1] == []


def test_both_limits_are_drawn_and_their_dashes_begin_behind_their_words(stack: ChartStack) -> None:
    plot = stack.plots[0]
    (warning, y, word), (critical, above, other) = plot.limits.places()
    assert (warning.word, critical.word) == ("80 warning", "95 critical")
    assert other.left() > word.right()
    assert above < y

    image = plot.view.grab().toImage()
    left = plot.view.mapFromScene(plot.view.getViewBox().mapToScene(QPointF(0, 0)))
    row = left.y() + int(y)
    colours = {image.pixelColor(left.x() + x, row).name().upper() for x in range(int(word.right()) + 6, 380)}
    before = {image.pixelColor(left.x() + x, row).name().upper() for x in range(int(word.left()) - 1)}
    assert LIGHT.status_warning in colours
    assert LIGHT.status_warning not in before
    assert list(stack.plots[1].limits.places()) == []


def test_the_ground_of_a_limits_word_hides_no_data(stack: ChartStack) -> None:
    stack.set_data(stack._times, {"cpu": np.full(len(stack._times), 80.0)}, NOW)
    ((_limit, y, word), _other) = stack.plots[0].limits.places()

    image = stack.plots[0].view.grab().toImage()

    left = stack.plots[0].view.mapFromScene(stack.plots[0].view.getViewBox().mapToScene(QPointF(0, 0)))
    inside = range(left.x() + int(word.left()), left.x() + int(word.right()))
    assert sum(_has_ink(image, x, left.y() + int(y)) for x in inside) > 0.6 * word.width()


@pytest.mark.parametrize(("value", "side"), [(30.0, 0), (80.0, -1), (74.0, 0), (83.3, 1)])
def test_the_word_of_a_limit_stands_where_no_data_is(stack: ChartStack, value: float, side: int) -> None:
    """On its line, above it (-1) or below it."""
    stack.set_data(stack._times, {"cpu": np.full(len(stack._times), value)}, NOW)

    ((_limit, y, word), _other) = stack.plots[0].limits.places()

    box = stack.plots[0].view.getViewBox()
    data = box.mapFromView(QPointF(0.0, value)).y()
    assert not word.top() + 2 < data < word.bottom() - 2
    assert (word.center().y() > y + 2) - (word.center().y() < y - 2) == side


def test_a_theme_switch_reaches_the_plots(stack: ChartStack, appearance: Appearance) -> None:
    appearance.choose("dark")

    assert stack.plots[0].curves[0].colour == DARK.series[0]
    assert stack.plots[1].curves[1].colour == DARK.series[1]
    assert has_colour(stack.plots[0].view, DARK.bg_surface)


def test_more_lines_than_can_be_told_apart_are_refused() -> None:
    lines = tuple(Line(str(at), str(at)) for at in range(5))

    with pytest.raises(ValueError, match="at most 4"):
        PlotSpec("all", "All", "", number, lines=lines)


def test_a_frame_of_90_days_draws_no_more_points_than_its_columns_show(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sample in five minutes: of what falls into one column, the lowest and the highest."""
    specs = [PlotSpec(f"m{at}", f"Metric {at}", "%", number) for at in range(8)]
    stack = ChartStack(specs, span_s=90 * 86_400.0, longest_s=750.0)
    stack.resize(800, 1000)
    qtbot.addWidget(stack)
    stack.show()
    times = NOW - np.arange(26_000, 0, -1) * 299.0
    stack.set_data(times, {spec.key: 50 + 30 * np.sin(times / 40_000) for spec in specs}, NOW)
    stack.grab()
    drawn: list[int] = []
    monkeypatch.setattr(curve, "_pieces", lambda times, _values: drawn.append(len(times)) or [])

    stack.show_now(NOW - 3600)
    stack.grab()

    assert len(drawn) == len(specs)
    assert 500 < max(drawn) <= 2 * (stack.width() + 2)


def test_a_chart_dies_with_its_window(qtbot: Any) -> None:
    window = QWidget()
    stack = ChartStack(SPECS, span_s=SPAN, longest_s=15.0)
    stack.setParent(window)
    stack.set_data([NOW], {"cpu": [1.0], "in": [1.0], "out": [1.0]}, NOW)

    with qtbot.waitSignal(stack.destroyed):
        window.deleteLater()
