"""Pages with parts: work has pages of its own, small settings stand together, every way leads to the part it names."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.places import PLACES
from app.shell.parts_page import groups
from app.shell.route import Route, Thing
from backend.core.present.text import _
from tests.app.person import Person

SETTINGS = PLACES["settings"]
GROUPED = [part for group in groups(SETTINGS) if len(group) > 1 for part in group]


def test_what_a_person_works_on_is_no_setting() -> None:
    assert {"charges", "orphans", "workspaces"}.isdisjoint(part.key for part in SETTINGS.parts)
    assert PLACES.showing("orphans", None) == Route("costs", "orphans")
    assert len(groups(SETTINGS)) == 5


def test_the_list_names_groups_that_cannot_be_chosen(person: Person) -> None:
    page: Any = person.settings()
    rows = [page.list.item(at) for at in range(page.list.count())]
    heads = [item.text() for item in rows if item.flags() == Qt.ItemFlag.NoItemFlags]

    assert heads == [_(group[0].group) for group in groups(SETTINGS) if group[0].group]
    page.list.setFocus()
    seen = []
    for _row in rows:
        seen.append(page.list.currentItem().text())
        QTest.keyClick(page.list, Qt.Key.Key_Down)
    assert set(seen) == {_(part.title) for part in SETTINGS.parts}


@pytest.mark.parametrize("part", GROUPED, ids=lambda part: part.key)
def test_small_parts_are_seen_together_and_the_one_that_is_asked_for_in_any_case(person: Person, part: Any) -> None:
    page: Any = person.settings(part.key)
    person.rest()

    assert page.list.currentItem().text() == _(part.title)
    assert page.route == Route("settings", part.key)
    for each in groups(SETTINGS):
        if part in each:
            assert all(page.part(other.key).isVisible() for other in each)
    shown = page.part(part.key)
    assert not shown.visibleRegion().isEmpty()


def test_costs_are_read_part_by_part(person: Person) -> None:
    person.press(Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    person.settle()
    page: Any = person.window.pages["costs"]
    assert page.part("charges").isVisible()

    person.window.go(Thing("orphans"))
    person.settle()

    assert page.tabs.currentIndex() == 1
    assert page.part("orphans").isVisible()
    assert not page.part("charges").isVisible()
    assert page.route == Route("costs", "orphans")
