"""Colours: readable in both themes, the same as the design's, and written in one place only."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.shell.appearance.theme import Appearance, palette_of
from widgets import tokens
from widgets.button import Button
from widgets.tokens import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH, Theme, theme_of

ROOT = Path(__file__).parents[2]
DESIGN = ROOT.parent / "shared" / "design" / "mock" / "tokens.json"
GROUNDS = ("bg_window", "bg_surface", "bg_subtle", "bg_hover", "bg_selected")
STATUSES = ("ok", "warning", "critical", "inconclusive", "waiting", "unknown")
TEXT, CONTROL = 4.5, 3.0
HIGH = {TEXT: 7.0, CONTROL: 4.5}

PAIRS = [
    *((ink, ground, TEXT) for ink in ("text_primary", "text_secondary", "text_muted") for ground in GROUNDS),
    *(("accent_text", ground, TEXT) for ground in GROUNDS),
    *(("text_on_accent", ground, TEXT) for ground in ("accent_fill", "accent_fill_hover", "accent_fill_pressed")),
    *((f"status_{name}", f"status_{name}_tint", TEXT) for name in STATUSES),
    *((f"status_{name}", ground, TEXT) for name in STATUSES for ground in ("bg_window", "bg_surface", "bg_selected")),
    *(("status_warning_mark", ground, CONTROL) for ground in ("bg_surface", "bg_selected", "status_warning_tint")),
    *(("border_control", ground, CONTROL) for ground in ("bg_window", "bg_surface", "bg_subtle")),
    *(("focus_ring", ground, CONTROL) for ground in ("bg_window", "bg_surface", "bg_subtle")),
    *((ink, "bg_pressed", TEXT) for ink in ("text_primary", "text_secondary", "accent_text", "status_critical")),
    ("accent_fill", "bg_surface", CONTROL),
    ("mode_demo", "mode_demo_tint", TEXT),
    ("mode_live", "mode_live_tint", TEXT),
    ("chart_axis", "bg_surface", TEXT),
]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_formula_knows_its_ends() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "floor"), PAIRS)
def test_everything_can_be_read(theme: Theme, ink: str, ground: str, floor: float) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= floor


@pytest.mark.parametrize("theme", [LIGHT_HIGH, DARK_HIGH], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "floor"), PAIRS)
def test_high_contrast_is_high(theme: Theme, ink: str, ground: str, floor: float) -> None:
    """Words at the level AAA of WCAG 2.2, edges at what is asked of words elsewhere."""
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= HIGH[floor]


@pytest.mark.parametrize("theme", [LIGHT_HIGH, DARK_HIGH], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["accent_fill", "status_warning_mark", "status_critical"])
def test_in_high_contrast_the_full_part_of_a_meter_stands_out(theme: Theme, ink: str) -> None:
    assert contrast(getattr(theme, ink), theme.meter_track) >= HIGH[CONTROL]


@pytest.mark.parametrize("theme", [LIGHT, DARK, LIGHT_HIGH, DARK_HIGH], ids=lambda theme: theme.name)
def test_chart_lines_stand_out(theme: Theme) -> None:
    """The last two are for fills: no plot may have so many lines."""
    for colour in theme.series[: tokens.MOST_LINES]:
        assert contrast(colour, theme.bg_surface) >= CONTROL


@pytest.mark.parametrize("theme", [LIGHT, DARK, LIGHT_HIGH, DARK_HIGH], ids=lambda theme: theme.name)
def test_a_widget_finds_its_theme_from_its_palette(theme: Theme) -> None:
    assert theme_of(palette_of(theme)) is theme


@pytest.mark.parametrize("theme", [LIGHT, DARK, LIGHT_HIGH, DARK_HIGH], ids=lambda theme: theme.name)
def test_a_disabled_widget_finds_it_as_well(theme: Theme) -> None:
    palette = palette_of(theme)
    palette.setCurrentColorGroup(palette.ColorGroup.Disabled)
    assert theme_of(palette) is theme


@pytest.mark.parametrize(("scheme", "theme"), [("light", LIGHT), ("dark", DARK)])
def test_a_button_whose_palette_the_style_sheet_writes_finds_it_too(
    appearance: Appearance, qtbot: Any, scheme: str, theme: Theme
) -> None:
    """Its words' colour is the one of its placeholders then, as it is in high contrast only."""
    appearance.choose(scheme)
    for widget in (Button("Act"), QPushButton("Act"), QLineEdit()):
        qtbot.addWidget(widget)
        widget.show()
        assert theme_of(widget.palette()) is theme, widget


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_are_the_designs(theme: Theme) -> None:
    if not DESIGN.exists():
        pytest.skip("the design's tokens.json is not beside the project")
    design = json.loads(DESIGN.read_text(encoding="utf-8"))
    for name, colour in design["color"][theme.name].items():
        field = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name.replace(".", "_"))
        ours = getattr(theme, field)
        assert ours == (f"#{colour[7:]}{colour[1:7]}" if len(colour) == 9 else colour), name
    assert list(theme.series) == design["chart"]["series"][theme.name]


def test_sizes_are_the_designs() -> None:
    if not DESIGN.exists():
        pytest.skip("the design's tokens.json is not beside the project")
    size = json.loads(DESIGN.read_text(encoding="utf-8"))["size"]
    assert (size["row"], size["sidebar"], size["sheetWidth"]) == (tokens.ROW, tokens.SIDEBAR, tokens.SHEET_WIDTH)
    assert (size["control"], size["focusRing"], size["tabBar"]) == (tokens.CONTROL, tokens.FOCUS_RING, tokens.TAB_BAR)
    assert list(tokens.SPARKLINE) == size["sparkline"]


def test_colours_are_written_in_one_place() -> None:
    hexes = re.compile(r"""["']#[0-9a-fA-F]{3,8}["']""")
    written = [path.name for path in (ROOT / "widgets").rglob("*.py") if hexes.search(path.read_text(encoding="utf-8"))]

    assert written == ["tokens.py"]
