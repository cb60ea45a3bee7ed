"""The Settings page: parts at the left, in groups; the chosen one at the right, with those of its group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from app.pages.settings.place import PLACE
from app.shell.parts_page import PartsPage, groups
from backend.core.present.text import _
from widgets import tokens

if TYPE_CHECKING:
    from app.shell.session.services import Services

LIST_WIDTH, HEAD = 180, 34
PART = Qt.ItemDataRole.UserRole


class SettingsPage(PartsPage):
    """The list names every part below the name of its group, which cannot be chosen."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, PLACE)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Parts of the settings"))
        self.list.setFixedWidth(LIST_WIDTH)
        self._items: dict[str, QListWidgetItem] = {}
        for group in groups(PLACE):
            if group[0].group:
                self._add_head(_(group[0].group))
            for part in group:
                self._items[part.key] = self._add(_(part.title))
                self._items[part.key].setData(PART, part.key)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.PANEL_GAP)
        row.addWidget(self.list)
        row.addWidget(self.parts, 1)
        self.add(body)
        self.list.currentItemChanged.connect(self._choose)
        self.mark(PLACE.parts[0].key)

    @property
    def main_list(self) -> QWidget:
        return self.list

    def mark(self, key: str) -> None:
        self.list.setCurrentItem(self._items[key])

    def _add_head(self, words: str) -> None:
        head = self._add(words)
        head.setFlags(Qt.ItemFlag.NoItemFlags)
        head.setSizeHint(QSize(0, HEAD))
        head.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom)
        font = QFont(self.list.font())
        font.setPixelSize(tokens.SMALL)
        head.setFont(font)

    def _add(self, words: str) -> QListWidgetItem:
        item = QListWidgetItem(words, self.list)
        item.setSizeHint(QSize(0, tokens.SIDEBAR_ROW))
        return item

    def _choose(self, item: QListWidgetItem | None, _before: object) -> None:
        key = item.data(PART) if item is not None else None
        if key:
            self.turn_to(key)
