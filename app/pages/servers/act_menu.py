"""The menu of what can be done with the chosen servers: of the page, of a row, of the server's head."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.pages.servers.acts import ACTS, Act, acts_of, why_none
from backend.core.present.text import _
from widgets.menu import Menu
from widgets.tip import set_tip

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow

LONGEST_REASON = 48  # letters


class ActMenu(Menu):
    """One for all places that show it. ``asked`` carries the key of an act; its owner says of which rows it is."""

    asked = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _("More actions"))
        self.setToolTipsVisible(True)
        self.acts: dict[str, QAction] = {}
        for at, (_group, acts) in enumerate(groupby(ACTS, lambda act: act.group)):
            if at:
                self.addSeparator()
            for act in acts:
                action = self.addAction(act.words)
                action.setData(act.key)
                action.triggered.connect(self._tell)
                self.acts[act.key] = action

    def show_rows(self, rows: Sequence[ServerRow]) -> None:
        """Bring it to these servers: what does not fit them is greyed, and says why."""
        named = {act.key for act in acts_of(rows)}
        for act in ACTS:
            action, reason = self.acts[act.key], why_none(act, rows)
            action.setText(_entry(act, reason))
            action.setEnabled(not reason)
            action.setVisible(act.key in named)
            set_tip(action, reason)

    def _tell(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.asked.emit(str(action.data()))


def _entry(act: Act, reason: str) -> str:
    """The word, why not, and the key that does the same; a long reason stands whole in the tooltip."""
    said = act.words.replace("&", "&&")
    if reason:
        said = _("{act}: {reason}").format(act=_(act.word), reason=_short(reason))
    keys = QKeySequence(act.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
    return f"{said}\t{keys}" if keys else said


def _short(reason: str) -> str:
    if len(reason) <= LONGEST_REASON:
        return reason
    return f"{reason[: LONGEST_REASON - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
