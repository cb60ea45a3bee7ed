"""A table: what is selected stays, sorting goes by value, everything works from the keyboard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QVBoxLayout, QWidget

from backend.core.present.status import Status
from tests.widgets.reading import colour_at, has_colour, role, spoken
from widgets import tokens
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.tokens import LIGHT


@dataclass(frozen=True)
class Machine:
    name: str
    queue: int | None
    status: Status = Status.OK
    points: tuple[tuple[int, float], ...] = ()


def columns() -> tuple[Column[Machine], ...]:
    return (
        Column("Server", text=lambda row: row.name, status=lambda row: row.status, width=140),
        Column("CPU %", text=lambda _row: "31", spark=lambda row: row.points, is_number=True, width=120),
        Column(
            "Queue",
            text=lambda row: "–" if row.queue is None else f"{row.queue}",
            sort=lambda row: row.queue,
            is_number=True,
            meter=None,
        ),
    )


SELECTS = QItemSelectionModel.SelectionFlag
MACHINES = [Machine("mx1", 9), Machine("mx2", 10), Machine("mx3", None), Machine("mx4", 100)]


@pytest.fixture
def table(qtbot: Any) -> RecordTable[Machine]:
    """In an active window, after a field that has the focus."""
    window = QWidget()
    table: RecordTable[Machine] = RecordTable(columns(), lambda row: row.name, "Servers")
    field = QLineEdit()
    layout = QVBoxLayout(window)
    layout.addWidget(field)
    layout.addWidget(table)
    window.resize(520, 300)
    qtbot.addWidget(window)
    table.window_, table.field = window, field  # type: ignore[attr-defined]
    table.set_rows(MACHINES)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    field.setFocus()
    return table


def names(table: RecordTable[Machine]) -> list[str]:
    model = table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_a_key_stays_selected_when_values_change_and_rows_go(table: RecordTable[Machine], qtbot: Any) -> None:
    table.choose("mx2")
    changed = [replace(row, queue=(row.queue or 0) + 1000) for row in MACHINES if row.name != "mx1"]

    with qtbot.assertNotEmitted(table.chosen):
        table.set_rows(changed)

    assert table.current() == Machine("mx2", 1010)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]


def test_scroll_stays_where_it_was(table: RecordTable[Machine], qtbot: Any) -> None:
    rows = [Machine(f"mx{at:03}", at) for at in range(200)]
    table.set_rows(rows)
    qtbot.waitUntil(lambda: table.verticalScrollBar().maximum() > 700)
    table.verticalScrollBar().setValue(700)

    table.set_rows([replace(row, queue=1) for row in rows])

    assert table.verticalScrollBar().value() == 700


def test_sorting_goes_by_value_and_the_unknown_comes_first(table: RecordTable[Machine]) -> None:
    table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    assert names(table) == ["mx3", "mx1", "mx2", "mx4"]

    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)

    assert names(table) == ["mx4", "mx2", "mx1", "mx3"]


def test_a_row_that_comes_later_is_selected_when_it_comes(table: RecordTable[Machine], qtbot: Any) -> None:
    table.choose("mx9")
    assert table.current() is None

    with qtbot.waitSignal(table.chosen) as told:
        table.set_rows([*MACHINES, Machine("mx9", 1)])

    assert told.args[0].name == "mx9"


def test_words_and_chips_filter_together(table: RecordTable[Machine]) -> None:
    table.set_filter("MX 10")
    assert names(table) == ["mx2", "mx4"]

    table.set_predicate(lambda row: (row.queue or 0) < 50)
    assert names(table) == ["mx2"]

    table.set_filter("")
    table.set_predicate(None)
    assert len(names(table)) == 4


def test_rows_are_what_is_marked_not_cells(table: RecordTable[Machine]) -> None:
    selection = table.selectionModel()
    table.choose("mx1")
    selection.select(table.model().index(table.records.row_of("mx2"), 1), QItemSelectionModel.SelectionFlag.Select)

    assert [row.name for row in table.chosen_rows()] == ["mx1"]
    table.copy()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in copied[1:]] == ["mx1"]


def test_copy_gives_tabs_in_the_order_seen(table: RecordTable[Machine], qtbot: Any) -> None:
    table.set_rows([Machine("mx1\tof\nacme", 9), Machine("mx2", 10)])
    table.hide_columns(1)
    table.horizontalHeader().moveSection(2, 0)
    table.selectAll()

    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "Queue\tServer\n9\tmx1 of acme\n10\tmx2"


def test_tab_lands_on_a_row_and_enter_opens_it(table: RecordTable[Machine], qtbot: Any) -> None:
    qtbot.keyClick(table.field, Qt.Key.Key_Tab)  # type: ignore[attr-defined]
    assert table.hasFocus()
    assert table.current() == MACHINES[0]
    qtbot.keyClick(table, Qt.Key.Key_Down)

    with qtbot.waitSignal(table.opened) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)

    assert told.args == [MACHINES[1]]
    assert table.shows_focus
    assert has_colour(table.viewport(), LIGHT.focus_ring)


def test_a_click_selects_without_a_ring(table: RecordTable[Machine], qtbot: Any) -> None:
    spot = table.visualRect(table.model().index(2, 0)).center()

    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    assert table.current() == MACHINES[2]
    assert not table.shows_focus
    assert not has_colour(table.viewport(), LIGHT.focus_ring)


def test_the_chosen_row_has_the_bar_at_the_left_even_when_columns_moved(table: RecordTable[Machine]) -> None:
    table.choose("mx2")
    middle = table.visualRect(table.model().index(1, 0)).center().y()
    assert colour_at(table.viewport(), 1, middle) == LIGHT.accent_text

    table.horizontalHeader().moveSection(2, 0)

    assert colour_at(table.viewport(), 1, middle) == LIGHT.accent_text
    assert colour_at(table.viewport(), 5, middle) == LIGHT.bg_selected


def test_the_hovered_row_is_marked(table: RecordTable[Machine], qtbot: Any) -> None:
    spot = table.visualRect(table.model().index(3, 0)).center()

    qtbot.mouseMove(table.viewport(), spot)
    qtbot.waitUntil(lambda: table.hovered_row == 3)

    assert colour_at(table.viewport(), 3, spot.y()) == LIGHT.bg_hover


def test_rows_and_head_have_the_designs_heights(table: RecordTable[Machine]) -> None:
    assert table.rowHeight(0) == tokens.ROW
    two_lines: RecordTable[Machine] = RecordTable(
        (Column[Machine]("Server", text=lambda row: row.name, note=lambda _row: "12 min ago"),),
        lambda row: row.name,
        "Needs attention",
    )
    two_lines.set_rows(MACHINES)
    assert two_lines.rowHeight(0) == tokens.ROW_TWO_LINE
    two_lines.deleteLater()


def test_no_title_is_cut(table: RecordTable[Machine]) -> None:
    wide: RecordTable[Machine] = RecordTable(
        (
            Column[Machine]("Name of the server", text=lambda row: row.name, width=20),
            Column[Machine]("A very long title of a column", text=lambda _row: "1", width=20),
        ),
        lambda row: row.name,
        "Servers",
    )
    metrics = table.horizontalHeader().fontMetrics()

    for at in (0, 1):
        assert wide.columnWidth(at) > metrics.horizontalAdvance(wide.records.columns[at].title)
    wide.deleteLater()


def open_menu(qtbot: Any) -> QMenu:
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_columns_are_chosen_in_a_menu(table: RecordTable[Machine], qtbot: Any) -> None:
    table.choose_columns()
    menu = open_menu(qtbot)
    assert [(action.text(), action.isChecked()) for action in menu.actions()] == [("CPU %", True), ("Queue", True)]

    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)

    assert table.isColumnHidden(1)


def test_the_menu_key_reaches_sorting_and_columns(table: RecordTable[Machine], qtbot: Any) -> None:
    table.setFocus()
    QApplication.sendEvent(table, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5)))
    menu = open_menu(qtbot)
    sorting, hiding = (action.menu() for action in menu.actions()[1:])

    sorting.actions()[2].trigger()
    assert names(table) == ["mx3", "mx1", "mx2", "mx4"]
    sorting.actions()[2].trigger()
    assert names(table) == ["mx4", "mx2", "mx1", "mx3"]
    hiding.actions()[0].trigger()

    assert table.isColumnHidden(1)
    menu.close()


def test_the_layout_is_remembered(table: RecordTable[Machine], qtbot: Any) -> None:
    table.hide_columns(1)
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    other: RecordTable[Machine] = RecordTable(columns(), lambda row: row.name, "Servers")
    qtbot.addWidget(other)
    other.set_rows(MACHINES)

    assert other.restore_layout(table.layout_text())

    assert other.isColumnHidden(1)
    assert names(other) == ["mx4", "mx2", "mx1", "mx3"]
    assert not other.restore_layout("nonsense")
    assert not other.restore_layout("")


def test_a_screen_reader_knows_table_and_cells(table: RecordTable[Machine]) -> None:
    assert (spoken(table), role(table)) == ("Servers", QAccessible.Role.Table)
    interface = QAccessible.queryAccessibleInterface(table)
    cells = [interface.child(at).text(QAccessible.Text.Name) for at in range(interface.childCount())]
    assert {"Server", "mx2", "100"} <= set(cells)


def test_a_row_that_a_screen_reader_chooses_is_the_chosen_one(table: RecordTable[Machine], qtbot: Any) -> None:
    table.choose("mx1")
    chosen: list[Machine | None] = []
    table.chosen.connect(chosen.append)
    marks, add = table.selectionModel(), SELECTS.Select | SELECTS.Rows

    marks.clearSelection()  # in two steps, and without going there, as Qt does for a screen reader
    marks.select(table.records.index(2, 0), add)

    qtbot.waitUntil(lambda: chosen == [MACHINES[2]])
    assert table.current() == MACHINES[2]
    marks.select(table.records.index(3, 0), add)
    assert table.chosen_rows() == [MACHINES[2], MACHINES[3]]
    assert table.current() == MACHINES[2]


def test_the_one_that_stays_marked_is_the_chosen_one(table: RecordTable[Machine], qtbot: Any) -> None:
    table.choose("mx1")
    other = table.visualRect(table.records.index(2, 0)).center()
    for _each in range(2):
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, other)

    qtbot.waitUntil(lambda: table.current() == MACHINES[0])
    assert table.chosen_rows() == [MACHINES[0]]


def test_where_one_is_decided_for_no_other_is_marked(qtbot: Any) -> None:
    table: RecordTable[Machine] = RecordTable(columns(), lambda row: row.name, "Servers", picks_one=True)
    qtbot.addWidget(table)
    table.set_rows(MACHINES)
    table.show()
    table.choose("mx2")

    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)

    current = table.current()
    assert current is not None
    assert [table.records.rows[index.row()] for index in table.selectionModel().selectedRows()] == [current]


@pytest.mark.parametrize("held", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier])
def test_what_the_program_chooses_is_alone_whatever_key_is_held(
    table: RecordTable[Machine], qtbot: Any, held: Qt.KeyboardModifier
) -> None:
    """Ctrl+2 turns to a page, which chooses a row while Ctrl is still down."""
    table.choose("mx1")
    qtbot.keyPress(table, Qt.Key.Key_F12, held)
    assert QApplication.keyboardModifiers() == held

    table.choose("mx3")
    assert [row.name for row in table.chosen_rows()] == ["mx3"]
    table.selectRow(3)
    assert [row.name for row in table.chosen_rows()] == ["mx4"]
    qtbot.keyRelease(table, Qt.Key.Key_F12)
