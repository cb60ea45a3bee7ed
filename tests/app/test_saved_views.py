"""Saved views: a list's filter, chip, columns and sorting under a name; kept over a restart, harmless when broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.shell.window.name_dialog import NameDialog
from backend.bootstrap import Installation
from tests.app.conftest import NewConsole
from tests.app.person import Person


def entries(page: Any) -> list[str]:
    page.views.menu.aboutToShow.emit()
    return [action.text() for action in page.views.menu.actions() if not action.isSeparator()]


def choose(page: Any, *words: str) -> None:
    """An entry of the menu, or of one of its submenus."""
    page.views.menu.aboutToShow.emit()
    menu = page.views.menu
    for word in words[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == word)
    page.views.menu.triggered.emit(next(action for action in menu.actions() if action.text() == words[-1]))


def save(person: Person, page: Any, name: str) -> None:
    choose(page, "Save this view...")
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, name)
    person.click(dialog.act)


def test_a_view_brings_back_filter_chip_columns_and_sorting(watcher: Person) -> None:
    page = watcher.servers()
    watcher.enter(page.filter, "acme")
    page.chips.choose("needs")
    page.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    page.table.setColumnHidden(3, True)
    shown = [row.name for row in page.table.records.shown]
    save(watcher, page, "Acme in trouble")

    page.filter.clear()
    page.chips.choose("all")
    page.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    page.table.setColumnHidden(3, False)
    assert len(page.table.records.shown) == 12
    choose(page, "Acme in trouble")

    assert [row.name for row in page.table.records.shown] == shown
    assert (page.filter.text(), page.chips.current, page.table.isColumnHidden(3)) == ("acme", "needs", True)
    assert page.table.horizontalHeader().sortIndicatorSection() == 1


def test_views_outlive_the_program_and_are_removed(new_console: NewConsole, fleet: Installation) -> None:
    person = new_console()
    save(person, person.activity(), "Fred & Co")
    person.close()

    later = new_console()
    page = later.activity()
    assert entries(page) == ["Fred && Co", "Save this view...", "Remove"]
    assert entries(later.servers()) == ["Save this view..."]
    choose(page, "Remove", "Fred && Co")

    assert entries(page) == ["Save this view..."]


def test_a_view_needs_a_name(watcher: Person) -> None:
    page = watcher.servers()
    choose(page, "Save this view...")
    dialog = watcher.dialog(NameDialog)

    watcher.enter(dialog.name, "   ")
    watcher.click(dialog.act)

    assert watcher.sees("A view needs a name of at most 60 characters.", dialog)
    assert page.views.names == []


@pytest.mark.parametrize(
    "kept",
    [
        "no view",
        {"One": "no json"},
        {"One": json.dumps({"words": "x", "chip": "of-another-version", "layout": ""})},
        {"One": json.dumps({"words": 3, "chip": "all", "layout": ""})},
        {"One": json.dumps(["all"])},
    ],
)
def test_what_cannot_be_read_is_left_out(watcher: Person, kept: Any) -> None:
    watcher.console.settings.change(views={"servers": kept})
    assert watcher.servers().views.names == []
