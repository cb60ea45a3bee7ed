"""Every colour and size of the interface; the one place where colours are written."""

# house: data table

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QPalette

SPACE = (4, 8, 12, 16, 24, 32)
RADIUS = 6
CELL_RADIUS = 2
PILL_RADIUS = 9
UI_FONTS = ("Inter", "Noto Sans", "DejaVu Sans")
MONO_FONTS = ("JetBrains Mono", "DejaVu Sans Mono")
SMALL, BODY, SECTION, TITLE = 12, 13, 16, 20
REGULAR, MEDIUM, SEMIBOLD = 400, 500, 600
ROW, ROW_TWO_LINE, TABLE_HEADER = 28, 56, 28
CONTROL, ICON, GLYPH = 28, 16, 10
TOP_BAR, SIDEBAR, SIDEBAR_ROW, PAGE_HEADER, STATUS_BAR = 48, 184, 32, 52, 28
PANEL_HEADER, TAB_BAR = 36, 32
PAGE_PADDING, PANEL_PADDING, PANEL_GAP = 16, 12, 12
SPARKLINE = (52, 16)
SHEET_WIDTH = 640
WIDE_SHEET_WIDTH = 960
FOCUS_RING = 2
LINE_WIDTH, LINE_WIDTH_HIGHLIGHT = 1.0, 1.5
LINE_STYLES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 3), (6, 3, 2, 3), (), (2, 2))
MOST_SERIES, MOST_LINES = 6, 4


@dataclass(frozen=True)
class Theme:
    """The colours of one scheme as #RRGGBB (the scrim as #AARRGGBB).

    ``series`` are chart colours in order; the last two are for fills only: as lines they are too light in light.
    """

    name: str
    bg_window: str
    bg_surface: str
    bg_subtle: str
    bg_hover: str
    bg_pressed: str
    bg_selected: str
    border_subtle: str
    border_strong: str
    border_control: str
    border_disabled: str
    focus_ring: str
    text_primary: str
    text_secondary: str
    text_muted: str
    text_disabled: str
    text_on_accent: str
    accent_text: str
    accent_fill: str
    accent_fill_hover: str
    accent_fill_pressed: str
    status_ok: str
    status_ok_tint: str
    status_warning: str
    status_warning_mark: str
    status_warning_tint: str
    status_critical: str
    status_critical_tint: str
    status_inconclusive: str
    status_inconclusive_tint: str
    status_waiting: str
    status_waiting_tint: str
    status_unknown: str
    status_unknown_tint: str
    mode_demo: str
    mode_demo_tint: str
    mode_live: str
    mode_live_tint: str
    map_land: str
    chart_grid: str
    chart_axis: str
    chart_gap: str
    meter_track: str
    overlay_scrim: str
    series: tuple[str, ...]


LIGHT = Theme(
    name="light",
    bg_window="#F4F5F7",
    bg_surface="#FFFFFF",
    bg_subtle="#F7F8FA",
    bg_hover="#EDF0F4",
    bg_pressed="#DBE1E9",
    bg_selected="#E4EDFA",
    border_subtle="#E0E3E9",
    border_strong="#C9CED7",
    border_control="#828B99",
    border_disabled="#C9CED7",
    focus_ring="#1F5FBF",
    text_primary="#181D26",
    text_secondary="#4A5361",
    text_muted="#5F6875",
    text_disabled="#8A929F",
    text_on_accent="#FFFFFF",
    accent_text="#1B57B2",
    accent_fill="#1F5FBF",
    accent_fill_hover="#1A51A5",
    accent_fill_pressed="#15428A",
    status_ok="#1A7442",
    status_ok_tint="#E5F3EA",
    status_warning="#8F5500",
    status_warning_mark="#B86E00",
    status_warning_tint="#FBF0DB",
    status_critical="#B0261E",
    status_critical_tint="#FBE8E6",
    status_inconclusive="#6746A8",
    status_inconclusive_tint="#EFEAF8",
    status_waiting="#1A6580",
    status_waiting_tint="#E1F0F5",
    status_unknown="#5F6875",
    status_unknown_tint="#ECEEF1",
    mode_demo="#0B625C",
    mode_demo_tint="#DCF1EE",
    mode_live="#FFFFFF",
    mode_live_tint="#2B313C",
    map_land="#D5DAE1",
    chart_grid="#E9ECF0",
    chart_axis="#5F6875",
    chart_gap="#ECEEF1",
    meter_track="#E0E3E9",
    overlay_scrim="#73181D26",
    series=("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
)

DARK = Theme(
    name="dark",
    bg_window="#13161B",
    bg_surface="#1A1E24",
    bg_subtle="#1F242B",
    bg_hover="#262C35",
    bg_pressed="#323A46",
    bg_selected="#1F3350",
    border_subtle="#2C323C",
    border_strong="#3D4552",
    border_control="#75808F",
    border_disabled="#3D4552",
    focus_ring="#7DB0F7",
    text_primary="#E7EAEF",
    text_secondary="#B7BFCA",
    text_muted="#9AA3B0",
    text_disabled="#6E7784",
    text_on_accent="#FFFFFF",
    accent_text="#86B5F8",
    accent_fill="#2F6FD0",
    accent_fill_hover="#2A64BD",
    accent_fill_pressed="#2356A5",
    status_ok="#5CC48A",
    status_ok_tint="#17301F",
    status_warning="#F0B23E",
    status_warning_mark="#F0B23E",
    status_warning_tint="#352912",
    status_critical="#FF8A80",
    status_critical_tint="#3D1D1C",
    status_inconclusive="#BFA6F2",
    status_inconclusive_tint="#2B2440",
    status_waiting="#6CC3DF",
    status_waiting_tint="#14303A",
    status_unknown="#9AA3B0",
    status_unknown_tint="#272C34",
    mode_demo="#6FD3C8",
    mode_demo_tint="#123532",
    mode_live="#13161B",
    mode_live_tint="#D8DCE3",
    map_land="#39414D",
    chart_grid="#262C35",
    chart_axis="#9AA3B0",
    chart_gap="#242932",
    meter_track="#2C323C",
    overlay_scrim="#99000000",
    series=("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00"),
)


#: Words at 7:1 and more, edges at 4.5:1 and more, no tints: for who wants high contrast.
LIGHT_HIGH = replace(
    LIGHT,
    name="light-high",
    bg_window="#FFFFFF",
    bg_subtle="#FFFFFF",
    bg_hover="#E8E8E8",
    bg_pressed="#D0D0D0",
    bg_selected="#D3E4FF",
    border_subtle="#595959",
    border_strong="#1A1A1A",
    border_control="#000000",
    border_disabled="#595959",
    focus_ring="#00318F",
    text_primary="#000000",
    text_secondary="#000000",
    text_muted="#000000",
    text_disabled="#595959",
    accent_text="#00318F",
    accent_fill="#00318F",
    accent_fill_hover="#002266",
    accent_fill_pressed="#001540",
    status_ok="#00401F",
    status_ok_tint="#FFFFFF",
    status_warning="#4D2D00",
    status_warning_mark="#7A4700",
    status_warning_tint="#FFFFFF",
    status_critical="#700B06",
    status_critical_tint="#FFFFFF",
    status_inconclusive="#391E75",
    status_inconclusive_tint="#FFFFFF",
    status_waiting="#06394A",
    status_waiting_tint="#FFFFFF",
    status_unknown="#262626",
    status_unknown_tint="#FFFFFF",
    mode_demo="#003F3A",
    mode_demo_tint="#FFFFFF",
    mode_live_tint="#000000",
    chart_grid="#BFBFBF",
    chart_axis="#000000",
    chart_gap="#DADADA",
    meter_track="#DADADA",
)

DARK_HIGH = replace(
    DARK,
    name="dark-high",
    bg_window="#000000",
    bg_surface="#000000",
    bg_subtle="#000000",
    bg_hover="#2B2B2B",
    bg_pressed="#393939",
    bg_selected="#00295C",
    border_subtle="#8F8F8F",
    border_strong="#D9D9D9",
    border_control="#FFFFFF",
    border_disabled="#A6A6A6",
    focus_ring="#A8CDFF",
    text_primary="#FFFFFF",
    text_secondary="#FFFFFF",
    text_muted="#FFFFFF",
    text_disabled="#A6A6A6",
    text_on_accent="#000000",
    accent_text="#A8CDFF",
    accent_fill="#A8CDFF",
    accent_fill_hover="#C7DFFF",
    accent_fill_pressed="#E0EDFF",
    status_ok="#8BE8B4",
    status_ok_tint="#000000",
    status_warning="#FFD166",
    status_warning_mark="#FFD166",
    status_warning_tint="#000000",
    status_critical="#FFB8B2",
    status_critical_tint="#000000",
    status_inconclusive="#D8C9FF",
    status_inconclusive_tint="#000000",
    status_waiting="#A3E4F7",
    status_waiting_tint="#000000",
    status_unknown="#E0E0E0",
    status_unknown_tint="#000000",
    mode_demo="#8FE6DC",
    mode_demo_tint="#000000",
    mode_live="#000000",
    mode_live_tint="#FFFFFF",
    chart_grid="#404040",
    chart_axis="#FFFFFF",
    chart_gap="#333333",
    meter_track="#404040",
)


#: Theme by the one colour of its palette that no style sheet changes in a widget's own.
_BY_EDGE = {int(theme.border_subtle[1:], 16): theme for theme in (LIGHT, DARK, LIGHT_HIGH, DARK_HIGH)}
_RGB = 0xFFFFFF


def theme_of(palette: QPalette) -> Theme:
    """The theme a palette was made from: whoever paints by hand asks its own widget's palette.

    A style sheet writes its colour of words into the palette of a button, also as the one of placeholders.
    """
    found = _BY_EDGE.get(palette.color(palette.ColorGroup.Active, palette.ColorRole.Mid).rgb() & _RGB)
    if found is not None:
        return found
    is_dark = palette.color(palette.ColorGroup.Active, palette.ColorRole.WindowText).lightness() > 128
    return DARK if is_dark else LIGHT
