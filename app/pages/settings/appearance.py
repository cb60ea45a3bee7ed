"""Settings > Appearance: light or dark, contrast, motion, and in which language. All of it counts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QRadioButton, QWidget

from app.pages.settings.parts import Part
from backend.core.present.text import _
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.page import Page

#: Each in its own words, whatever is spoken now.
LANGUAGES = {"en": "English", "de": "Deutsch"}


class Choice(QWidget):
    """Radio buttons below each other; ``keys`` are what is remembered. ``took`` hears of the person's choice."""

    def __init__(self, entries: tuple[tuple[str, str], ...], now: str, took: Callable[[str], None]) -> None:
        super().__init__()
        self._took = took
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for key, word in entries:
            button = QRadioButton(word)
            button.setAccessibleName(word)
            button.setProperty("key", key)
            button.setChecked(key == now)
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[key] = button
        row.addStretch(1)
        self._group.buttonToggled.connect(self._tell)

    def _tell(self, button: QRadioButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self._took(str(button.property("key")))


class AppearancePart(Part):
    """What is chosen here is remembered for the next start."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Appearance"))
        now = page.services.settings.now
        desktop = ("auto", _("As the desktop"))
        schemes = (desktop, ("light", _("Light")), ("dark", _("Dark")))
        self.scheme = Choice(schemes, now.appearance, self._choose_scheme)
        self.contrast = Choice((desktop, ("high", _("High"))), now.contrast, self._choose_contrast)
        self.motion = Choice((desktop, ("none", _("None"))), now.motion, self._choose_motion)
        self.language = QComboBox()
        self.language.setAccessibleName(_("Language"))
        for key, name in LANGUAGES.items():
            self.language.addItem(name, key)
        self.language.setCurrentIndex(max(0, self.language.findData(now.language)))
        self.language.activated.connect(self._speak)
        self._add(_("Colours"), self.scheme)
        self._add(_("Contrast"), self.contrast)
        self._add(_("Motion"), self.motion)
        label = Label(_("Language"), "strong")
        self.panel.body.addWidget(label)
        self.add_row(self.language)
        label.setBuddy(self.language)  # on Linux a screen reader calls a box by its label, whatever its name is
        self.panel.body.addWidget(Label(_("What jobs wrote down stays in the language of its time."), "muted"))
        self.panel.body.addStretch(1)

    def _add(self, title: str, choice: Choice) -> None:
        self.panel.body.addWidget(Label(title, "strong"))
        choice.setAccessibleName(title)
        self.panel.body.addWidget(choice)
        self.panel.body.addSpacing(8)

    def _speak(self, at: int) -> None:
        """Afterwards: this very list is built anew as well."""
        code = str(self.language.itemData(at))
        self._page.services.settings.change(language=code)
        language = self._page.services.language

        def speak() -> None:
            language.speak(code)

        QTimer.singleShot(0, language, speak)

    def _choose_scheme(self, key: str) -> None:
        self._page.services.settings.change(appearance=key)
        self._page.services.appearance.choose(key)

    def _choose_contrast(self, key: str) -> None:
        self._page.services.settings.change(contrast=key)
        self._page.services.appearance.choose_contrast(key)

    def _choose_motion(self, key: str) -> None:
        self._page.services.settings.change(motion=key)
        self._page.services.appearance.choose_motion(key)
