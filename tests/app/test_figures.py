"""What a cell says of samples: now, of old ones, of none."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from app.pages.servers.columns import FIGURES, server_columns
from app.pages.servers.figures import STALE_S, Figures
from app.pages.servers.job_strip import UnderWay
from backend.core.present.status import Status
from backend.servers.queries import ServerRow, Servers
from backend.servers.sparklines import Sparkline, Sparklines
from tests.backend.servers.fleet import AGENCY_SCOPE, fill, source_of
from tests.installation import open_installation
from widgets.cells import EDGE
from widgets.record_table import RecordTable


@pytest.fixture
def row(tmp_path: Path) -> ServerRow:
    installation = open_installation(tmp_path)
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    fill(installation, 1)
    (found,) = Servers(AGENCY_SCOPE).run(source_of(installation))
    installation.close()
    return replace(found, can_enter=True, power="on")


def observed(row: ServerRow, value: float, age_s: int) -> Figures:
    figures = Figures()
    at = int(time.time()) - age_s
    line = Sparkline(((at - 60, value), (at, value)))
    figures.known = Sparklines({row.id: {"cpu": line, "memory": Sparkline(), "disk": line}}, at)
    return figures


def test_a_value_of_now_has_its_line_and_its_threshold(row: ServerRow) -> None:
    figures = observed(row, 96.2, 150)

    assert figures.text(row, "cpu") == "96"
    assert figures.over(row, "cpu") is Status.CRITICAL
    assert len(figures.points(row, "cpu")) == 2
    assert not figures.is_muted(row, "cpu")
    assert figures.tooltip(row, "cpu") == "mean of 5 min: 96 %, 2 min ago\nline: 96 to 96 % in 1 min"
    assert figures.tooltip(row, "disk").startswith("96 %, 2 min ago\n")


def test_an_old_value_is_greyed_with_its_age_and_says_nothing_of_now(row: ServerRow) -> None:
    figures = observed(row, 96.2, STALE_S + 130)

    assert figures.text(row, "cpu") == "96, 17 min"
    assert figures.is_muted(row, "cpu")
    assert figures.over(row, "cpu") is None
    assert figures.points(row, "cpu") == ()
    assert figures.now(row, "cpu") == 96.2
    assert figures.tooltip(row, "cpu") == "mean of 5 min: 96 %, 17 min ago"


def test_without_a_value_the_cell_says_why(row: ServerRow) -> None:
    figures = observed(row, 50.0, 30)

    assert figures.text(row, "memory") == figures.tooltip(row, "memory") == "no data"
    assert figures.text(replace(row, power="off"), "memory") == "off"
    assert figures.is_muted(row, "memory")
    assert Figures().text(row, "cpu") == ""


@pytest.fixture
def make(row: ServerRow, qtbot: Any) -> Callable[[Figures, int], RecordTable[ServerRow]]:
    def table(figures: Figures, width: int) -> RecordTable[ServerRow]:
        columns = server_columns(figures, UnderWay())
        made: RecordTable[ServerRow] = RecordTable(columns, lambda each: each.id, "Servers")
        qtbot.addWidget(made)
        made.resize(width, 200)
        made.show()
        made.set_rows([row])
        return made

    return table


def room_for(table: RecordTable[ServerRow]) -> tuple[QFontMetrics, int]:
    """What the words of a figure are measured by, and the px they have."""
    return QFontMetrics(table.font()), table.columnWidth(FIGURES[0]) - 2 * EDGE


def test_an_old_value_fits_its_column(row: ServerRow, make: Callable[[Figures, int], RecordTable[ServerRow]]) -> None:
    figures = observed(row, 100.0, 59 * 60)

    metrics, room = room_for(make(figures, 1200))

    assert figures.text(row, "cpu") == "100, 59 min"
    assert metrics.horizontalAdvance("100, 59 min") <= room


@pytest.mark.parametrize("width", [420, 300, 240])
def test_in_a_narrow_table_a_column_is_folded_or_no_figure_is_cut(
    row: ServerRow, make: Callable[[Figures, int], RecordTable[ServerRow]], width: int
) -> None:
    """Of an old value the age gives way, which the tooltip tells too."""
    old, new = observed(row, 100.0, 59 * 60), observed(row, 100.0, 30)

    for figures, least in ((new, "100"), (old, "100,")):
        table = make(figures, width)
        metrics, room = room_for(table)
        shown = metrics.elidedText(figures.text(row, "cpu"), Qt.TextElideMode.ElideRight, room)
        assert table.is_folded(FIGURES[0]) or shown.startswith(least)
    assert "59 min ago" in old.tooltip(row, "cpu")
