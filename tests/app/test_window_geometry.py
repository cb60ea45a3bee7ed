"""A window opens as it was left: place, maximised or not, divided as before; the first time as suits the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QSplitter

from app.main_window import SMALLEST
from app.shell.window.geometry import first_size
from backend.bootstrap import Installation
from tests.app.conftest import NewConsole
from tests.app.window import close_console, open_console

KEPT = QSize(1366, 768)


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ((1358, 728), (1358, 728)),
        ((1912, 1040), (1625, 884)),
        ((3832, 2120), (3257, 1802)),
        ((1032, 660), (1032, 660)),
        ((792, 760), (1366, 768)),  # no screen for this window
    ],
)
def test_the_first_size_suits_the_screen(room: tuple[int, int], size: tuple[int, int]) -> None:
    found = first_size(KEPT, QSize(*room), QSize(*SMALLEST))

    assert (found.width(), found.height()) == size


def test_a_maximised_window_is_maximised_again(qapp: QApplication, tmp_path: Path) -> None:
    console = open_console(qapp, tmp_path / "data")
    console.window.resize(1100, 700)
    console.window.showMaximized()
    close_console(console)

    again = open_console(qapp, tmp_path / "data")
    was_maximised = again.window.isMaximized()
    again.window.showNormal()
    size = again.window.last_size
    close_console(again)

    assert was_maximised
    assert size == (1100, 700)


def test_a_window_comes_back_from_the_tray_as_large_as_it_was(new_console: NewConsole) -> None:
    person = new_console()
    person.window.showMaximized()
    assert person.window.tray is not None
    person.window.hide()

    person.window.tray.come_forward()

    assert person.window.isMaximized()


def test_how_a_page_was_divided_is_remembered(fleet: Installation, new_console: NewConsole) -> None:
    assert fleet.lock.is_held
    person = new_console()
    (split,) = person.servers().findChildren(QSplitter)
    person.window.resize(1366, 768)
    person.rest()
    split.setSizes([500, 638])
    divided = split.sizes()
    person.close()

    again = new_console()
    (split,) = again.servers().findChildren(QSplitter)
    again.rest()

    assert split.sizes() == pytest.approx(divided, abs=2)
