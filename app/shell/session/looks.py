"""How the program looks and speaks: what there is to choose, what is chosen, and one way of choosing it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.appearance.language import LANGUAGES
from backend.core.present.text import N_

if TYPE_CHECKING:
    from app.shell.appearance.language import Language
    from app.shell.appearance.theme import Appearance
    from app.shell.session.settings import SettingsFile


@dataclass(frozen=True)
class Look:
    """One thing to choose. ``key`` is the setting that keeps it; ``options`` are what is kept and its words, which are
    message ids, as the title is; a language is called by its own name.
    """

    key: str
    title: str
    options: tuple[tuple[str, str], ...]


AUTO = ("auto", N_("Follow the desktop"))
LANGUAGE = "language"
LOOKS = (
    Look("appearance", N_("Colours"), (AUTO, ("light", N_("Light")), ("dark", N_("Dark")))),
    Look("contrast", N_("Contrast"), (AUTO, ("high", N_("High")))),
    Look("motion", N_("Motion"), (AUTO, ("none", N_("None")))),
    Look(LANGUAGE, N_("Language"), tuple(LANGUAGES.items())),
)


class Looks(QObject):
    """Lives in the GUI thread. ``changed`` when something was chosen, wherever that was."""

    changed = Signal()

    def __init__(self, settings: SettingsFile, appearance: Appearance, language: Language, parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._language = settings, language
        self._carry_out = {
            "appearance": appearance.choose,
            "contrast": appearance.choose_contrast,
            "motion": appearance.choose_motion,
            LANGUAGE: self._speak,
        }

    def chosen(self, key: str) -> str:
        """The option that counts now."""
        return str(getattr(self._settings.now, key))

    def choose(self, key: str, option: str) -> None:
        """Remember it for the next start, and look like it at once."""
        if option != self.chosen(key):
            self._settings.change(**{key: option})
            self._carry_out[key](option)
            self.changed.emit()

    def _speak(self, code: str) -> None:
        """Afterwards: what it was chosen in is built anew as well."""
        QTimer.singleShot(0, self._language, partial(self._language.speak, code))
