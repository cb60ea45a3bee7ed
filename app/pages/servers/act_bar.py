"""The acts in the head of a server: two that are frequent, and a menu with all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.pages.servers.acts import ACTS
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.tip import set_tip

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow
    from widgets.menu import Menu


class ActBar(QWidget):
    """``asked`` carries the key of an act."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PANEL_PADDING, 0, tokens.PANEL_PADDING, 8)
        row.setSpacing(8)
        self.buttons: dict[str, Button] = {}
        for act in ACTS:
            if act.is_frequent:
                button = Button(act.words, icon_name=act.icon)
                button.setProperty("key", act.key)
                button.clicked.connect(self._tell)
                self.buttons[act.key] = button
                row.addWidget(button)
        self.more = Button("", "icon", icon_name="ellipsis", name=_("More actions for this server"))
        row.addWidget(self.more)
        row.addStretch(1)

    @property
    def is_open(self) -> bool:
        """Whether the menu hangs from this bar now: other places show the same."""
        return self.more.isDown()

    def set_menu(self, menu: Menu) -> None:
        self.more.setMenu(menu)

    def show_server(self, row: ServerRow) -> None:
        """What does not fit is disabled, and says why."""
        for act in ACTS:
            if act.is_frequent:
                reason, button = act.why_not(row), self.buttons[act.key]
                button.setEnabled(not reason)
                keys = QKeySequence(act.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
                set_tip(button, reason or keys)

    def _tell(self) -> None:
        self.asked.emit(str(self.sender().property("key")))
