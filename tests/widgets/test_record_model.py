"""Rows keep their place by key; what changed is announced once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from widgets.record_model import MOST_RANGES, Column, RecordModel


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
    return [row.key for row in model.shown]


def test_changed_rows_are_announced_and_neighbours_together(model: RecordModel[Row], qtbot: Any) -> None:
    ranges: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _roles: ranges.append((first.row(), last.row())))

    model.set_rows([Row("a", 10), Row("b", 20), Row("c", 3), Row("d", 40)])

    assert ranges == [(0, 1), (3, 3)]
    assert model.index(1, 1).data() == "20 B"


def test_many_scattered_rows_are_announced_in_one_range(model: RecordModel[Row], qtbot: Any) -> None:
    model.set_rows([Row(f"{at:03}", at) for at in range(4 * MOST_RANGES)])
    ranges: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, _roles: ranges.append((first.row(), last.row())))

    model.set_rows([Row(f"{at:03}", at + at % 2) for at in range(4 * MOST_RANGES)])

    assert ranges == [(1, 4 * MOST_RANGES - 1)]


def test_the_same_rows_again_are_silence(model: RecordModel[Row], qtbot: Any) -> None:
    with qtbot.assertNotEmitted(model.dataChanged), qtbot.assertNotEmitted(model.layoutChanged):
        model.set_rows([Row("a", 1), Row("b", 2), Row("c", 3), Row("d", 4)])


def test_neighbours_go_together_and_new_rows_come_at_the_end(model: RecordModel[Row]) -> None:
    gone: list[tuple[int, int]] = []
    model.rowsRemoved.connect(lambda _parent, first, last: gone.append((first, last)))

    model.set_rows([Row("a", 1), Row("e", 5), Row("d", 4)])

    assert gone == [(1, 2)]
    assert keys(model) == ["a", "e", "d"]


@pytest.mark.parametrize("rows", [[], [Row("z", 9)], [Row("d", 4)], [Row("a", 1)]])
def test_any_rows_can_follow_any_rows(model: RecordModel[Row], rows: list[Row]) -> None:
    model.set_rows(rows)

    assert list(model.rows) == rows


def test_a_key_twice_counts_once(model: RecordModel[Row]) -> None:
    model.set_rows([Row("a", 1), Row("a", 7)])

    assert list(model.rows) == [Row("a", 7)]


def test_rows_sort_by_value_and_marked_ones_move_with_their_row(model: RecordModel[Row]) -> None:
    model.set_rows([Row("a", 3), Row("b", 20), Row("c", 1), Row("d", 4)])
    marked = QPersistentModelIndex(model.index(1, 0))

    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert (keys(model), marked.row()) == (["b", "d", "a", "c"], 0)

    model.set_rows([Row("a", 3), Row("b", 2), Row("c", 1), Row("d", 4)])
    assert (keys(model), marked.row()) == (["d", "a", "b", "c"], 2)

    model.set_predicate(lambda row: row.size > 2)
    assert (keys(model), marked.isValid()) == (["d", "a"], False)
    assert model.data(QModelIndex()) is None


def test_equal_values_keep_the_order_they_came_in(model: RecordModel[Row]) -> None:
    model.set_rows([Row("d", 1), Row("a", 1), Row("c", 1)])

    model.sort(1)

    assert keys(model) == ["d", "a", "c"]


def test_what_columns_say_beside_the_rows_sorts_and_filters_again(qtbot: Any) -> None:
    sizes = {"a": 1, "b": 2}
    columns = (COLUMNS[0], Column[Row]("Now", text=lambda row: f"{sizes[row.key]}", sort=lambda row: sizes[row.key]))
    model: RecordModel[Row] = RecordModel(columns, lambda row: row.key)
    model.tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)  # type: ignore[attr-defined]
    model.set_rows([Row("a", 0), Row("b", 0)])
    model.sort(1)

    sizes["a"] = 3
    with qtbot.waitSignal(model.dataChanged):
        model.touch((1,))
    assert keys(model) == ["b", "a"]

    model.set_words("2")
    sizes["b"] = 5
    model.touch((1,))
    assert keys(model) == []


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9)), max_size=6), order=st.booleans())
def test_any_change_ends_with_exactly_the_rows_in_order(steps: list[dict[str, int]], order: bool) -> None:
    model: RecordModel[Row] = RecordModel(COLUMNS, lambda row: row.key)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.sort(1, Qt.SortOrder.DescendingOrder if order else Qt.SortOrder.AscendingOrder)
    for step in steps:
        rows = [Row(key, size) for key, size in step.items()]
        model.set_rows(rows)
        assert list(model.shown) == sorted(rows, key=lambda row: row.size, reverse=order)
    tester.deleteLater()


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
