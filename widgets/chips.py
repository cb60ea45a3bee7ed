"""Filter chips: one chosen at a time, each with its count; a menu where there is no room for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.menu import Menu

GAP = 8


class Chips(QWidget):
    """``chosen`` carries the key of the chip that was pressed.

    All stand beside each other, or none: then one button shows the chosen chip and opens a menu of them.
    """

    chosen = Signal(str)

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._all = QWidget(self)
        row = QHBoxLayout(self._all)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        self._group = QButtonGroup(self)
        self._words: dict[str, str] = dict(entries)
        self._buttons: dict[str, QPushButton] = {}
        for key, word in entries:
            button = QPushButton(word)
            button.setProperty("kind", "chip")
            button.setProperty("key", key)
            button.setCheckable(True)
            button.setAccessibleName(word)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            self._group.addButton(button)
            self._buttons[key] = button
            row.addWidget(button)
        self._group.setExclusive(True)
        self._buttons[entries[0][0]].setChecked(True)
        self._fold()
        self._group.buttonToggled.connect(self._tell)

    @property
    def current(self) -> str:
        button = self._group.checkedButton()
        return str(button.property("key")) if button else ""

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._buttons)

    @property
    def is_folded(self) -> bool:
        """Whether a menu stands for the chips."""
        return self._all.isHidden()

    def choose(self, key: str) -> None:
        """Press a chip."""
        self._buttons[key].click()

    def count(self, key: str, number: int) -> None:
        """Show how many rows are behind a chip."""
        text = f"{self._words[key]} {number}"
        self._buttons[key].setText(text)
        self._buttons[key].setAccessibleName(text)
        self._name_folded()
        self.updateGeometry()
        self._arrange()

    def sizeHint(self) -> QSize:
        return self._all.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.folded.sizeHint().width(), self.sizeHint().width()), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Another font, another width: also the first one that the style sheet gives."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.updateGeometry()
        self._arrange()

    def _fold(self) -> None:
        """The menu in the place of the chips."""
        self.folded = Button("", icon_name="chevron-down")
        self.folded.setParent(self)
        self.folded.setProperty("kind", "chip-menu")
        self.folded.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the chevron stands after the words
        self.folded.setIconSize(QSize(tokens.ICON - 2, tokens.ICON - 2))
        self.menu = Menu(self.folded, _("Filter"))
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._pick)
        self.folded.setMenu(self.menu)
        self._name_folded()

    def _arrange(self) -> None:
        """What stands there is placed here, not by a layout: a layout would ask for room for both."""
        is_folded = self.width() < self.sizeHint().width()
        for widget, is_shown in ((self._all, not is_folded), (self.folded, is_folded)):
            size = widget.sizeHint().boundedTo(self.size())
            widget.setGeometry(QRect(QPoint(0, (self.height() - size.height()) // 2), size))
            widget.setVisible(is_shown)

    def _name_folded(self) -> None:
        button = self._group.checkedButton()
        self.folded.setText(button.text() if button else "")
        self.folded.setAccessibleName(_("Filter: {chosen}").format(chosen=self.folded.text()))

    def _fill(self) -> None:
        self.menu.clear()
        for key, button in self._buttons.items():
            action = self.menu.addAction(button.text())
            action.setData(key)
            action.setCheckable(True)
            action.setChecked(button.isChecked())

    def _pick(self, action: QAction) -> None:
        self.choose(str(action.data()))

    def _tell(self, button: QPushButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self._name_folded()
            self.updateGeometry()
            self.chosen.emit(str(button.property("key")))
