"""Settings > Appearance: light or dark, contrast, motion, and in which language. All of it counts at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QRadioButton, QWidget

from app.shell.session.looks import LANGUAGE, LOOKS, Look, Looks
from app.shell.window.part import PanelPart
from backend.core.present.text import _
from widgets.label import Label

if TYPE_CHECKING:
    from app.shell.window.page import Page


class Choice(QWidget):
    """The options of one look as radio buttons beside each other; shows what is chosen, wherever it was."""

    def __init__(self, look: Look, looks: Looks) -> None:
        super().__init__()
        self._look, self._looks = look, looks
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        self.setAccessibleName(_(look.title))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for key, word in look.options:
            button = QRadioButton(_(word))
            button.setAccessibleName(button.text())
            button.setProperty("key", key)
            self._group.addButton(button)
            row.addWidget(button)
            self.buttons[key] = button
        row.addStretch(1)
        self._show()
        self._group.buttonToggled.connect(self._tell)
        looks.changed.connect(self._show)

    def _show(self) -> None:
        """One that was written into the file by hand and is none of these chooses none."""
        button = self.buttons.get(self._looks.chosen(self._look.key))
        if button is not None:
            button.setChecked(True)

    def _tell(self, button: QRadioButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self._looks.choose(self._look.key, str(button.property("key")))


class AppearancePart(PanelPart):
    """What is chosen here is remembered for the next start."""

    def __init__(self, page: Page) -> None:
        super().__init__(page, _("Appearance"))
        self._looks = page.services.looks
        self.choices: dict[str, Choice] = {}
        for look in LOOKS:
            if look.key == LANGUAGE:
                self._add_languages(look)
            else:
                self._add(look)
        self.panel.body.addWidget(Label(_("Job logs stay in the language they were written in."), "muted"))
        self.panel.body.addStretch(1)

    def _add(self, look: Look) -> None:
        self.choices[look.key] = Choice(look, self._looks)
        self.panel.body.addWidget(Label(_(look.title), "strong"))
        self.panel.body.addWidget(self.choices[look.key])
        self.panel.body.addSpacing(8)

    def _add_languages(self, look: Look) -> None:
        """In a box, which takes more of them; another one builds this page anew."""
        self.language = QComboBox()
        self.language.setAccessibleName(_(look.title))
        for key, name in look.options:
            self.language.addItem(name, key)
        self.language.setCurrentIndex(max(0, self.language.findData(self._looks.chosen(look.key))))
        self.language.activated.connect(self._speak)
        label = Label(_(look.title), "strong")
        self.panel.body.addWidget(label)
        self.add_row(self.language)
        label.setBuddy(self.language)  # on Linux a screen reader calls a box by its label, whatever its name is

    def _speak(self, at: int) -> None:
        self._looks.choose(LANGUAGE, str(self.language.itemData(at)))
