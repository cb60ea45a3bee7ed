"""The grid of cells: what it shows, keyboard, mouse, screen reader, table, and what it does when data change."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QHelpEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.status import Status
from tests.widgets.grids import days, days_of_a_year, hours, lists, restless
from tests.widgets.hands import menu_of, take_table_and_image
from tests.widgets.reading import described, has_colour, picture, spoken
from widgets.cell_grid import CellGrid
from widgets.grid_data import NOTHING, CellKind, GridColumn, GridData, GridRow, runs
from widgets.legend import Legend
from widgets.swatch import Shape
from widgets.tokens import DARK, LIGHT


@pytest.fixture
def strip(qtbot: Any) -> CellGrid:
    grid = CellGrid("Last 30 days")
    qtbot.addWidget(grid)
    grid.set_data(days())
    grid.resize(1100, grid.sizeHint().height())
    grid.show()
    grid.activateWindow()
    qtbot.waitUntil(grid.isActiveWindow)
    return grid


def press(qtbot: Any, grid: CellGrid, *keys: Qt.Key, far: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if far else Qt.KeyboardModifier.NoModifier
    for key in keys:
        qtbot.keyClick(grid, key, modifier)


def click(qtbot: Any, grid: CellGrid, row: int, column: int) -> None:
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(row, column).center())


def test_a_press_chooses_a_cell(strip: CellGrid, qtbot: Any) -> None:
    with qtbot.waitSignal(strip.chosen) as chosen:
        click(qtbot, strip, 2, 19)

    assert chosen.args == [2, 19]
    assert strip.current == (2, 19)


def test_arrows_and_far_keys_go_through_the_cells(strip: CellGrid, qtbot: Any) -> None:
    key = Qt.Key
    click(qtbot, strip, 1, 10)
    steps: list[tuple[Any, bool, tuple[int, int]]] = [
        (key.Key_Right, False, (1, 11)),
        (key.Key_Down, False, (2, 11)),
        (key.Key_Left, False, (2, 10)),
        (key.Key_Up, False, (1, 10)),
        (key.Key_End, False, (1, 29)),
        (key.Key_Right, False, (1, 29)),
        (key.Key_Home, False, (1, 0)),
        (key.Key_End, True, (3, 29)),
        (key.Key_Home, True, (0, 0)),
        (key.Key_Up, False, (0, 0)),
        (key.Key_PageDown, False, (3, 0)),
        (key.Key_PageUp, False, (0, 0)),
    ]
    for pressed, far, reached in steps:
        press(qtbot, strip, pressed, far=far)
        assert strip.current == reached, pressed


def test_the_first_arrow_goes_to_the_first_cell(strip: CellGrid, qtbot: Any) -> None:
    press(qtbot, strip, Qt.Key.Key_Down)

    assert strip.current == (0, 0)


def test_enter_and_a_double_click_open_a_cell(strip: CellGrid, qtbot: Any) -> None:
    click(qtbot, strip, 1, 4)
    with qtbot.waitSignal(strip.activated) as opened:
        press(qtbot, strip, Qt.Key.Key_Return)
    assert opened.args == [1, 4]

    with qtbot.waitSignal(strip.activated) as opened:
        qtbot.mouseDClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.cell_rect(3, 2).center())
    assert opened.args == [3, 2]
    qtbot.mouseRelease(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip.cell_rect(3, 2).center())


def test_other_keys_go_on_to_the_page(strip: CellGrid) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)

    QApplication.sendEvent(strip, event)

    assert not event.isAccepted()


def test_who_comes_by_key_finds_a_cell_and_hears_it(strip: CellGrid, heard: list[str]) -> None:
    QApplication.sendEvent(strip, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))

    assert strip.current == (0, 0)
    assert heard == [strip.data.tell(0, 0)]


def test_a_screen_reader_hears_name_summary_and_each_cell(strip: CellGrid, qtbot: Any, heard: list[str]) -> None:
    strip.choose(2, 19)

    press(qtbot, strip, Qt.Key.Key_Right)

    assert spoken(strip) == "Last 30 days"
    assert described(strip).startswith("4 rows, 30 columns, proven by restore: ")
    assert heard == [strip.data.tell(2, 20)]
    assert heard[0].startswith("mx3.bluebird-books, 13 Nov 2026: ")


def test_a_tooltip_tells_cell_row_and_column(qtbot: Any) -> None:
    grid = CellGrid("Blocklists", cell=(40, 28), has_mono_rows=True)
    qtbot.addWidget(grid)
    grid.set_data(lists())
    grid.resize(560, 300)
    grid.show()

    assert grid.tip_at(grid.cell_rect(2, 0).center()) == "198.51.100.24, ZEN: listed, 127.0.0.2"
    assert grid.tip_at(grid.cell_rect(1, 6).center()) == "203.0.113.41, Mailspike: nothing"
    assert grid.tip_at(QPoint(20, grid.cell_rect(2, 0).center().y())) == "198.51.100.24"
    assert grid.tip_at(QPoint(grid.cell_rect(0, 4).center().x(), 5)) == "UCEPROTECT 1"
    assert grid.tip_at(QPoint(5, 5)) == ""
    spot = grid.cell_rect(2, 0).center()
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, spot, grid.viewport().mapToGlobal(spot)))
    assert "listed" in QToolTip.text()
    QToolTip.hideText()


def test_the_menu_key_offers_table_and_image(strip: CellGrid, qtbot: Any) -> None:
    take_table_and_image(strip, menu_of(strip), qtbot, image=2)


def test_it_is_a_table_too(strip: CellGrid) -> None:
    head, rows = strip.data.table()

    assert head[0] == "Server"
    assert head[1] == "24 Oct 2026"
    assert head[-2:] == ("Proven", "Size GB")
    assert len(rows) == 4
    assert all(len(row) == len(head) for row in rows)
    assert rows[3][1] == "not expected"

    strip.menu.copy()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].split("\t") == list(head)
    assert len(lines) == 5


def test_the_chosen_cell_stays_with_its_row_and_column(strip: CellGrid) -> None:
    strip.choose(2, 19)
    before = days()
    moved = GridData(
        before.corner,
        before.kinds,
        before.columns[1:],
        tuple(GridRow(row.head, row.cells[1:], asides=row.asides) for row in reversed(before.rows)),
        before.aside_heads,
    )

    strip.set_data(moved)
    assert strip.current == (1, 18)
    assert strip.data.rows[1].head == "mx3.bluebird-books"

    strip.set_data(lists())
    assert strip.current is None


def test_a_narrow_one_scrolls_by_whole_columns_under_heads_that_stay(qtbot: Any) -> None:
    grid = CellGrid("Last 30 days", starts_at_end=True)
    qtbot.addWidget(grid)
    grid.set_data(days())
    grid.resize(520, grid.sizeHint().height())
    grid.show()
    bar = grid.horizontalScrollBar()
    assert bar.maximum() > 0
    assert bar.value() == bar.maximum()
    body_right = grid.cell_rect(0, 29).right()

    press(qtbot, grid, Qt.Key.Key_Home)
    assert grid.cell_rect(0, 0).left() < body_right
    assert bar.value() == 0
    bar.setValue(7)

    assert grid.cell_rect(0, 0).left() == grid.cell_rect(0, 1).left() - grid.cell_rect(0, 0).width()
    first = next(column for column in range(30) if grid.tip_at(grid.cell_rect(0, column).center()))
    assert grid.cell_rect(0, first).left() > 100


def test_heads_are_turned_where_they_have_no_room(qtbot: Any) -> None:
    grid = CellGrid("Blocklists", cell=(40, 28), widest=120)
    qtbot.addWidget(grid)
    grid.set_data(lists())
    grid.show()
    grid.resize(1200, 300)
    flat = grid.cell_rect(0, 0).top()

    grid.resize(460, 300)

    assert grid.cell_rect(0, 0).top() > flat + 20


def test_a_legend_that_has_no_room_in_one_line_takes_more(qtbot: Any) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    legend = Legend([(kind.swatch, kind.word) for kind in days().kinds])
    QVBoxLayout(page).addWidget(legend)
    page.resize(260, 200)
    page.show()

    assert legend.heightForWidth(legend.width()) > legend.sizeHint().height()
    assert legend.height() >= legend.heightForWidth(legend.width())
    assert spoken(legend) == "proven by restore, taken, not yet proven, failed or never started, not expected"


def test_shapes_are_drawn_in_both_themes(strip: CellGrid, appearance: Appearance) -> None:
    assert has_colour(strip, LIGHT.status_ok)
    assert has_colour(strip, LIGHT.status_critical)

    appearance.choose("dark")

    assert has_colour(strip, DARK.status_ok)
    assert not has_colour(strip, LIGHT.status_critical)


def test_small_cells_are_told_by_height_too(qtbot: Any) -> None:
    """Who sees no colours sees how high a bar is."""
    grid = CellGrid("Last year", cell=(3, 20), widest=3)
    qtbot.addWidget(grid)
    kinds = tuple(CellKind(Shape(status), status.name) for status in (Status.OK, Status.CRITICAL, Status.UNKNOWN))
    columns = tuple(GridColumn(str(at)) for at in range(3))
    grid.set_data(GridData("Server", kinds, columns, (GridRow("mx1", (0, 1, 2)),)))
    grid.resize(200, 80)
    grid.show()
    image = picture(grid)
    heights = []
    for column in range(3):
        cell = grid.cell_rect(0, column)
        ground = image.pixelColor(190, cell.top() + 2).rgb()
        heights.append(sum(image.pixel(cell.left(), y) != ground for y in range(cell.top(), cell.bottom() - 1)))

    assert heights[1] > heights[0] > heights[2] > 0


def test_hover_and_choice_are_marked(strip: CellGrid, qtbot: Any) -> None:
    plain = picture(strip)
    qtbot.mouseMove(strip.viewport(), strip.cell_rect(1, 8).center())
    hovered = picture(strip)
    strip.choose(1, 8)

    assert hovered != plain
    assert has_colour(strip, LIGHT.bg_selected)


@pytest.mark.parametrize("data", [days(), lists(), hours(), days_of_a_year(), GridData("", (), (), ())])
def test_every_grid_is_painted_at_any_size(qtbot: Any, data: GridData) -> None:
    grid = CellGrid("Grid")
    qtbot.addWidget(grid)
    grid.set_data(data)
    grid.show()
    for width, height in ((1, 1), (60, 40), (300, 90), (2000, 600)):
        grid.resize(width, height)
        assert not picture(grid).isNull()


def test_a_stretch_of_equal_cells_is_one_run() -> None:
    assert runs((0, 0, 1, NOTHING, NOTHING, 1, 1)) == ((0, 2, 0), (2, 1, 1), (5, 2, 1))
    assert runs(()) == ()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (GridRow("mx1", (0,)), "1 cells for 2 columns"),
        (GridRow("mx1", (0, 0), notes=("a",)), "cells for 2 columns"),
        (GridRow("mx1", (0, 5)), "of no kind"),
        (GridRow("mx1", (0, -2)), "of no kind"),
        (GridRow("mx1", (0, 0), asides=("3",)), "1 asides for 0 heads"),
    ],
)
def test_rows_that_do_not_fit_are_refused(row: GridRow, words: str) -> None:
    kinds = (CellKind(Shape(Status.OK), "ok"),)

    with pytest.raises(ValueError, match=words):
        GridData("Server", kinds, (GridColumn("Mon"), GridColumn("Tue")), (row,))


def test_rows_too_low_for_their_names_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        CellGrid("Grid", cell=(2, 8))


def test_a_year_of_forty_servers_makes_no_objects_a_cell(qtbot: Any) -> None:
    grid = CellGrid("Last year", cell=(3, 16))
    qtbot.addWidget(grid)
    before = len(grid.findChildren(QWidget))
    grid.set_data(restless(40, 365))
    grid.resize(1366, 700)
    grid.show()
    picture(grid)

    assert len(grid.findChildren(QWidget)) == before
