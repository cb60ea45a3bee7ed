"""The language of the program: our own words, and those that Qt itself puts into menus and file dialogs."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QObject, QTranslator, Signal
from PySide6.QtWidgets import QApplication

from backend.core.present.text import activate

#: The languages the program speaks, each in its own words.
LANGUAGES = {"en": "English", "de": "Deutsch"}


class Language(QObject):
    """Lives in the GUI thread. ``changed`` once another language is spoken: what stands on the screen is built anew."""

    changed = Signal()

    def __init__(self, application: QApplication, code: str) -> None:
        super().__init__(application)
        self._application = application
        self._of_qt: QTranslator | None = None
        self.code = code
        self._activate(code)

    def speak(self, code: str) -> None:
        """Speak ``en``, ``de`` from now on, everywhere."""
        if code != self.code:
            self.code = code
            self._activate(code)
            self.changed.emit()

    def _activate(self, code: str) -> None:
        activate(code)
        if self._of_qt is not None:
            self._application.removeTranslator(self._of_qt)
            self._of_qt.deleteLater()
            self._of_qt = None
        if code == "en":
            return
        fresh = QTranslator(self)
        if fresh.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            self._application.installTranslator(fresh)
            self._of_qt = fresh
        else:
            fresh.deleteLater()
