"""The drop-down that chooses the workspace everything is filtered by."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter

from widgets import tokens
from widgets.icons import icon
from widgets.menu import Menu
from widgets.tip import set_tip

WORD_EDGE, CHEVRON_ROOM = 12, 30


class Switcher(QPushButton):
    """``chosen`` carries the key of the chosen entry. The menu is this button's own."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "switcher")
        self._name, self._word = name, ""
        self._menu = Menu(self, name)
        self._group = QActionGroup(self._menu)
        self._menu.triggered.connect(self._tell)
        self.setMenu(self._menu)

    def set_entries(self, entries: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these (key, word) pairs; ``current`` is the chosen one."""
        self._menu.clear()
        for key, word in entries:
            action = QAction(word, self._menu)
            action.setData(key)
            action.setCheckable(True)
            action.setChecked(key == current)
            self._group.addAction(action)
            self._menu.addAction(action)
            if key == current:
                self._show_word(word)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        option.features &= ~QStyleOptionButton.ButtonFeature.HasMenu
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        self._paint_word(painter)

    def _paint_word(self, painter: QPainter) -> None:
        theme = tokens.theme_of(self.palette())
        box = self.rect().adjusted(WORD_EDGE, 0, -CHEVRON_ROOM, 0)
        painter.setPen(theme.text_primary)
        word = painter.fontMetrics().elidedText(self._word, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        side = tokens.ICON
        spot = QRect(self.width() - side - 9, (self.height() - side) // 2, side, side)
        icon("chevron-down", theme.text_secondary).paint(painter, spot)

    def _show_word(self, word: str) -> None:
        self._word = word
        self.setText(word)
        set_tip(self, word)
        self.setAccessibleName(f"{self._name}: {word}")

    def _tell(self, action: QAction) -> None:
        self._show_word(action.text())
        self.chosen.emit(action.data())
