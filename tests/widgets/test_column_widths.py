"""Columns are as wide as what they say; a room that is too small is shared, and what has none is folded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from widgets.column_widths import Want, shared
from widgets.record_model import Column
from widgets.record_table import SEPARATOR, RecordTable

CLIENT, PRICE = 1, 2


@dataclass(frozen=True)
class Row:
    name: str
    client: str = "Bluebird Books and Stationery"
    price: str = "12.00"
    currency: str = "USD"


ROWS = (Row("mx1.acme-dental.example"), Row("mx2.bluebird-books.example"), Row("mx3.cedar-legal.example"))


def columns() -> tuple[Column[Row], ...]:
    return (
        Column("Server", text=lambda row: row.name, is_name=True),
        Column("Client", text=lambda row: row.client),
        Column(
            "Per month",
            text=lambda row: row.price,
            unit=lambda row: row.currency,
            unit_title="{unit} / month",
            is_number=True,
        ),
    )


@pytest.fixture
def make(qtbot: Any) -> Callable[..., RecordTable[Row]]:
    def table(width: int, *rows: Row) -> RecordTable[Row]:
        made: RecordTable[Row] = RecordTable(columns(), lambda row: row.name, "Servers")
        qtbot.addWidget(made)
        made.resize(width, 300)
        made.show()
        made.set_rows(rows or ROWS)
        return made

    return table


def test_another_list_of_the_same_rows_has_widths_of_its_own(make: Callable[..., RecordTable[Row]]) -> None:
    sentence, short = (
        Row("mx1.example", "why it failed, in a sentence " * 3),
        Row("mx2.bluebird-books.example", "ready"),
    )
    table = make(380, sentence, short)
    before = widths(table)

    table.set_predicate(lambda row: row is short)

    assert widths(table)[CLIENT] < before[CLIENT]
    assert widths(table)[0] > before[0]
    table.set_filter("ready")
    now = widths(table)
    table.set_filter("")
    assert widths(table) == now
    table.set_predicate(None)
    assert widths(table) == before


def widths(table: RecordTable[Row]) -> list[int]:
    return [table.columnWidth(at) for at in range(3)]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (500, {0: 300, 1: 100, 2: 100}),  # the rest to the first
        (380, {0: 200, 1: 90, 2: 90}),  # lines are shorter, nothing is cut
        (300, {0: 150, 1: 75, 2: 75}),  # the wide one gives
        (200, {0: 130, 1: 70}),  # and then one is folded
        (60, {0: 120}),  # the first one stays
    ],
)
def test_a_room_is_shared(room: int, expected: dict[int, int]) -> None:
    wants = {0: Want(200, 200, 120, 2.0), 1: Want(100, 80, 70), 2: Want(100, 80, 70)}

    assert shared(room, wants).widths == expected


def test_what_was_asked_for_is_folded_last() -> None:
    wants = {0: Want(200, 200, 120), 1: Want(100, 80, 70), 2: Want(100, 80, 70)}

    assert shared(200, wants, kept=[2]).folded == {1}


def test_each_column_has_the_width_of_its_words_and_the_first_the_rest(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900)

    needed = [table._cells.content_width(at, ROWS) for at in range(3)]
    assert all(has >= needs for has, needs in zip(widths(table), needed, strict=True))
    assert sum(widths(table)) == table.viewport().width()
    assert table.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("width", [420, 360, 300, 240, 160])
def test_no_table_scrolls_sideways_and_no_number_is_cut(make: Callable[..., RecordTable[Row]], width: int) -> None:
    table = make(width)

    assert table.horizontalScrollBar().maximum() == 0
    assert table.is_folded(PRICE) or table.columnWidth(PRICE) >= table._cells.content_width(PRICE, ROWS)


def test_a_folded_column_comes_back_with_the_room_and_is_not_forgotten(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(240)
    assert table.is_folded(PRICE)
    assert table.isColumnHidden(PRICE)
    kept = table.layout_text()

    table.resize(900, 300)
    assert not table.isColumnHidden(PRICE)

    other = make(900)
    assert other.restore_layout(kept)
    assert not other.isColumnHidden(PRICE)


def test_the_menu_tells_what_has_no_room(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(240)
    table.choose_columns()
    menu = next(each for each in table.findChildren(QMenu) if each.isVisible())

    assert [action.text() for action in menu.actions()][-1] == "USD / month (no room)"
    assert menu.actions()[-1].isChecked()
    menu.close()


def test_a_width_that_was_dragged_stays_and_is_remembered(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900)
    header = table.horizontalHeader()
    edge = header.sectionViewportPosition(CLIENT) + header.sectionSize(CLIENT) - 1
    viewport, before = header.viewport(), header.sectionSize(CLIENT)
    start, end = header.rect().center(), header.rect().center()
    start.setX(edge)
    end.setX(edge - 40)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    dragged = header.sectionSize(CLIENT)
    assert dragged == pytest.approx(before - 40, abs=2)

    table.resize(800, 300)
    table.set_rows([*ROWS, Row("mx4.example", client="A client with a name that is much longer than all others")])
    assert header.sectionSize(CLIENT) == dragged

    other = make(900)
    assert other.restore_layout(table.layout_text())
    assert other.columnWidth(CLIENT) == dragged


def test_a_layout_that_is_read_gives_no_width_for_one_by_hand(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900)
    table.resize(240, 300)
    assert table.is_folded(PRICE)

    kept = table.layout_text()

    assert SEPARATOR not in kept
    assert table._columns.by_hand == {}
    other = make(900)
    assert other.restore_layout(kept)
    assert widths(other) == widths(make(900))


def test_a_changed_cell_makes_its_column_wider_at_once(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900)
    before = table.columnWidth(CLIENT)

    table.set_rows([ROWS[0], ROWS[1], Row(ROWS[2].name, client="A name that is longer than the others are")])

    assert table.columnWidth(CLIENT) > before


def test_a_column_that_nobody_wants_is_not_measured_before_somebody_does(qtbot: Any) -> None:
    asked = list[Row]()
    counted = Column[Row]("Client", text=lambda row: asked.append(row) or row.client)
    table: RecordTable[Row] = RecordTable((columns()[0], counted, columns()[2]), lambda row: row.name, "Servers")
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.hide_columns(CLIENT)
    table.show()
    table.set_rows(ROWS)
    assert not asked

    table.setColumnHidden(CLIENT, False)

    assert set(asked) == set(ROWS)


def test_a_unit_that_all_share_stands_in_the_title(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900)
    assert table.records.title(PRICE) == "USD / month"
    assert table.model().index(0, PRICE).data() == "12.00"

    table.set_rows([*ROWS, Row("mx4.example", price="9.50", currency="EUR")])

    assert table.records.title(PRICE) == "Per month"
    assert {table.model().index(row, PRICE).data() for row in range(4)} == {"12.00 USD", "9.50 EUR"}


def test_an_unknown_price_has_no_unit(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(900, *ROWS, Row("mx4.example", price="–", currency=""))

    assert table.records.title(PRICE) == "USD / month"
