"""A key and what it does, as the widget that hears it says: the list of all shortcuts is composed of these."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

#: The keyboard led here: what is shown for who works by it is shown from now on.
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
#: Letters that do what arrows do, for hands that stay where they are.
AS_ARROWS = {Qt.Key.Key_J: Qt.Key.Key_Down, Qt.Key.Key_K: Qt.Key.Key_Up}


@dataclass(frozen=True)
class KeyHint:
    """``keys`` in the form of ``QKeySequence``, several divided by ', '; ``words`` is a message id.

    A widget, or what serves one, has them as its class's ``KEYS``.
    """

    keys: str
    words: str


def as_arrow(event: QKeyEvent) -> QKeyEvent:
    """J and K, alone, as the arrow down and up; all else as it is."""
    arrow = AS_ARROWS.get(Qt.Key(event.key()))
    if arrow is None or event.modifiers() != Qt.KeyboardModifier.NoModifier:
        return event
    return QKeyEvent(QEvent.Type.KeyPress, arrow, Qt.KeyboardModifier.NoModifier, "", event.isAutoRepeat())
