"""Tiles and rows of things to see to: what they say, and that a press anywhere on them leads on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.appearance.theme import Appearance
from backend.core.present.status import Status
from tests.widgets.reading import described, do, has_colour, picture, role, spoken
from widgets.need_row import HEIGHT, NARROW, NeedRow, NeedText
from widgets.scrolled import scrolled
from widgets.table_dialog import TableDialog
from widgets.tile import Delta, FigureTile, StatusTile, TileRow
from widgets.tokens import LIGHT

SINCE = datetime.now(UTC) - timedelta(days=3, hours=12)  # so that it is the same however long the tests take
NEED = NeedText(Status.CRITICAL, "mx1 is full", "disk over 90 %", "Acme Dental", SINCE, "Open")


def shown(qtbot: Any, widget: Any, width: int = 300) -> Any:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


@pytest.fixture
def tile(qtbot: Any) -> StatusTile:
    tile = StatusTile(Status.WARNING)
    tile.show_count(2, "2 servers", "above a threshold")
    shown(qtbot, tile)
    return tile


@pytest.fixture
def row(qtbot: Any) -> NeedRow:
    row: NeedRow = shown(qtbot, NeedRow(NEED), 800)
    return row


def test_a_tile_says_status_count_and_note(tile: StatusTile) -> None:
    assert spoken(tile) == "Warning: 2 servers"
    assert described(tile) == "above a threshold"
    assert tile.count.text() == "2"


def test_a_tile_is_pressed_anywhere_by_key_and_by_screen_reader(tile: StatusTile, qtbot: Any) -> None:
    tile.open_as("Show 2 servers with a warning")

    with qtbot.waitSignal(tile.opened):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    with qtbot.waitSignal(tile.opened):
        qtbot.mouseClick(tile.count, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(tile.opened):
        qtbot.keyClick(tile.cover, Qt.Key.Key_Space)
    with qtbot.waitSignal(tile.opened):
        do(tile.cover, "Press")

    assert spoken(tile.cover) == "Show 2 servers with a warning"
    assert role(tile.cover) is QAccessible.Role.Button


def test_a_tile_that_leads_nowhere_is_no_button(tile: StatusTile, qtbot: Any) -> None:
    assert not tile.cover.isVisible()
    tile.mousePressEvent = lambda event: event.accept()  # type: ignore[method-assign]

    with qtbot.assertNotEmitted(tile.opened):
        qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))


def test_a_press_that_leaves_the_tile_opens_nothing(tile: StatusTile, qtbot: Any) -> None:
    tile.open_as("Show them")

    with qtbot.assertNotEmitted(tile.opened):
        qtbot.mousePress(tile, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
        qtbot.mouseRelease(tile, Qt.MouseButton.LeftButton, pos=QPoint(20, 900))


def test_a_tile_shows_that_it_can_be_pressed(tile: StatusTile) -> None:
    tile.open_as("Show them")
    tile.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    plain = picture(tile)
    tile.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)

    assert picture(tile) != plain
    assert has_colour(tile, LIGHT.bg_hover)


@pytest.mark.parametrize(
    ("delta", "said"),
    [
        (Delta("+7.20", Status.WARNING), "Month so far: 326.40 USD, +7.20"),
        (Delta("as before"), "Month so far: 326.40 USD, as before"),
        (None, "Month so far: 326.40 USD"),
    ],
)
def test_a_figure_says_how_it_changed_and_whether_that_is_good(qtbot: Any, delta: Delta | None, said: str) -> None:
    tile = FigureTile("Month so far")
    tile.show_figure("326.40 USD", "22 of 30 days", delta)
    shown(qtbot, tile)

    assert spoken(tile) == said
    assert described(tile) == "22 of 30 days"
    is_judged = delta is not None and delta.status is not None
    assert tile.good.isVisible() == is_judged
    assert has_colour(tile, LIGHT.status_warning_mark) == is_judged


def test_a_figure_that_is_not_known_is_a_dash(qtbot: Any) -> None:
    tile = FigureTile("Projected")
    qtbot.addWidget(tile)

    assert tile.value.text() == "\N{EN DASH}"


def test_tiles_stand_in_one_width_with_lines_between(qtbot: Any) -> None:
    tiles = [StatusTile(status) for status in (Status.OK, Status.WARNING, Status.CRITICAL)]
    row: TileRow = shown(qtbot, TileRow("Servers by status", tiles), 604)

    assert spoken(row) == "Servers by status"
    assert len({tile.width() for tile in tiles}) <= 2
    assert has_colour(row, LIGHT.border_subtle)


def test_a_row_says_all_of_it(row: NeedRow) -> None:
    assert spoken(row) == "Critical, mx1 is full, disk over 90 %, Acme Dental, 3 days ago"
    assert spoken(row.button) == "Open: mx1 is full"
    assert "20" in row.since.toolTip()


def test_a_row_is_pressed_anywhere_or_by_its_button(row: NeedRow, qtbot: Any) -> None:
    with qtbot.waitSignal(row.acted):
        qtbot.mouseClick(row.title, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(row.acted):
        qtbot.keyClick(row.button, Qt.Key.Key_Return)
    heard: list[None] = []
    row.acted.connect(lambda: heard.append(None))
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert len(heard) == 1


def test_a_row_without_an_act_leads_nowhere(row: NeedRow, qtbot: Any) -> None:
    row.show_text(NeedText(Status.UNKNOWN, "mx9 was never checked"))

    assert not row.button.isVisible()
    assert not row.where.isVisible()
    row.mousePressEvent = lambda event: event.accept()  # type: ignore[method-assign]
    with qtbot.assertNotEmitted(row.acted):
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(300, 30))


def test_what_waits_for_a_yes_has_the_filled_button(row: NeedRow, appearance: Appearance) -> None:
    assert not has_colour(row.button, LIGHT.accent_fill)

    row.show_text(NeedText(Status.WAITING, "Resize mx1", act="Review"))

    assert has_colour(row.button, LIGHT.accent_fill)


def test_an_amount_stands_before_the_button(row: NeedRow) -> None:
    row.show_text(NeedText(Status.UNKNOWN, "Delete 3 volumes", act="Review", amount="\N{MINUS SIGN}9.60"))

    assert row.amount.text() == "\N{MINUS SIGN}9.60"
    assert row.amount.geometry().right() < row.button.geometry().left()
    assert "\N{MINUS SIGN}9.60" in spoken(row)


def test_a_narrow_row_gives_its_room_to_the_title(row: NeedRow) -> None:
    wide = row.where.width()

    row.resize(NARROW - 1, row.height())

    assert row.where.width() < wide


def test_a_table_of_moments_has_the_newest_first(qtbot: Any) -> None:
    window = shown(qtbot, StatusTile(Status.OK), 900)
    rows = [("2026-11-21", "1"), ("2026-11-22", "2")]
    dialog = TableDialog("CPU", ("Time", "CPU"), rows, window, is_newest_first=True)
    dialog.open()

    assert [line[1][1] for line in dialog.table.records.shown] == ["2", "1"]
    dialog.reject()


def test_the_table_of_a_grid_is_a_dialog_with_the_keyboard_in_it(qtbot: Any) -> None:
    window = shown(qtbot, StatusTile(Status.OK), 900)
    window.resize(900, 600)
    dialog = TableDialog("By type", ("", "Compute", "Total"), [("Oct", "208", "372"), ("Oct", "208", "372")], window)
    dialog.open()

    assert [line[1][0] for line in dialog.table.records.shown] == ["Oct", "Oct"]
    qtbot.waitUntil(dialog.table.hasFocus)
    assert spoken(dialog.table) == "By type"
    qtbot.keyClick(dialog.table, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def listed(count: int) -> QWidget:
    inner = QWidget()
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for _row in range(count):
        column.addWidget(NeedRow(NEED))
    column.addStretch(1)
    return inner


def test_a_list_of_needs_ends_between_rows_and_takes_all_room_where_they_fit(qtbot: Any) -> None:
    area = scrolled(listed(5), "Needs attention", row=HEIGHT)
    shown(qtbot, area, 600)

    for height, seen in ((265, 4 * HEIGHT), (4 * HEIGHT, 4 * HEIGHT), (HEIGHT + 61, HEIGHT), (40, 40), (330, 330)):
        area.resize(600, height)
        assert area.viewport().height() == seen
    area.resize(600, 400)
    column = area.widget().layout()
    assert isinstance(column, QVBoxLayout)
    for _more in range(3):
        column.insertWidget(0, NeedRow(NEED))
    qtbot.waitUntil(lambda: area.viewport().height() == 6 * HEIGHT)
