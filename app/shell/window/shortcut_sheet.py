"""All shortcuts there are: of the window and its places, of the acts they bring, and of what is on the page in front.

Nothing is listed here by hand: places, acts and widgets say their own keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from backend.core.present.text import _
from widgets.key_hint import KeyHint
from widgets.plain_dialog import PlainDialog
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.search_field import SearchField

SIZE = (620, 520)


@dataclass(frozen=True)
class Shortcut:
    """One line: where it works, what it does, and its keys in the form of ``QKeySequence``, divided by ', '."""

    where: str
    words: str
    keys: str


class ShortcutSheet(PlainDialog):
    """Shown by ``open()`` with the keyboard in the list."""

    def __init__(self, shortcuts: Iterable[Shortcut], parent: QWidget) -> None:
        super().__init__(_("Keyboard shortcuts"), SIZE, parent)
        columns = (
            Column[tuple[int, Shortcut]](
                _("Where"), text=lambda line: line[1].where, sort=lambda line: line[0], width=130
            ),
            Column[tuple[int, Shortcut]](_("Action"), text=lambda line: line[1].words, width=290),
            Column[tuple[int, Shortcut]](_("Keys"), text=lambda line: native(line[1].keys), is_mono=True, width=150),
        )
        self.table: RecordTable[tuple[int, Shortcut]] = RecordTable(
            columns, lambda line: line[1], _("Keyboard shortcuts")
        )
        self.table.set_rows(list(enumerate(_by_place(shortcuts))))
        self.filter = SearchField(_("Filter shortcuts"))
        self.filter.textChanged.connect(self.table.set_filter)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.table, 1)
        self.table.setFocus()


def _by_place(shortcuts: Iterable[Shortcut]) -> list[Shortcut]:
    """Each once, places in the order in which they are first named."""
    found = list(dict.fromkeys(shortcuts))
    places = list(dict.fromkeys(each.where for each in found))
    return sorted(found, key=lambda each: places.index(each.where))


def on_page(window: QWidget) -> Iterator[Shortcut]:
    """What the widgets in front hear by themselves, each class once."""
    for each in window.findChildren(QObject):
        hints: tuple[KeyHint, ...] = getattr(type(each), "KEYS", ())
        seen = each if isinstance(each, QWidget) else each.parent()
        if hints and isinstance(seen, QWidget) and (seen.isVisible() or seen.parent() is window):
            yield from (Shortcut(_("On this page"), _(hint.words), hint.keys) for hint in hints)


def native(keys: str) -> str:
    """As this system writes them: 'J  K', on a Mac with its own signs."""
    form = QKeySequence.SequenceFormat.NativeText
    return "  ".join(QKeySequence(each).toString(form) for each in keys.split(", "))
