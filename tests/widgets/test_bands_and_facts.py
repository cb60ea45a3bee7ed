"""The band of a day and the list of facts: by mouse, by keyboard, to a screen reader, as a table."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from backend.core.present.status import Status
from widgets.band_plot import BandData, BandPlot
from widgets.fact_list import Fact, FactList
from widgets.menu import Menu

DAY = 86_400
DATA = BandData(
    0,
    DAY,
    tuple(range(3_600, DAY - 3_600, 300)),
    tuple(20.0 for _at in range(3_600, DAY - 3_600, 300)),
    tuple(60.0 for _at in range(3_600, DAY - 3_600, 300)),
)


@pytest.fixture
def plot(qtbot: Any) -> BandPlot:
    made = BandPlot("CPU", "p50", "p95")
    qtbot.addWidget(made)
    made.resize(400, 160)
    made.set_data(DATA)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_what_was_not_observed_is_a_gap_also_at_the_ends() -> None:
    broken = BandData(0, 7_200, (600, 900, 3_600, 3_900), (1.0,) * 4, (2.0,) * 4)

    assert [list(run) for run in broken.runs()] == [[0, 1], [2, 3]]
    assert list(broken.gaps()) == [(900, 3_600), (3_900, 7_200)]
    assert list(BandData(0, DAY).gaps()) == [(0, DAY)]


def test_the_newest_is_said_until_a_moment_is_pointed_at(plot: BandPlot, qtbot: Any) -> None:
    assert plot.words == "p50 20 %, p95 60 %"
    assert plot.accessibleDescription() == plot.words

    qtbot.mouseMove(plot, QPoint(200, 80))
    qtbot.waitUntil(lambda: plot.words.endswith(": p50 20 %, p95 60 %"))


def test_arrows_go_through_the_moments_and_escape_lets_go(plot: BandPlot, qtbot: Any) -> None:
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    first = plot.words
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    second = plot.words
    qtbot.keyClick(plot, Qt.Key.Key_End)

    assert len({first, second, plot.words}) == 3
    assert plot.accessibleDescription() == plot.words
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.words == "p50 20 %, p95 60 %"


def test_it_is_copied_as_a_table(plot: BandPlot) -> None:
    plot.menu.copy()
    lines = QGuiApplication.clipboard().text().splitlines()

    assert lines[0].split("\t") == ["Time", "p50 (%)", "p95 (%)"]
    assert len(lines) == len(DATA.times) + 1


def test_its_menu_offers_what_every_figures_does(plot: BandPlot, qtbot: Any) -> None:
    QApplication.sendEvent(plot, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, Menu)
    table, text, image = menu.actions()

    with qtbot.waitSignal(plot.table_asked):
        table.trigger()
    text.trigger()
    assert QGuiApplication.clipboard().text().startswith("Time")
    image.trigger()
    assert QGuiApplication.clipboard().pixmap().size() == plot.size()
    menu.close()


def test_nothing_observed_is_said_in_words(plot: BandPlot) -> None:
    plot.set_data(BandData(0, DAY))
    assert plot.words == "not observed"
    assert not plot.grab().isNull()


def test_facts_keep_their_row_and_tell_which_was_pressed(qtbot: Any) -> None:
    facts = FactList("Facts")
    qtbot.addWidget(facts)
    pressed: list[object] = []
    facts.pressed.connect(pressed.append)
    facts.set_facts([Fact("a", "mx1.example", "Disk 91 %", Status.CRITICAL), Fact("b", "mx2.example", "CPU 12 %")])
    facts.show()
    kept = facts.rows[1]

    facts.set_facts([Fact("b", "mx2.example", "CPU 80 %", Status.WARNING), Fact("c", "mx3.example", "1", share=0.5)])

    assert facts.rows[0] is kept
    assert kept.accessibleName() == "Warning, mx2.example, CPU 80 %"
    qtbot.mouseClick(facts.rows[1], Qt.MouseButton.LeftButton)
    facts.rows[0].setFocus()
    qtbot.keyClick(facts.rows[0], Qt.Key.Key_Space)
    assert pressed == ["c", "b"]


@pytest.mark.parametrize("width", [110, 200, 700])
def test_it_is_painted_at_any_width_it_may_have(plot: BandPlot, width: int) -> None:
    plot.resize(width, 130)
    assert not plot.grab().isNull()
    assert plot.minimumWidth() <= 110
    assert plot.toolTip() == plot.words
