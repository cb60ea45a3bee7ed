"""Shows what pages say of their acts as toasts, with what can be done next."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from backend.core.present.text import _
from widgets.toasts import Toast, ToastAct, Toasts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.route import Go
    from app.shell.window.said import Said

OPEN, UNDO = "open", "undo"


class Saying(QObject):
    """Owned by the window; lives in the GUI thread. ``go`` turns the window to a route."""

    def __init__(self, window: QWidget, go: Go) -> None:
        super().__init__(window)
        self._go = go
        self.toasts = Toasts(window)

    def say(self, said: Said) -> Toast:
        """Show it, with *Undo* and *Open in Activity* where there is that."""
        acts = []
        if said.undo is not None:
            acts.append(ToastAct(UNDO, _("Undo")))
        if said.leads_to is not None:
            acts.append(ToastAct(OPEN, _("Open in Activity")))
        toast = self.toasts.say(said.words, acts, status=said.status)
        toast.acted.connect(partial(self._act, said))
        return toast

    def _act(self, said: Said, key: str) -> None:
        if key == UNDO and said.undo is not None:
            said.undo()
        elif said.leads_to is not None:
            self._go(said.leads_to)
