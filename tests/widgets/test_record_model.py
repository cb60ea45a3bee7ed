"""Rows keep their place by key; what changed is announced once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from widgets.record_model import RECORD, SORT, Column, RecordModel


@dataclass(frozen=True)
class Row:
    key: str
    size: int


COLUMNS = (
    Column[Row]("Name", text=lambda row: row.key),
    Column[Row]("Size", text=lambda row: f"{row.size} B", sort=lambda row: row.size, is_number=True),
)


@pytest.fixture
def model(qtmodeltester: Any) -> RecordModel[Row]:
    model: RecordModel[Row] = RecordModel(COLUMNS, lambda row: row.key)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)  # type: ignore[attr-defined]
    model.set_rows([Row("a", 1), Row("b", 2), Row("c", 3), Row("d", 4)])
    return model


def keys(model: RecordModel[Row]) -> list[str]:
    return [row.key for row in model.rows]


def test_a_changed_row_is_announced_in_one_range(model: RecordModel[Row], qtbot: Any) -> None:
    ranges: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _roles: ranges.append((first.row(), last.row())))

    model.set_rows([Row("a", 1), Row("b", 20), Row("c", 3), Row("d", 40)])

    assert ranges == [(1, 3)]
    assert model.index(1, 1).data() == "20 B"


def test_the_same_rows_again_are_silence(model: RecordModel[Row], qtbot: Any) -> None:
    with qtbot.assertNotEmitted(model.dataChanged), qtbot.assertNotEmitted(model.layoutChanged):
        model.set_rows([Row("a", 1), Row("b", 2), Row("c", 3), Row("d", 4)])


def test_neighbours_go_together_and_new_rows_come_at_the_end(model: RecordModel[Row]) -> None:
    gone: list[tuple[int, int]] = []
    model.rowsRemoved.connect(lambda _parent, first, last: gone.append((first, last)))

    model.set_rows([Row("a", 1), Row("e", 5), Row("d", 4)])

    assert gone == [(1, 2)]
    assert keys(model) == ["a", "d", "e"]


@pytest.mark.parametrize("rows", [[], [Row("z", 9)], [Row("d", 4)], [Row("a", 1)]])
def test_any_rows_can_follow_any_rows(model: RecordModel[Row], rows: list[Row]) -> None:
    model.set_rows(rows)

    assert list(model.rows) == rows


def test_a_key_twice_counts_once(model: RecordModel[Row]) -> None:
    model.set_rows([Row("a", 1), Row("a", 7)])

    assert list(model.rows) == [Row("a", 7)]


def test_rows_sort_by_value(model: RecordModel[Row]) -> None:
    assert model.index(0, 1).data(SORT) == 1
    assert model.index(0, 0).data(SORT) == "a"
    assert model.index(2, 0).data(RECORD) == Row("c", 3)
    assert model.data(QModelIndex()) is None


def test_numbers_have_their_title_at_the_right(model: RecordModel[Row]) -> None:
    across = Qt.Orientation.Horizontal
    sides = [model.headerData(at, across, Qt.ItemDataRole.TextAlignmentRole) for at in (0, 1)]

    assert [bool(side & Qt.AlignmentFlag.AlignRight) for side in sides] == [False, True]
    assert model.headerData(1, across) == "Size"
    assert model.headerData(1, Qt.Orientation.Vertical) is None


def test_a_cut_text_is_whole_in_the_tooltip(model: RecordModel[Row]) -> None:
    assert model.index(3, 1).data(Qt.ItemDataRole.ToolTipRole) == "4 B"


def test_rows_are_found_by_key(model: RecordModel[Row]) -> None:
    assert (model.row_of("c"), model.row_of("nobody")) == (2, None)
