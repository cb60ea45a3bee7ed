"""A place is one value: one that a test makes up is found wherever the window shows places, and nowhere named."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from app import finder, imports, main_window, navigation
from app.places import PLACES
from app.shell.places import Places, load
from app.shell.route import Route, Thing
from backend.bootstrap import Installation
from backend.core.checks import CheckKind, Subject, Verdict
from backend.core.present.message import Message
from backend.fleet.verdicts import record_verdict
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app import made_up, views
from tests.app.conftest import NewConsole
from tests.app.person import Person
from widgets.command_palette import CommandPalette

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def traveller(new_console: NewConsole, monkeypatch: pytest.MonkeyPatch) -> Person:
    """At a window that has one place more."""
    for module in (finder, imports, main_window, navigation, views):
        monkeypatch.setattr(module, "PLACES", Places((*PLACES.all, made_up.PLACE)))
    made_up.opened.clear()
    return new_console()


def test_it_has_its_row_its_shortcut_and_its_count(traveller: Person) -> None:
    assert any(name.startswith("Moons") for name in rows_of(traveller))

    traveller.press(Qt.Key.Key_9, CONTROL)
    traveller.settle()

    assert isinstance(traveller.window.stack.currentWidget(), made_up.MoonsPage)
    traveller.wait(lambda: "Moons, 3" in rows_of(traveller), "the count at its row")


def test_the_overview_shows_what_it_brings(new_console: NewConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (finder, imports, main_window, navigation):
        monkeypatch.setattr(module, "PLACES", Places((*PLACES.all, made_up.PLACE)))
    page = new_console().overview()

    assert [card.objectName() for card in page.cards.all if isinstance(card, made_up.MoonCard)] == ["moon"]


def test_the_palette_offers_it_its_part_its_command_and_what_is_found_there(traveller: Person) -> None:
    traveller.press(Qt.Key.Key_K, CONTROL)
    palette = traveller.dialog(CommandPalette)

    keys = set(palette.shown_keys())
    palette.field.setText("moon")
    found = palette.shown_keys()
    palette.chosen.emit(f"moon:{made_up.THING}")
    palette.reject()

    assert {"command:servers", "command:servers.new"} <= keys
    assert {"command:moons", "command:moons.near", "command:moons.land"} <= set(found)
    page = traveller.window.pages["moons"]
    assert isinstance(page, made_up.MoonsPage)
    assert page.routes == [Route("moons", item=made_up.THING)]


def test_its_command_has_its_shortcut_and_a_thing_of_its_kind_leads_to_it(traveller: Person) -> None:
    traveller.press(Qt.Key.Key_9, CONTROL | SHIFT)
    assert made_up.opened == ["landed"]

    traveller.window.go(Thing("moon", made_up.THING))
    traveller.window.go(Route("moons", "near"))

    page = traveller.window.pages["moons"]
    assert isinstance(page, made_up.MoonsPage)
    assert page.routes == [Route("moons", item=made_up.THING), Route("moons", "near")]


@pytest.mark.parametrize(("kind", "place"), [("moon", "moons"), ("comet", "overview")])
def test_what_needs_somebody_leads_to_what_shows_it_and_offers_nothing_where_nothing_does(
    fleet: Installation, traveller: Person, kind: str, place: str
) -> None:
    subject = Subject(kind, AGENCY, made_up.THING, f"A {kind}")
    check = CheckKind(f"{kind}.there", "There", kind, counts_for_health=True)
    with fleet.store.write(ENGINE_SCOPE) as session:
        record_verdict(session, subject, check, Verdict("critical", Message("gone")), fleet.clock.now())
    page = traveller.overview()
    traveller.wait(lambda: f"A {kind}" in [row.title.text() for row in page.needs.rows], "the need")

    (row,) = (row for row in page.needs.rows if row.need.kind == kind)
    assert row.button.isVisible() == (kind == "moon")
    traveller.settings()
    traveller.window.notification_watcher.chosen.emit(row.need)

    assert traveller.window.stack.currentWidget() is traveller.window.pages[place]


def test_what_search_finds_has_a_place() -> None:
    assert all(PLACES.shows(load(place.finds).kind) for place in PLACES.all if place.finds)


def test_its_modules_are_imported_ahead(traveller: Person) -> None:
    assert {"tests.app.made_up", "app.pages.settings.accounts"} <= set(imports.of_rest())


def rows_of(person: Person) -> list[str]:
    """The accessible names of the rows at the side."""
    return [button.accessibleName() for button in person.window.sidebar.findChildren(QAbstractButton)]


def test_it_is_pictured_and_looked_at_with_each_of_its_parts(traveller: Person) -> None:
    seen = [view.name for view in views.each_place(traveller)]

    assert [name for name in seen if name.startswith("moons")] == [f"moons-{part.key}" for part in made_up.PLACE.parts]
    assert {name.partition("-")[0] for name in seen} == {place.key for place in PLACES.all} | {"moons"}
