"""What can be done with all that is chosen in a list: how many, the acts, and a way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout

from backend.core.present import format as words
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.menu import Menu
from widgets.tip import set_tip

HEIGHT = 44
LEAST = 2


@dataclass(frozen=True)
class BulkAct:
    """One act; ``reason`` says why it cannot be done with these, a dangerous one stands apart in the menu."""

    key: str
    words: str
    reason: str = ""
    is_dangerous: bool = False


class BulkBar(QFrame):
    """Hidden while fewer than two are chosen. ``acted`` carries the key of an act, ``cleared`` asks to choose none.

    Acts that have no room stand in a menu, with the dangerous ones below a line. Escape chooses none.
    """

    acted = Signal(str)
    cleared = Signal()

    def __init__(self, acts: Sequence[BulkAct]) -> None:
        super().__init__()
        self._acts: tuple[BulkAct, ...] = ()
        self._count = 0
        self.setProperty("surface", "footer")
        self.setFixedHeight(HEIGHT)
        self.count, self.buttons = Label("", "strong"), dict[str, Button]()
        self.more = Button("", "icon", icon_name="ellipsis", name=_("More actions for all selected"))
        self.menu = Menu(self.more, _("More actions for all selected"))
        self.menu.setToolTipsVisible(True)
        self.menu.triggered.connect(self._picked)
        self.more.setMenu(self.menu)
        self.clear = Button(_("Clear selection"), "quiet")
        self.clear.clicked.connect(self.cleared)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 0)
        self._row.setSpacing(tokens.SPACE[1])
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._row.addWidget(self.count)
        self._row.addSpacing(tokens.SPACE[0])
        self._row.addWidget(self.more)
        self._row.addStretch(1)
        self._row.addWidget(self.clear)
        self.hide()
        self.set_acts(acts)

    def set_acts(self, acts: Sequence[BulkAct]) -> None:
        """Offer these; what is offered already keeps its button."""
        if tuple(acts) == self._acts:
            return
        self._acts = tuple(acts)
        wanted = {act.key for act in acts}
        for key in [key for key in self.buttons if key not in wanted]:
            gone = self.buttons.pop(key)
            gone.hide()
            gone.deleteLater()
        for at, act in enumerate(each for each in acts if not each.is_dangerous):
            button = self.buttons.get(act.key) or self._button(act.key)
            self._row.insertWidget(at + 2, button)
            button.setText(act.words)
            button.setAccessibleName(act.words)
            button.setEnabled(not act.reason)
            set_tip(button, act.reason)
        self._fold()

    def show_count(self, count: int) -> None:
        """So many are chosen; a screen reader is told when that is another number."""
        said = ngettext("{n} selected", "{n} selected", count).format(n=words.number(count))
        is_news, self._count = count != self._count, count
        self.count.setText(said)
        self.setAccessibleName(said)
        self.setVisible(count >= LEAST)
        self._fold()
        if is_news and count >= LEAST:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def minimumSizeHint(self) -> QSize:
        """The acts may all be in the menu."""
        fixed = self._fixed_width() + self.more.sizeHint().width() + self._row.spacing()
        return QSize(fixed, HEIGHT)

    def sizeHint(self) -> QSize:
        acts = sum(button.sizeHint().width() + self._row.spacing() for button in self.buttons.values())
        return self.minimumSizeHint() + QSize(acts, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cleared.emit()
        else:
            super().keyPressEvent(event)

    def _button(self, key: str) -> Button:
        button = Button("")
        button.setProperty("key", key)
        button.clicked.connect(self._pressed)
        self.buttons[key] = button
        return button

    def _fold(self) -> None:
        """As many acts as have room stand in the bar, in order; the rest go into the menu."""
        left = self.width() - self._fixed_width()
        widths = [self.buttons[act.key].sizeHint().width() + self._row.spacing() for act in self._plain()]
        has_menu = len(widths) < len(self._acts) or sum(widths) > left
        left -= (self.more.sizeHint().width() + self._row.spacing()) if has_menu else 0
        shown = next((at for at in range(len(widths), 0, -1) if sum(widths[:at]) <= left), 0)
        for at, act in enumerate(self._plain()):
            self.buttons[act.key].setVisible(at < shown)
        self.more.setVisible(has_menu)
        self._row.activate()
        self._fill_menu([*self._plain()[shown:]], [act for act in self._acts if act.is_dangerous])

    def _fill_menu(self, folded: Sequence[BulkAct], dangerous: Sequence[BulkAct]) -> None:
        self.menu.clear()
        for act in folded:
            self._entry(act)
        if folded and dangerous:
            self.menu.addSeparator()
        for act in dangerous:
            self._entry(act)

    def _entry(self, act: BulkAct) -> None:
        """Why an act cannot be done stands in the menu itself."""
        said = _("{act}: {reason}").format(act=act.words, reason=act.reason) if act.reason else act.words
        action = QAction(said, self.menu)
        action.setData(act.key)
        action.setEnabled(not act.reason)
        self.menu.addAction(action)

    def _plain(self) -> list[BulkAct]:
        return [act for act in self._acts if not act.is_dangerous]

    def _fixed_width(self) -> int:
        words = self.count.sizeHint().width() + self.clear.sizeHint().width()
        return words + 2 * tokens.PANEL_PADDING + tokens.SPACE[0] + 3 * self._row.spacing()

    def _pressed(self) -> None:
        self.acted.emit(str(self.sender().property("key")))

    def _picked(self, action: QAction) -> None:
        self.acted.emit(str(action.data()))
