"""Columns that many tables have: amounts with their currency in the title, ages with the moment behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt

from backend.core.present import format as words
from widgets.record_columns import age_column, money_column, monthly_column
from widgets.record_model import Column
from widgets.record_table import RecordTable

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Thing:
    name: str
    micro: int | None
    at: datetime | None
    currency: str = "USD"


THINGS = (
    Thing("dear", 9_000_000, NOW - timedelta(days=3)),
    Thing("unknown", None, None),
    Thing("free", 0, NOW - timedelta(hours=2)),
    Thing("credit", -1_000_000, NOW - timedelta(minutes=5)),
)


@pytest.fixture
def table(qtbot: Any) -> RecordTable[Thing]:
    columns: tuple[Column[Thing], ...] = (
        Column("Name", text=lambda row: row.name),
        money_column("Balance", lambda row: row.micro, lambda row: row.currency),
        monthly_column(lambda row: row.micro, lambda row: row.currency),
        age_column("Seen", lambda row: row.at),
    )
    made: RecordTable[Thing] = RecordTable(columns, lambda row: row.name, "Things")
    qtbot.addWidget(made)
    made.set_rows(THINGS)
    return made


def names(table: RecordTable[Thing], column: int) -> list[str]:
    table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    return [row.name for row in table.records.shown]


def test_an_amount_that_nobody_knows_is_not_the_cheapest(table: RecordTable[Thing]) -> None:
    assert names(table, 1) == names(table, 2) == ["credit", "free", "dear", "unknown"]


def test_a_currency_that_all_share_stands_in_the_title(table: RecordTable[Thing]) -> None:
    assert [table.records.title(at) for at in (1, 2)] == ["Balance, USD", "USD / month"]
    assert table.records.text(1, THINGS[0]) == "9.00"

    table.set_rows([*THINGS, Thing("other", 2_000_000, NOW, "EUR")])

    assert [table.records.title(at) for at in (1, 2)] == ["Balance", "Per month"]
    assert table.records.text(1, THINGS[0]) == "9.00 USD"


def test_an_age_has_its_moment_in_the_tooltip_and_never_comes_first(table: RecordTable[Thing]) -> None:
    assert names(table, 3) == ["unknown", "dear", "free", "credit"]
    seen = table.records.columns[3]
    assert (seen.text(THINGS[2]), seen.text(THINGS[1])) == ("2 h ago", "never")
    assert seen.tooltip is not None
    assert seen.tooltip(THINGS[2]) == words.exact(THINGS[2].at)
