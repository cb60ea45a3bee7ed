"""History and live view of a server: ranges that are kept, finer values under a zoom, what stands in, files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from backend.bootstrap import Installation
from backend.core.checks import Verdict
from backend.core.present.message import Message
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.metrics import server_series
from backend.fleet.verdicts import record_verdict
from backend.store.rollups import DAY
from backend.store.scope import ENGINE_SCOPE
from tests.app.person import Person
from tests.sample_data.servers import add_quarter, server_id, server_name

HISTORY = 1


def history(person: Person, number: int = 1) -> Any:
    """The history of a server, turned to and read."""
    page = person.servers()
    page.choose(server_id(number))
    page.detail.tabs.setCurrentIndex(HISTORY)
    person.wait(lambda: page.detail.history.charts is not None, "the charts")
    person.settle()
    return page.detail.history


def days_shown(part: Any) -> float:
    start, end = part.charts.shown_span()
    return float(end - start) / DAY


def test_ninety_days_are_one_press_away_with_what_was_not_observed_and_why(
    watcher: Person, fleet: Installation
) -> None:
    add_quarter(fleet, 1)
    part = history(watcher)
    assert part.charts.shown_span()[1] - part.charts.shown_span()[0] == pytest.approx(DAY, rel=0.01)

    watcher.click(part.ranges.buttons["90d"])
    watcher.wait(lambda: days_shown(part) > 80, "the whole range")

    assert days_shown(part) == pytest.approx(90, abs=1)
    assert part._key.line.text() == "daily mean"
    assert part.charts.note.text().endswith("203.0.113.2 refused the login")


def test_the_range_is_kept_between_starts(watcher: Person, new_console: Callable[..., Person]) -> None:
    part = history(watcher)
    watcher.click(part.ranges.buttons["30d"])
    watcher.settle()
    watcher.close()

    again = history(new_console())

    assert again.ranges.current.key == "30d"


def test_who_looks_closer_sees_finer_values_and_ends_where_the_range_does(watcher: Person, fleet: Installation) -> None:
    add_quarter(fleet, 1)
    part = history(watcher)
    watcher.click(part.ranges.buttons["90d"])
    watcher.wait(lambda: days_shown(part) > 80, "the whole range")
    view = part.charts.plots[0].view

    for _press in range(4):
        QTest.keyClick(view, Qt.Key.Key_Plus)
    watcher.wait(lambda: part._key.line.text() == "hourly mean", "means of hours")
    for _press in range(8):
        QTest.keyClick(view, Qt.Key.Key_Plus)
    watcher.wait(lambda: part._key.line.text() == "every 5 min", "samples")
    for _press in range(30):
        QTest.keyClick(view, Qt.Key.Key_Minus)
    watcher.wait(lambda: part._key.line.text() == "daily mean", "means of days")

    assert days_shown(part) == pytest.approx(90, abs=1)


def test_a_range_of_ones_own_ends_where_it_was_chosen_to(watcher: Person, fleet: Installation) -> None:
    add_quarter(fleet, 1)
    part = history(watcher)
    end = fleet.clock.now() - timedelta(days=20)

    part.ranges.choose_between(end - timedelta(days=2), end)
    watcher.wait(lambda: days_shown(part) > 1.5, "two days")

    assert part.charts.shown_span()[1] == pytest.approx(end.timestamp(), abs=2)
    assert "servers.history" not in watcher.services.settings.now.ranges


def days_of_samples() -> int:
    """On how many days the two hours before the test lie: daily means begin where the first of them does."""
    now = datetime.now(UTC)
    return 1 + (now.date() - (now - timedelta(hours=3)).date()).days


def test_another_server_is_shown_in_the_same_range_from_its_first_sample(watcher: Person, fleet: Installation) -> None:
    add_quarter(fleet, 1)
    part = history(watcher)
    watcher.click(part.ranges.buttons["90d"])
    watcher.wait(lambda: days_shown(part) > 80, "the whole range")

    watcher.servers().choose(server_id(7))
    watcher.wait(lambda: days_shown(part) < days_of_samples(), "the days of two hours, which are all there is")


def test_live_begins_with_the_samples_that_are_there(watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(0)
    watcher.wait(lambda: page.detail.live_charts is not None and len(page.detail.live_charts._times), "samples")

    live = page.detail.live_charts
    assert live._times[-1] - live._times[0] >= 600
    assert live.plots[0].now.text().startswith(("88 at ", "now 88"))
    assert page.detail.live.waiting.isVisible()
    assert live.gaps == ()


def test_the_first_live_sample_ends_the_waiting(watcher: Person, fleet: Installation) -> None:
    page = watcher.servers()
    page.choose(server_id(1))
    watcher.wait(page.detail.live.waiting.isVisible, "the note")

    at = int(fleet.clock.now().timestamp())
    fleet.metrics.add_live(ENGINE_SCOPE, server_series(server_id(1)), at, {"cpu": 17.0})
    page.detail.live.refresh()

    watcher.wait(lambda: page.detail.live_charts.plots[0].now.text() == "now 17", "the live value")
    assert not page.detail.live.waiting.isVisible()
    assert len(page.detail.live_charts._times) > 3


def test_a_silent_server_is_a_gap_that_says_why(watcher: Person, fleet: Installation) -> None:
    page, now = watcher.servers(), fleet.clock.now()
    with fleet.store.write(ENGINE_SCOPE) as session:
        said = Verdict("critical", Message.said("mx3 does not answer over SSH."))
        record_verdict(session, server_subject(server_id(2)), SERVER_SAMPLE, said, now - timedelta(hours=1))

    page.choose(server_id(2))
    page.detail.tabs.setCurrentIndex(0)
    charts = page.detail.live
    watcher.wait(lambda: charts.charts is not None and charts.charts.gaps, "the gap")

    assert charts.charts.note.text().startswith("not observed since ")
    assert charts.charts.note.text().endswith(": mx3 does not answer over SSH")
    assert not charts.waiting.isVisible()


def test_a_chart_is_saved_where_the_person_wants_it(watcher: Person, tmp_path: Path) -> None:
    part = history(watcher)
    table = tmp_path / f"{server_name(1)}-history.csv"

    for target in (table, tmp_path / "chart.svg", tmp_path / "chart.png"):
        part._files.write_to(str(target))
        watcher.wait(target.exists, "the file")

    assert table.read_text("utf-8-sig").splitlines()[0].startswith("time,CPU %,Memory %")


def test_a_file_that_cannot_be_written_is_said_with_a_remedy(watcher: Person, tmp_path: Path) -> None:
    part = history(watcher)

    part._files.write_to(str(tmp_path / "nowhere" / "chart.csv"))
    watcher.wait(lambda: watcher.sees("The file could not be written."), "the error")

    assert watcher.sees("Choose another folder")


def test_the_menu_beside_the_ranges_saves_too(watcher: Person) -> None:
    part = history(watcher)

    words = [action.text() for action in part.save.menu().actions()]

    assert [word for word in words if word.startswith("Save")] == [
        "Save as picture (PNG)...",
        "Save as drawing (SVG)...",
        "Save as table (CSV)...",
    ]


def test_ninety_days_by_keyboard_alone_and_as_a_screen_reader_says_it(watcher: Person, fleet: Installation) -> None:
    add_quarter(fleet, 1)
    watcher.press(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    page = watcher.servers()
    page.choose(server_id(1))
    page.detail.tabs.setFocus()

    QTest.keyClick(page.detail.tabs, Qt.Key.Key_Right)
    watcher.wait(lambda: page.detail.history.charts is not None, "the charts")
    watcher.settle()
    part, window = page.detail.history, watcher.window
    QTest.keyClick(page.detail.tabs, Qt.Key.Key_Tab)
    assert window.focusWidget() is part.ranges.buttons["24h"]
    window.activateWindow()
    watcher.wait(window.isActiveWindow, "the window to be active")
    for _press in range(3):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    watcher.wait(lambda: part._key.line.text() == "daily mean", "the whole range")

    while window.focusWidget() is not part.charts.plots[0].view:
        before = window.focusWidget()
        QTest.keyClick(before, Qt.Key.Key_Tab)
        assert window.focusWidget() is not before, "Tab leads to the charts"
    for _press in range(31):
        QTest.keyClick(part.charts.plots[0].view, Qt.Key.Key_Left)

    assert "CPU no data" in part.charts.crosshair_words
    assert part.charts.crosshair_words.endswith("203.0.113.2 refused the login")
