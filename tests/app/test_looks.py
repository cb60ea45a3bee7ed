"""How the program looks and speaks: chosen in the settings or in the search, at once, and shown in both."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.shell.session.looks import LANGUAGE, LOOKS, Look
from tests.app.conftest import NewConsole
from tests.app.person import Person
from widgets.command_palette import CommandPalette
from widgets.tokens import DARK, LIGHT, theme_of


def test_the_look_changes_at_once_and_is_remembered(person: Person, new_console: NewConsole) -> None:
    part = person.settings_part("appearance")

    part.choices["appearance"].buttons["dark"].click()
    assert theme_of(QApplication.palette()) is DARK
    part.choices["appearance"].buttons["light"].click()
    assert theme_of(QApplication.palette()) is LIGHT
    part.choices["appearance"].buttons["dark"].click()

    assert person.console.settings.now.appearance == "dark"


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.key)
def test_search_offers_every_look_and_the_settings_show_what_was_chosen_there(person: Person, look: Look) -> None:
    part = person.settings_part("appearance")
    option = look.options[-1][0]
    person.window.open_palette()
    palette = person.dialog(CommandPalette)
    palette.field.setText(look.title)
    assert {f"{look.key}:{key}" for key, _words in look.options} <= set(palette.shown_keys())

    palette.chosen.emit(f"{look.key}:{option}")
    palette.reject()
    person.rest()

    assert getattr(person.console.settings.now, look.key) == option
    if look.key == LANGUAGE:
        part = person.settings_part("appearance")
        assert part.language.currentData() == option
    else:
        assert [key for key, button in part.choices[look.key].buttons.items() if button.isChecked()] == [option]
