"""Charts of a longer time: where pan and zoom end, days on axis and crosshair, gaps with their reason, files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from app.shell.appearance.theme import Appearance
from backend.core.present.decimate import Gap, broken, unobserved
from backend.core.present.format import day, number, rate, rate_unit
from backend.core.present.status import Status
from tests.widgets.hands import menu_of
from tests.widgets.reading import has_colour
from tests.widgets.stacks import as_new, lasting
from widgets.charts.axes import tick_words
from widgets.charts.gap_bands import gap_words, gaps_in_view
from widgets.charts.saving import SPACE, saved
from widgets.charts.spec import CSV, PNG, SVG, Extent, Limit, Line, PlotSpec
from widgets.charts.stack import ChartStack
from widgets.tokens import LIGHT

DAY = 86_400.0
NOW = datetime(2026, 11, 24, 14, 30).astimezone().timestamp()  # noon is far: the day of NOW is the same all over it
SINCE = NOW - 90 * DAY
GAP = Gap(NOW - 50 * DAY, NOW - 45 * DAY, "the host refused our key.")
LIMITS = (Limit(80.0, "80 warning"), Limit(95.0, "95 critical", Status.CRITICAL))
SPECS = (
    PlotSpec("cpu", "CPU", "%", number, limits=LIMITS),
    PlotSpec("net", "Network", "B/s", rate, top=None, lines=(Line("in", "in"), Line("out", "out")), scaled=rate_unit),
)


@pytest.fixture(scope="module")
def drawn(look: Appearance) -> Iterator[ChartStack]:
    yield from lasting(look, SPECS, span_s=90 * DAY, longest_s=750.0)


@pytest.fixture
def stack(drawn: ChartStack) -> Iterator[ChartStack]:
    """Ninety days at one mean a day, five of them unobserved."""
    fill(as_new(drawn, 90 * DAY))
    yield drawn
    drawn._rest.stop()


def fill(stack: ChartStack) -> None:
    times = np.array([at for at in np.arange(SINCE + DAY / 2, NOW, DAY) if not GAP.since < at < GAP.until])
    values = {"cpu": times * 0 + 40.0, "in": times * 0 + 90_000, "out": times * 0 + 150_000}
    newest = {"cpu": (NOW - 200.0, 43.0), "in": (NOW - 5, 80_000.0), "out": (NOW - 2000, 1.0)}
    stack.set_data(times, values, NOW, Extent({"cpu": times * 0 + 70.0}, (GAP,), newest, SINCE, NOW))


def wheel(stack: ChartStack, turns: int) -> None:
    viewport = stack.plots[0].view.viewport()
    spot = QPointF(viewport.width() / 2, viewport.height() / 2)
    event = QWheelEvent(
        spot, viewport.mapToGlobal(spot), QPoint(), QPoint(0, 120 * turns), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_zoom_ends_where_the_data_begins_and_ends(stack: ChartStack) -> None:
    assert stack.shown_span() == pytest.approx((SINCE, NOW))

    wheel(stack, -40)
    assert stack.shown_span() == pytest.approx((SINCE, NOW))

    wheel(stack, 10)
    start, end = stack.shown_span()
    assert SINCE < start < end < NOW


def test_no_pan_shows_what_is_to_come_or_what_was_before(stack: ChartStack) -> None:
    stack.show_span(10 * DAY)
    box = stack.plots[1].view.getViewBox()

    box.translateBy(x=30 * DAY)
    assert stack.shown_span() == pytest.approx((NOW - 10 * DAY, NOW))

    box.translateBy(x=-300 * DAY)
    assert stack.shown_span() == pytest.approx((SINCE, SINCE + 10 * DAY))


def test_minus_on_the_keyboard_ends_there_too(stack: ChartStack, qtbot: Any) -> None:
    stack.show_span(10 * DAY)
    for _press in range(20):
        qtbot.keyClick(stack.plots[0].view, Qt.Key.Key_Minus)

    assert stack.shown_span() == pytest.approx((SINCE, NOW))


def test_a_zoom_that_came_to_rest_tells_its_span(stack: ChartStack, qtbot: Any) -> None:
    with qtbot.waitSignal(stack.span_shown) as told:
        wheel(stack, 3)

    assert tuple(told.args) == pytest.approx(stack.shown_span())


def test_the_crosshair_names_the_day_when_that_is_not_today(stack: ChartStack) -> None:
    noon = datetime(2026, 11, 2, 12, 0).astimezone()

    stack.show_crosshair(noon.timestamp())
    assert stack._clock.text() == day(noon)

    stack.show_span(30 * DAY)
    stack.show_crosshair(noon.timestamp())
    assert stack._clock.text() == f"{day(noon)}, 12:00"

    stack.show_crosshair(NOW - 600)
    assert stack._clock.text() == "14:20"


def test_words_under_the_pill_are_left_out(stack: ChartStack) -> None:
    axis = stack.plots[-1].time_axis
    ((spacing, moments),) = axis.tickValues(*stack.shown_span(), 400)

    stack.show_crosshair(moments[1])
    words = axis.tickStrings(moments, 1.0, spacing)
    stack.hide_crosshair()

    assert words[1] == ""
    assert words[-1] != ""
    assert all(axis.tickStrings(moments, 1.0, spacing))


def at(text: str) -> float:
    return datetime.fromisoformat(text).astimezone().timestamp()


@pytest.mark.parametrize(
    ("moments", "spacing", "words"),
    [
        (["2026-11-24T06:00", "2026-11-24T12:00"], 21_600, ["06:00", "12:00"]),
        (["2026-11-23T18:00", "2026-11-24T00:00", "2026-11-24T06:00"], 21_600, ["23 Nov 18:00", "24 Nov", "06:00"]),
        (["2026-11-22T00:00", "2026-11-23T00:00"], 86_400, ["22 Nov", "23 Nov"]),
        (["2025-12-30T00:00", "2025-12-31T00:00", "2026-01-01T00:00"], 86_400, ["30 Dec 2025", "31 Dec", "1 Jan 2026"]),
    ],
)
def test_ticks_name_the_day_where_it_begins_and_where_it_is_not_today(
    moments: list[str], spacing: int, words: list[str]
) -> None:
    assert tick_words([at(moment) for moment in moments], spacing, date(2026, 11, 24)) == words


def test_a_gap_is_named_with_its_reason_over_the_plots_and_under_the_crosshair(stack: ChartStack) -> None:
    since, until = (day(datetime.fromtimestamp(each).astimezone()) for each in (GAP.since, GAP.until))
    days = f"{since} to {until}"
    assert stack.note.text() == f"not observed {days}: the host refused our key"
    assert stack.note.isVisible()

    stack.show_crosshair(NOW - 47 * DAY)

    assert stack.crosshair_words.endswith(f"not observed {days}: the host refused our key")
    assert "CPU no data" in stack.crosshair_words


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2026-11-24T13:09", "2026-11-24T14:30", "not observed since 13:09"),
        ("2026-11-23T21:09", "2026-11-24T14:30", "not observed since 23 Nov, 21:09"),
        ("2026-11-24T09:00", "2026-11-24T10:30", "not observed 09:00 to 10:30"),
        ("2026-11-23T09:00", "2026-11-23T10:30", "not observed 23 Nov, 09:00 to 10:30"),
        ("2026-11-24T09:00:10", "2026-11-24T09:00:32", "not observed 09:00:10 to 09:00:32"),
    ],
)
def test_a_gap_in_words(since: str, until: str, words: str) -> None:
    assert gap_words(Gap(at(since), at(until)), NOW) == words
    assert gap_words(Gap(at(since), at(until), "it sleeps."), NOW) == f"{words}: it sleeps"


def test_of_several_gaps_in_view_the_newest_is_named_and_the_others_counted() -> None:
    gaps = (Gap(NOW - 9000, NOW - 8000), Gap(NOW - 5000, NOW - 4000), Gap(NOW - 700, NOW))

    assert gaps_in_view(gaps, NOW - 10_000, NOW, NOW).endswith("; 2 more gaps")
    assert "more" not in gaps_in_view(gaps, NOW - 6000, NOW - 3000, NOW)
    assert gaps_in_view(gaps, NOW - 3000, NOW - 2000, NOW) == ""


def test_where_nothing_was_observed_all_of_it_is_a_gap(stack: ChartStack) -> None:
    stack.set_data([], {}, NOW)

    assert stack.plots[0].bands.gaps == (Gap(NOW - 90 * DAY, NOW),)
    assert stack.note.text().startswith("not observed since ")
    assert has_colour(stack.plots[0].view, LIGHT.chart_gap)


def test_the_newest_value_is_told_with_its_time_unless_it_is_of_now_or_too_old(stack: ChartStack) -> None:
    assert stack.plots[0].now.text() == "43 at 14:26"
    legend = stack.plots[1].legend
    assert legend is not None
    assert legend.text() == "in 80  out –"


def test_a_range_that_ended_long_ago_has_no_value_of_now(stack: ChartStack) -> None:
    end = NOW - 20 * DAY

    stack.set_data([end - 300, end], {"cpu": [1.0, 2.0], "in": [1.0, 2.0]}, NOW, Extent(since=end - DAY, until=end))

    legend = stack.plots[1].legend
    assert legend is not None
    assert (stack.plots[0].now.text(), legend.text()) == ("", "in  out")


def test_words_of_the_value_axis_do_not_stand_on_each_other(stack: ChartStack) -> None:
    axis = stack.plots[0].value_axis

    assert axis.tickValues(0, 0, 60) == [(50, [0, 50, 100])]
    assert axis.tickValues(0, 0, 30) == [(50, [0, 100])]


def test_the_line_over_the_plots_keeps_its_height_and_shows_the_whole_reason(stack: ChartStack) -> None:
    stack.resize(360, 500)
    long = Gap(NOW - 2 * DAY, NOW, "198.51.100.17 does not respond over SSH, and nobody knows since when that is so")
    stack.set_data([NOW - 3 * DAY], {"cpu": [1.0]}, NOW, Extent(gaps=(long,), since=SINCE, until=NOW))
    two_lines = stack.note.height()
    assert two_lines >= 2 * stack.note.fontMetrics().height()

    stack.set_data([NOW], {"cpu": [1.0]}, NOW, Extent(gaps=(), since=SINCE, until=NOW))
    QApplication.processEvents()

    assert stack.note.text() == ""
    assert stack.note.height() == two_lines


def test_a_sample_that_lacks_a_metric_does_not_hide_the_one_before(stack: ChartStack) -> None:
    """After a start there are no rates yet."""
    stack.set_data([NOW - 300, NOW - 2], {"cpu": [17.0, np.nan], "in": [1.0, 2.0]}, NOW)

    assert stack.plots[0].now.text() == "17 at 14:25"


def test_the_band_reaches_from_the_mean_to_its_p95(stack: ChartStack) -> None:
    plot = stack.plots[0]
    view, box = plot.view, plot.view.getViewBox()
    image = view.grab().toImage()

    def colour(value: float) -> QColor:
        spot = view.mapFromScene(box.mapViewToScene(QPointF(NOW - 20 * DAY, value)))
        return image.pixelColor(spot.x(), spot.y())

    shade, ground = colour(62.0), colour(30.0)
    assert ground.name().upper() == LIGHT.bg_surface
    assert shade.blue() - shade.red() > 20


def test_figures_of_a_plot_have_one_unit(stack: ChartStack) -> None:
    plot = stack.plots[1]
    assert plot.unit.text() == "kB/s"
    assert plot.value_axis.tickStrings([0.0, plot.top], 1.0, 0.0) == ["0", number(plot.top / 1000)]

    stack.set_data([NOW], {"in": [3.4e6]}, NOW)

    assert plot.unit.text() == "MB/s"
    assert plot.figure(3.4e6) == "3.4"
    assert rate_unit(12.0) == (1.0, "B/s")


def test_both_outer_ticks_have_room_for_their_words(stack: ChartStack) -> None:
    for height in (300, 700):
        stack.resize(500, height)
        box = stack.plots[0].view.getViewBox()
        for value in (0.0, 100.0):
            y = box.mapFromView(QPointF(NOW, value)).y()
            assert 8 <= y <= box.height() - 8


def test_a_chart_is_saved_as_drawing(stack: ChartStack) -> None:
    drawing = Xml.fromstring(saved(stack, SVG))

    words = [text.text for text in drawing.iter(f"{{{SPACE}}}text")]
    assert {"CPU %", "Network kB/s", "80 warning", "95 critical", "43 at 14:26"} <= set(words)
    lines = list(drawing.iter(f"{{{SPACE}}}polyline"))
    assert len(lines) == 3 * 2  # each line in two pieces: none crosses the gap
    assert len(list(drawing.iter(f"{{{SPACE}}}polygon"))) == 2
    assert (drawing.get("width"), drawing.get("height")) == ("500", "400")


def test_a_chart_is_saved_as_table(stack: ChartStack) -> None:
    head, first, *rest = csv.reader(io.StringIO(saved(stack, CSV).decode("utf-8-sig")))

    assert head == ["time", "CPU %", "CPU % p95", "Network in B/s", "Network out B/s"]
    assert first[1:] == ["40", "70", "90000", "150000"]
    assert datetime.fromisoformat(first[0]) == datetime.fromtimestamp(SINCE + DAY / 2, UTC)
    assert len(rest) == 84


def test_a_chart_is_saved_as_picture(stack: ChartStack) -> None:
    assert saved(stack, PNG).startswith(b"\x89PNG")


def test_the_menu_asks_to_save(stack: ChartStack, qtbot: Any) -> None:
    menu = menu_of(stack.plots[0].view)
    asked: list[str] = []
    stack.save_asked.connect(asked.append)

    for action in menu.actions():
        if action.text().startswith("Save"):
            action.trigger()

    assert asked == [PNG, SVG, CSV]
    menu.close()


def test_what_lies_too_far_apart_is_a_gap_also_at_both_ends() -> None:
    times = np.array([100.0, 110.0, 200.0])

    assert unobserved(times, 20.0, 50.0, 215.0) == [Gap(50, 100), Gap(110, 200)]
    assert unobserved(times, 20.0, 90.0, 300.0) == [Gap(110, 200), Gap(200, 300)]
    assert unobserved(np.empty(0), 20.0, 0.0, 9.0) == [Gap(0, 9)]


def test_a_line_breaks_inside_each_gap_and_nowhere_else() -> None:
    times, values = broken(np.array([1.0, 2.0, 9.0]), np.array([5.0, 6.0, 7.0]), [Gap(0, 1), Gap(2, 9), Gap(9, 20)])

    assert times.tolist() == [1, 2, 2, 9]
    assert np.isnan(values).tolist() == [False, False, True, False]
