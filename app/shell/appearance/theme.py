"""Applies a theme: fonts, palette, and the one style sheet, made from the tokens."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from PySide6.QtCore import QDir, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.shell.appearance.style_sheet import STYLE
from widgets import tokens
from widgets.focus_ring import FocusRings
from widgets.tokens import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH, Theme
from widgets.turning import STILL

if TYPE_CHECKING:
    from app.shell.appearance.desktop_preferences import DesktopPreferences

FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")
HIGH = (LIGHT_HIGH, DARK_HIGH)


class Appearance(QObject):
    """Owner of the look of the whole program; lives in the GUI thread.

    The scheme is light, dark or auto; contrast is high or auto, motion none or auto. Auto follows Qt where it knows
    what the desktop wants, else the desktop's portal, else it is light, with normal contrast and with motion. The
    focus ring of all windows hangs here too.
    """

    changed = Signal()

    def __init__(self, application: QApplication, contrast: str = "auto", motion: str = "auto") -> None:
        super().__init__(application)
        self._application = application
        self._choice, self._contrast, self._motion = "auto", contrast, motion
        self._desktop: DesktopPreferences | None = None
        self._applied: Theme | None = None
        self.focus_rings = FocusRings(self)
        application.setStyle("Fusion")
        application.setFont(load_fonts())
        QDir.addSearchPath("theme", str(files("resources") / "theme"))
        application.styleHints().colorSchemeChanged.connect(self._follow)
        application.focusChanged.connect(self.focus_rings.follow)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        is_dark = self._choice == "dark" or (self._choice == "auto" and self._scheme() is Qt.ColorScheme.Dark)
        if self._wants_contrast():
            return HIGH[is_dark]
        return DARK if is_dark else LIGHT

    @property
    def is_still(self) -> bool:
        """Whether nothing may move by itself."""
        return self._motion == "none" or (self._desktop is not None and self._desktop.wants_stillness)

    def choose(self, choice: str) -> None:
        """Take ``light``, ``dark`` or ``auto`` at once, everywhere."""
        self._choice = choice if choice in ("light", "dark") else "auto"
        self._ask_desktop()
        self._apply()

    def choose_contrast(self, contrast: str) -> None:
        """Take ``high`` or ``auto``."""
        self._contrast = contrast
        self._apply()

    def choose_motion(self, motion: str) -> None:
        """Take ``none`` or ``auto``."""
        self._motion = motion
        self._apply()

    def _wants_contrast(self) -> bool:
        """Qt's own hint (``styleHints().accessibility()``) is not asked: the binding deletes what it hands out."""
        return self._contrast == "high" or (self._desktop is not None and self._desktop.wants_contrast)

    def _own_scheme(self) -> Qt.ColorScheme:
        return self._application.styleHints().colorScheme()

    def _scheme(self) -> Qt.ColorScheme:
        own = self._own_scheme()
        return self._desktop.scheme if own is Qt.ColorScheme.Unknown and self._desktop is not None else own

    def _ask_desktop(self) -> None:
        """The answer comes later, if at all; until then it is light."""
        from app.shell.appearance.desktop_preferences import DesktopPreferences
        from app.system import has_session_bus

        if self._desktop is None and has_session_bus():
            self._desktop = DesktopPreferences(self)
            self._desktop.told.connect(self._follow)
            self._desktop.ask()

    def _follow(self) -> None:
        self._apply()

    def _apply(self) -> None:
        theme = self.theme
        is_news, self._applied = theme is not self._applied, theme
        if is_news:
            self._dress(theme)
        self._application.style().setProperty(STILL, self.is_still)  # a new style sheet makes a new style
        for effect in (Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_AnimateTooltip):
            self._application.setEffectEnabled(effect, not self.is_still)
        if is_news:
            self.changed.emit()

    def _dress(self, theme: Theme) -> None:
        self._application.setPalette(palette_of(theme))
        self._application.setStyleSheet(STYLE.substitute(_names(theme)))


def load_fonts() -> QFont:
    """Register the bundled fonts; the interface's font with tabular figures and without hinting."""
    for name in FONT_FILES:
        QFontDatabase.addApplicationFontFromData((files("resources") / "fonts" / name).read_bytes())
    font = QFont()
    font.setFamilies(list(tokens.UI_FONTS))
    font.setPixelSize(tokens.BODY)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setFeature(QFont.Tag("calt"), 0)  # would turn the x of "x64" into a times sign
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
    marks = f"{theme.name}/" if theme in HIGH else ""
    return colours | {"mono": '", "'.join(tokens.MONO_FONTS), "marks": marks}
