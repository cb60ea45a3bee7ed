"""What nobody can press or fill in looks like it in every look, and what has the keyboard has its ring in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit, QPlainTextEdit, QRadioButton, QWidget

from app.shell.appearance.theme import Appearance
from tests.widgets.hands import show_in
from tests.widgets.reading import has_colour, picture
from tests.widgets.test_tokens import contrast
from widgets.button import Button
from widgets.chips import Chips
from widgets.tokens import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH, Theme

THEMES = (LIGHT, DARK, LIGHT_HIGH, DARK_HIGH)


def combo() -> QComboBox:
    made = QComboBox()
    made.addItem("Frankfurt")
    return made


def ticked(made: QCheckBox | QRadioButton) -> QWidget:
    made.setChecked(True)
    return made


def chip() -> QWidget:
    return Chips([("all", "All"), ("failed", "Failed")])


EDGED: dict[str, Callable[[], QWidget]] = {
    "plain": lambda: Button("Reboot"),
    "primary": lambda: Button("New server", "primary"),
    "danger": lambda: Button("Destroy", "danger"),
    "icon": lambda: Button("", "icon", icon_name="ellipsis", name="More"),
    "chip": chip,
    "line": lambda: QLineEdit("mx1"),
    "choice": combo,
    "moment": QDateTimeEdit,
    "lines": lambda: QPlainTextEdit("mx1"),
    "tick": lambda: QCheckBox("mx1"),
    "dot": lambda: QRadioButton("mx1"),
}
FILLED: dict[str, Callable[[], QWidget]] = {
    "ticked": lambda: ticked(QCheckBox("mx1")),
    "dotted": lambda: ticked(QRadioButton("mx1")),
}
ALL = {**EDGED, **FILLED, "quiet": lambda: Button("See costs", "quiet")}


@pytest.fixture(params=THEMES, ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest, appearance: Appearance) -> Theme:
    """Each look in turn."""
    chosen: Theme = request.param
    appearance.choose_contrast("high" if chosen in (LIGHT_HIGH, DARK_HIGH) else "auto")
    appearance.choose("dark" if chosen in (DARK, DARK_HIGH) else "light")
    return chosen


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_nothing_of_what_is_disabled_looks_enabled(
    window: QWidget, qtbot: Any, theme: Theme, make: Callable[[], QWidget]
) -> None:
    control = make()
    show_in(window, qtbot, control)
    before = picture(control)

    control.setEnabled(False)

    assert picture(control) != before
    for colour in {theme.border_control, theme.accent_fill, theme.accent_text} - {theme.text_disabled}:
        assert not has_colour(control, colour), colour


@pytest.mark.parametrize("make", EDGED.values(), ids=EDGED)
def test_the_edge_of_what_is_disabled_is_weaker(
    window: QWidget, qtbot: Any, theme: Theme, make: Callable[[], QWidget]
) -> None:
    control = make()
    show_in(window, qtbot, control)

    control.setEnabled(False)

    assert has_colour(control, theme.border_disabled)


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_tick_and_an_arrow_are_seen(window: QWidget, qtbot: Any, theme: Theme, *, is_enabled: bool) -> None:
    tick, choice = ticked(QCheckBox("")), combo()
    show_in(window, qtbot, tick, choice)
    for control in (tick, choice):
        control.setEnabled(is_enabled)
    fill = theme.accent_fill if is_enabled else theme.text_disabled
    ground = theme.bg_surface if is_enabled else theme.bg_hover

    assert clearest(tick, QRect(3, tick.height() // 2 - 4, 8, 8), fill) >= 3
    arrow = QRect(choice.width() - 20, choice.height() // 2 - 6, 14, 12)
    assert clearest(choice, arrow, ground) >= (4.5 if theme in (LIGHT_HIGH, DARK_HIGH) else 3)


def clearest(control: QWidget, part: QRect, ground: str) -> float:
    """The highest contrast with a ground that a pixel of a part has."""
    image = picture(control)
    spots = [(x, y) for x in range(part.left(), part.right()) for y in range(part.top(), part.bottom())]
    return max(contrast(image.pixelColor(x, y).name(), ground) for x, y in spots)


@pytest.mark.parametrize("theme", [LIGHT_HIGH, DARK_HIGH], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", ["bg_surface", "bg_window", "bg_hover"])
def test_in_high_contrast_disabled_words_can_be_read(theme: Theme, ground: str) -> None:
    assert contrast(theme.text_disabled, getattr(theme, ground)) >= 4.5
    assert contrast(theme.border_disabled, theme.border_control) >= 2


def test_the_keyboard_has_its_ring(window: QWidget, qtbot: Any, appearance: Appearance, theme: Theme) -> None:
    one, two = Button("One"), Button("Two", "primary")
    show_in(window, qtbot, one, two)

    for button in (two, one):
        button.setFocus()

        assert appearance.focus_rings.ring is not None
        assert has_colour(appearance.focus_rings.ring, theme.focus_ring)
