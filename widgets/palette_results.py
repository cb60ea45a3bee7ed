"""What the command palette found: words at the left, kind and shortcut at the right; best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets import tokens

ROW = 32
EDGE = 12
MOST_SHOWN = 50
AnyIndex = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ENTRY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class PaletteEntry:
    """Something to choose: ``kind`` is shown after the words (Command, Server, Job ...)."""

    key: str
    words: str
    kind: str
    shortcut: str = ""


def found(entries: Sequence[PaletteEntry], text: str) -> list[PaletteEntry]:
    """Entries that contain all words of ``text``; those that begin with it, then word beginnings, come first."""
    wanted = text.casefold().split()
    fitting = [entry for entry in entries if all(word in f"{entry.words} {entry.kind}".casefold() for word in wanted)]
    fitting.sort(key=lambda entry: _distance(entry, wanted))
    return fitting[:MOST_SHOWN]


class Results(QAbstractListModel):
    """The found entries; lives with its view."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._entries: tuple[PaletteEntry, ...] = ()

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        self.beginResetModel()
        self._entries = tuple(entries)
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.words, entry.kind, entry.shortcut) if part)
        return entry if role == ENTRY else None


class ResultDelegate(QStyledItemDelegate):
    """Paints one found entry."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: AnyIndex) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        entry: PaletteEntry = index.data(ENTRY)
        theme = tokens.theme_of(option.palette)
        rect: QRect = option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.bg_selected))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.accent_text))
        box = rect.adjusted(EDGE, 0, -EDGE, 0)
        small = QFont(option.font)
        small.setPixelSize(tokens.SMALL)
        painter.setFont(small)
        painter.setPen(QColor(theme.text_muted))
        tail = "   ".join(part for part in (entry.kind, entry.shortcut) if part)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, tail)
        room = box.width() - painter.fontMetrics().horizontalAdvance(tail) - EDGE
        painter.setFont(option.font)
        painter.setPen(QColor(theme.text_primary))
        words = painter.fontMetrics().elidedText(entry.words, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)
        painter.restore()


def _distance(entry: PaletteEntry, wanted: Sequence[str]) -> int:
    words = entry.words.casefold()
    if not wanted or words.startswith(" ".join(wanted)):
        return 0
    begins = all(any(part.startswith(word) for part in words.replace(".", " ").split()) for word in wanted)
    return 1 if begins else 2
