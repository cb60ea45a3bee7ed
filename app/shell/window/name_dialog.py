"""Asks for a name: of a workspace, of a view."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.overlay import Overlay

EDGE = 24


class NameDialog(Overlay):
    """Shown by ``open()``. ``named`` carries the name, at most ``most`` characters; ``wrong`` says what it lacks."""

    named = Signal(str)

    def __init__(self, title: str, act: str, parent: QWidget, *, text: str = "", most: int, wrong: str) -> None:
        super().__init__(title, parent)
        self._most, self._wrong = most, wrong
        self.setFixedWidth(420)
        self.name = QLineEdit(text)
        self.form = Form()
        self.form.add("name", _("Name"), self.name, check=self._error)
        self.keep, self.act = Button(_("Cancel")), Button(act, "primary")
        self.keep.clicked.connect(self.reject)
        self.act.setDefault(True)
        self.act.clicked.connect(self._agree)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 12)
        body.setSpacing(12)
        body.addWidget(DialogHead(title, self))
        body.addWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addWidget(DialogFooter(self.keep, self.act))
        self.name.setFocus()

    def _error(self) -> str:
        return "" if 0 < len(self.name.text().strip()) <= self._most else self._wrong

    def _agree(self) -> None:
        if self.form.is_right():
            self.named.emit(self.name.text().strip())
            self.accept()
