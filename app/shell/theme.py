"""Applies a theme: fonts, palette, and the one style sheet, made from the tokens."""

from __future__ import annotations

from importlib.resources import files

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.shell.sheet_text import STYLE
from widgets import tokens
from widgets.tokens import DARK, LIGHT, Theme

FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")


class Appearance(QObject):
    """Owner of the look of the whole program; lives in the GUI thread.

    ``choice`` is light, dark or auto. Auto follows the desktop where it tells its scheme, else it is light.
    """

    changed = Signal()

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._application = application
        self._choice = "auto"
        application.setStyle("Fusion")
        application.setFont(load_fonts())
        application.styleHints().colorSchemeChanged.connect(self._follow)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        if self._choice == "auto":
            is_dark = self._application.styleHints().colorScheme() == Qt.ColorScheme.Dark
            return DARK if is_dark else LIGHT
        return DARK if self._choice == "dark" else LIGHT

    def choose(self, choice: str) -> None:
        """Take ``light``, ``dark`` or ``auto`` at once, everywhere."""
        self._choice = choice if choice in ("light", "dark") else "auto"
        self._apply()

    def _follow(self, _scheme: Qt.ColorScheme) -> None:
        if self._choice == "auto":
            self._apply()

    def _apply(self) -> None:
        theme = self.theme
        self._application.setPalette(palette_of(theme))
        self._application.setStyleSheet(STYLE.substitute(_names(theme)))
        self.changed.emit()


def load_fonts() -> QFont:
    """Register the bundled fonts; the interface's font with tabular figures and without hinting."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFontFromData((files("resources") / "fonts" / name).read_bytes())
    font = QFont()
    font.setFamilies(list(tokens.UI_FONTS))
    font.setPixelSize(tokens.BODY)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def palette_of(theme: Theme) -> QPalette:
    """A Fusion palette of the theme; widgets that paint by hand find their theme from it."""
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.bg_window,
        QPalette.ColorRole.WindowText: theme.text_primary,
        QPalette.ColorRole.Base: theme.bg_surface,
        QPalette.ColorRole.AlternateBase: theme.bg_subtle,
        QPalette.ColorRole.Text: theme.text_primary,
        QPalette.ColorRole.Button: theme.bg_surface,
        QPalette.ColorRole.ButtonText: theme.text_primary,
        QPalette.ColorRole.Highlight: theme.bg_selected,
        QPalette.ColorRole.HighlightedText: theme.text_primary,
        QPalette.ColorRole.Link: theme.accent_text,
        QPalette.ColorRole.PlaceholderText: theme.text_muted,
        QPalette.ColorRole.ToolTipBase: theme.bg_surface,
        QPalette.ColorRole.ToolTipText: theme.text_primary,
        QPalette.ColorRole.Mid: theme.border_subtle,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.text_disabled))
    return palette


def _names(theme: Theme) -> dict[str, str]:
    colours = {name: getattr(theme, name) for name in Theme.__dataclass_fields__ if name != "series"}
    return colours | {"mono": tokens.MONO_FONTS[0]}
