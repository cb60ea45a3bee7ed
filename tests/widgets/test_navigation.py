"""Side bar and command palette: found and chosen without a mouse."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from tests.widgets.reading import do, spoken
from widgets.command_palette import CommandPalette, PaletteEntry
from widgets.palette_results import ENTRY, MOST_SHOWN, found
from widgets.sidebar import Entry, Sidebar

ENTRIES = (
    PaletteEntry("command:new", "New server", "Command", "Ctrl+N"),
    PaletteEntry("server:1", "mx1.acme-dental.example 203.0.113.40", "Server"),
    PaletteEntry("server:2", "mx10.granite.example 203.0.113.41", "Server"),
    PaletteEntry("job:7", "Resize mx1.acme-dental.example", "Job"),
)


@pytest.fixture
def sidebar(qtbot: Any) -> Sidebar:
    pages = (
        Entry("servers", "Servers", "server"),
        Entry("activity", "Activity", "list-checks"),
        Entry("settings", "Settings", "sliders-horizontal", gap=True),
    )
    sidebar = Sidebar(pages, "Pages")
    qtbot.addWidget(sidebar)
    sidebar.choose("servers")
    sidebar.show()
    sidebar.activateWindow()
    qtbot.waitUntil(sidebar.isActiveWindow)
    return sidebar


def buttons(sidebar: Sidebar) -> list[QAbstractButton]:
    return sidebar.findChildren(QAbstractButton)


def test_a_page_is_chosen_by_mouse_and_told(sidebar: Sidebar, qtbot: Any) -> None:
    with qtbot.waitSignal(sidebar.chosen) as told:
        qtbot.mouseClick(buttons(sidebar)[1], Qt.MouseButton.LeftButton)

    assert told.args == ["activity"]
    assert [button.isChecked() for button in buttons(sidebar)] == [False, True, False]


def test_a_page_is_chosen_by_a_screen_reader(sidebar: Sidebar, qtbot: Any) -> None:
    with qtbot.waitSignal(sidebar.chosen) as told:
        do(buttons(sidebar)[1], "Toggle")

    assert told.args == ["activity"]


def test_choosing_by_code_tells_nobody(sidebar: Sidebar, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(sidebar.chosen):
        sidebar.choose("settings")

    assert buttons(sidebar)[2].isChecked()


def test_arrows_go_through_the_pages(sidebar: Sidebar, qtbot: Any) -> None:
    buttons(sidebar)[0].setFocus()

    qtbot.keyClick(buttons(sidebar)[0], Qt.Key.Key_Down)
    assert buttons(sidebar)[1].hasFocus()
    with qtbot.waitSignal(sidebar.chosen) as told:
        qtbot.keyClick(buttons(sidebar)[1], Qt.Key.Key_Space)
        qtbot.keyClick(buttons(sidebar)[1], Qt.Key.Key_Down)

    assert told.args[0] in ("activity", "settings")
    assert buttons(sidebar)[2].hasFocus()


def test_a_count_is_shown_and_said(sidebar: Sidebar) -> None:
    before = sidebar.grab().toImage()

    sidebar.count("activity", 3)

    assert spoken(buttons(sidebar)[1]) == "Activity, 3"
    assert sidebar.grab().toImage() != before
    sidebar.count("activity", 0)
    assert spoken(buttons(sidebar)[1]) == "Activity"
    assert sidebar.grab().toImage() == before


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ["command:new", "server:1", "server:2", "job:7"]),
        ("mx1", ["server:1", "server:2", "job:7"]),
        ("server", ["server:1", "server:2", "command:new"]),
        ("RESIZE acme", ["job:7"]),
        ("113.41", ["server:2"]),
        ("nobody", []),
    ],
)
def test_all_words_must_be_there_and_beginnings_come_first(text: str, keys: list[str]) -> None:
    hits = [entry.key for entry in found(ENTRIES, text)]

    assert sorted(hits) == sorted(keys)
    if text == "mx1":
        assert hits[-1] == "job:7"


def test_no_more_is_shown_than_fits_a_glance() -> None:
    many = [PaletteEntry(f"server:{at}", f"mx{at}", "Server") for at in range(1000)]

    assert len(found(many, "mx")) == MOST_SHOWN


@pytest.fixture
def palette(qtbot: Any) -> CommandPalette:
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    palette = CommandPalette(ENTRIES, window)
    palette.window_ = window  # type: ignore[attr-defined]
    palette.open()
    palette.activateWindow()
    qtbot.waitUntil(palette.field.hasFocus)
    return palette


def test_letters_arrows_and_enter_choose(palette: CommandPalette, qtbot: Any) -> None:
    qtbot.keyClicks(palette.field, "mx1")
    assert palette.shown_keys() == ["server:1", "server:2", "job:7"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)

    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    assert told.args == ["job:7"]


def test_nothing_found_is_said_and_enter_does_nothing(palette: CommandPalette, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(palette.chosen):
        qtbot.keyClicks(palette.field, "nobody")
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    assert palette.nothing.isVisible()
    assert not palette.results.isVisible()


def test_one_escape_closes_whatever_is_in_the_field(palette: CommandPalette, qtbot: Any) -> None:
    qtbot.keyClicks(palette.field, "mx")

    with qtbot.waitSignal(palette.rejected):
        qtbot.keyClick(palette.field, Qt.Key.Key_Escape)


def test_letters_change_only_how_far_down_the_palette_reaches(palette: CommandPalette, qtbot: Any) -> None:
    """It was seen at the corner of the screen after the fourth letter."""
    window = palette.window()
    whole = palette.geometry()

    for letter in "mx10":
        qtbot.keyClick(palette.field, letter)
        now = palette.geometry()
        assert (now.topLeft(), now.width()) == (whole.topLeft(), whole.width())

    assert palette.height() < whole.height()
    assert not palette.isWindow()
    assert abs(palette.mapTo(window, palette.rect().center()).x() - window.rect().center().x()) <= 1


def test_a_screen_reader_hears_kind_and_shortcut(palette: CommandPalette) -> None:
    first = palette.model.index(0)

    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "New server, Command, Ctrl+N"
    assert first.data(ENTRY) is ENTRIES[0]
    assert spoken(palette.results) == "Results"


def test_entries_may_come_from_a_function(qtbot: Any) -> None:
    entries = [ENTRIES[0]]
    window = QWidget()
    qtbot.addWidget(window)
    palette = CommandPalette(lambda: entries, window)
    entries.append(ENTRIES[1])

    palette.field.setText("mx1")

    assert palette.shown_keys() == ["server:1"]
