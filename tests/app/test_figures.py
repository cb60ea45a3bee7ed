"""What a cell says of samples: now, of old ones, of none."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from app.pages.servers.columns import FIGURES, server_columns
from app.pages.servers.figures import STALE_S, Figures
from backend.core.present.status import Status
from backend.servers.queries import ServerRow, Servers
from backend.servers.sparks import Spark, Sparks
from tests.backend.servers.fleet import AGENCY_SCOPE, fill, source_of
from tests.installation import open_installation
from widgets.cells import EDGE


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
    line = Spark(((at - 60, value), (at, value)))
    figures.known = Sparks({row.id: {"cpu": line, "memory": Spark(), "disk": line}}, at)
    return figures


def test_a_value_of_now_has_its_line_and_its_threshold(row: ServerRow) -> None:
    figures = observed(row, 96.2, 150)

    assert figures.text(row, "cpu") == "96"
    assert figures.over(row, "cpu") is Status.CRITICAL
    assert len(figures.points(row, "cpu")) == 2
    assert not figures.is_muted(row, "cpu")
    assert figures.tooltip(row, "cpu") == "96 %, 2 min ago"


def test_an_old_value_is_greyed_with_its_age_and_says_nothing_of_now(row: ServerRow) -> None:
    figures = observed(row, 96.2, STALE_S + 130)

    assert figures.text(row, "cpu") == "96, 17 min"
    assert figures.is_muted(row, "cpu")
    assert figures.over(row, "cpu") is None
    assert figures.points(row, "cpu") == ()
    assert figures.now(row, "cpu") == 96.2
    assert figures.tooltip(row, "cpu") == "96 %, 17 min ago"


def test_without_a_value_the_cell_says_why(row: ServerRow) -> None:
    figures = observed(row, 50.0, 30)

    assert figures.text(row, "memory") == figures.tooltip(row, "memory") == "not observed"
    assert figures.text(replace(row, power="off"), "memory") == "off"
    assert figures.is_muted(row, "memory")
    assert Figures().text(row, "cpu") == ""


def test_an_old_value_fits_its_column(row: ServerRow, qapp: QApplication) -> None:
    column = server_columns(figures := observed(row, 100.0, 59 * 60))[FIGURES[0]]

    words = QFontMetrics(qapp.font()).horizontalAdvance(figures.text(row, "cpu"))

    assert words <= column.width - 2 * EDGE
