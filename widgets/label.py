"""Text in one of the four sizes and three weights."""

from __future__ import annotations

import re
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel

from widgets.tip import set_tip, with_exact

Role = Literal["title", "section", "strong", "body", "muted", "small", "caption", "mono", "error"]

#: Words longer than that may be broken: after what divides them, and a part that is longer than ``WHOLE`` letters after
#: each piece of so many.
LONGEST, WHOLE, PIECE = 24, 16, 8
LONG_WORD = re.compile(rf"\S{{{LONGEST + 1},}}")
DIVIDES = "-./@:_,;?&=+%"
PIECES = re.compile(
    rf"(?:[^{DIVIDES}]{{1,{WHOLE}}}(?=[{DIVIDES}]|$)|[^{DIVIDES}]{{1,{PIECE}}})[{DIVIDES}]{{0,{PIECE}}}"
    rf"|[{DIVIDES}]{{1,{PIECE}}}"
)
BREAK = "\u200b"
#: No label keeps a dialog wider than it was for more than this, in pixels.
WIDEST = 320


class Label(QLabel):
    """A label whose look follows its role; plain text always, so that nothing a server says is read as markup.

    One that ``wraps`` breaks words that are too long for a line, unless they can be selected: what is copied must be
    what was written. Its tooltip has the exact moments of what it tells in short.
    """

    def __init__(self, text: str = "", role: Role = "body", *, wraps: bool = False, selectable: bool = False) -> None:
        super().__init__()
        self._words, self._spoken, self._breaks, self._exact = "", "", wraps and not selectable, ""
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if selectable:
            flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            self.setTextInteractionFlags(flags)
        self.setText(text)

    def text(self) -> str:
        """The words as they were given."""
        return self._words

    def setText(self, text: str) -> None:
        """A screen reader is given a word that is broken as a whole, unless the owner named the label."""
        self._words = text
        shown = LONG_WORD.sub(_broken, text) if self._breaks else text
        if self.accessibleName() == self._spoken:
            self._spoken = "" if shown == text else text
            self.setAccessibleName(self._spoken)
        super().setText(shown)
        exact = with_exact("", text)
        if exact != self._exact:
            set_tip(self, exact)
            self._exact = exact

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(min(least.width(), WIDEST), least.height())

    def set_role(self, role: Role) -> None:
        """Change the look; the style sheet is asked again."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)


def _broken(word: re.Match[str]) -> str:
    return BREAK.join(PIECES.findall(word[0]))
