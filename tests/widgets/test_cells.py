"""How a cell is painted: each question asked once, words as they are, a line that touches nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtGui import QColor, QFont, QImage

from backend.core.present.status import Status
from tests.widgets.reading import has_colour
from widgets.answer_mark import Answer
from widgets.cell_words import face
from widgets.cells import EDGE
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.tokens import LIGHT

STILL = ((0, 50.0), (60, 50.0))


@dataclass(frozen=True)
class Row:
    name: str
    status: Status | None = None


class Asked(Counter[tuple[str, str]]):
    """How often each question was asked of each row."""

    def of(self, question: str, answer: Callable[[Row], Any]) -> Callable[[Row], Any]:
        def ask(row: Row) -> Any:
            self[question, row.name] += 1
            return answer(row)

        return ask


def column(**kinds: Any) -> Column[Row]:
    return Column("CPU %", **({"text": lambda row: row.name, "is_number": True, "width": 107} | kinds))


@pytest.fixture
def make(qtbot: Any) -> Callable[..., RecordTable[Row]]:
    def table(of: Column[Row], *rows: Row) -> RecordTable[Row]:
        made: RecordTable[Row] = RecordTable((of,), lambda row: row.name, "Servers")
        qtbot.addWidget(made)
        made.resize(109, 300)
        made.set_rows(rows)
        return made

    return table


def cell(table: RecordTable[Row]) -> QImage:
    return table.viewport().grab(table.visualRect(table.model().index(0, 0))).toImage()


def test_a_frame_asks_each_shown_cell_once_and_no_other(make: Callable[..., RecordTable[Row]]) -> None:
    asked = Asked()
    questions = {
        "text": asked.of("text", lambda row: row.name),
        "status": asked.of("status", lambda row: row.status),
        "spark": asked.of("spark", lambda _row: STILL),
        "is_muted": asked.of("is_muted", lambda _row: False),
    }
    table = make(column(**questions, sort=lambda row: int(row.name)), *(Row(f"{at}") for at in range(500)))
    table.grab()
    asked.clear()

    table.viewport().grab()

    shown = [f"{at}" for at in range(table.rowAt(table.viewport().height() - 1) + 1)]
    assert asked == {(question, row): 1 for question in questions for row in shown}


def test_a_threshold_is_shape_colour_and_weight(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(column(status=lambda row: row.status), Row("88", Status.CRITICAL))

    assert has_colour(table.viewport(), LIGHT.status_critical)


def test_a_small_line_ends_before_the_shape_of_a_threshold(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(column(status=lambda row: row.status, spark=lambda _row: STILL), Row("100", Status.CRITICAL))
    image = cell(table)

    def where(is_it: Callable[[QColor], bool]) -> set[int]:
        every = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return {x for x, y in every if is_it(image.pixelColor(x, y))}

    line = where(lambda colour: colour.blue() > colour.red() + 40)
    shape = where(lambda colour: colour.red() > colour.blue() + 40)
    assert len(line) > 20
    assert max(line) < min(shape)


def test_a_name_is_never_markup(make: Callable[..., RecordTable[Row]]) -> None:
    assert cell(make(column(), Row("<i></i>mx1"))) != cell(make(column(), Row("mx1")))


def test_what_is_too_long_stays_within_its_cell(make: Callable[..., RecordTable[Row]]) -> None:
    image = cell(make(column(), Row("m" * 400)))
    inked = {x for x in range(image.width()) for y in range(4, 24) if image.pixel(x, y) != image.pixel(0, y)}

    assert inked
    assert min(inked) >= EDGE - 1
    assert max(inked) <= image.width() - EDGE + 1  # a letter's edge is blurred over a pixel


def test_a_face_keeps_the_features_of_the_font() -> None:
    """Figures of one width, and no x that becomes a times sign."""
    font = QFont()
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setFeature(QFont.Tag("calt"), 0)
    kept = face(font.toString(), is_mono=True).font

    assert {bytes(tag.toString().data()): kept.featureValue(tag) for tag in kept.featureTags()} == {
        b"tnum": 1,
        b"calt": 0,
    }


def test_the_words_follow_the_font(make: Callable[..., RecordTable[Row]]) -> None:
    table = make(column(), Row("mx1"))
    before = cell(table)
    font = table.font()
    font.setPixelSize(font.pixelSize() + 4)
    table.setFont(font)

    assert cell(table) != before


@pytest.mark.parametrize("answer", ["yes", "partly", "no"])
def test_an_answer_is_a_mark_in_the_colour_of_the_words(make: Callable[..., RecordTable[Row]], answer: Answer) -> None:
    table = make(column(answer=lambda _row: answer, is_number=False), Row("word"))
    without = make(column(is_number=False), Row("word"))

    image = cell(table)
    inks = {image.pixelColor(x, y).hue() for x in range(12, 24) for y in range(4, 24)}

    assert image != cell(without)
    assert {QColor(LIGHT.status_ok).hue(), QColor(LIGHT.status_critical).hue()}.isdisjoint(inks)


@pytest.mark.parametrize(("width", "is_drawn"), [(320, True), (150, False)])
def test_what_is_beside_a_name_takes_none_of_its_room(
    make: Callable[..., RecordTable[Row]], width: int, is_drawn: bool
) -> None:
    name, plain = Row("mx12.fable-press.example"), column(is_number=False, is_name=True, width=width)
    table, bare = (make(replace(plain, tail=tail), name) for tail in (lambda _row: "maintenance", lambda _row: ""))
    for each in (table, bare):
        each.resize(width + 2, 300)
        each.show()

    assert (cell(table) != cell(bare)) == is_drawn
