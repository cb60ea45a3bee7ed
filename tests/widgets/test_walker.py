"""The walk over a window sees each kind of fault, and takes nothing for one that is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from tests.widgets.walker import faults
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

LONG = "A word or two more than there is room for"


class Painted(QWidget):
    """Words by hand, in a box of its own width."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).drawText(QRect(0, 0, self.width(), 20), Qt.AlignmentFlag.AlignLeft, LONG)


@dataclass(frozen=True)
class Row:
    name: str
    price: str


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    made = QWidget()
    made.resize(400, 300)
    qtbot.addWidget(made)
    made.show()
    return made


def put(window: QWidget, widget: QWidget, width: int = 60, *, left: int = 0, height: int = 0) -> None:
    widget.setParent(window)
    widget.setGeometry(left, 0, width, height or widget.sizeHint().height())
    widget.show()


def _button() -> QWidget:
    return Button(LONG)


def _field() -> QWidget:
    field = SearchField("Filter")
    field.setMinimumWidth(0)
    return field


@pytest.mark.parametrize(
    ("make", "word"),
    [(lambda: Label(LONG), "cut"), (_button, "cut"), (_field, "narrow"), (Painted, "painted cut")],
    ids=["label", "button", "field", "painted"],
)
def test_words_without_room_are_seen(window: QWidget, make: Callable[[], QWidget], word: str) -> None:
    put(window, make(), height=24)

    (fault,) = faults(window)

    assert fault.startswith(word)


def test_lines_without_height_are_seen(window: QWidget) -> None:
    put(window, Label(LONG, wraps=True), 120, height=18)

    assert faults(window)[0].startswith("cut")


def test_dots_are_no_cut_until_nothing_else_is_left(window: QWidget) -> None:
    label = ElidedLabel(LONG)
    put(window, label)
    assert faults(window) == []

    label.setFixedWidth(8)

    assert faults(window)[0].startswith("no room for dots")


def test_what_is_scrolled_sideways_is_seen_also_without_a_bar(window: QWidget) -> None:
    area = QScrollArea()
    area.setWidget(QLabel(LONG))
    put(window, area, 120, height=80)
    assert faults(window)[0].endswith("120x80")

    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    assert "without a bar" in faults(window)[0]


def test_what_lies_on_its_sibling_or_beyond_its_place_is_seen(window: QWidget) -> None:
    one, other = Label("One"), Label("Two")
    put(window, one)
    put(window, other, left=30)
    assert faults(window)[0].startswith("on Label 'Two'")

    other.move(380, 0)

    assert faults(window)[0].startswith("outside")


def test_a_number_with_dots_is_seen(window: QWidget) -> None:
    table: RecordTable[Row] = RecordTable(
        (Column("Name", text=lambda row: row.name), Column("Cost", text=lambda row: row.price, is_number=True)),
        lambda row: row.name,
        "Rows",
    )
    QVBoxLayout(window).addWidget(table)
    table.show()
    table.set_rows([Row("mx1", "1 234 567.00")])
    assert faults(window) == []

    table.setColumnWidth(1, 60)

    assert faults(window)[0].startswith("number cut by")
