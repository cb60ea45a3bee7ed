"""Asks for a name: of a workspace, of a view."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.form import Form


class NameDialog(QDialog):
    """Shown by ``open()``. ``named`` carries the name, at most ``most`` characters; ``wrong`` says what it lacks."""

    named = Signal(str)

    def __init__(self, title: str, act: str, parent: QWidget, *, text: str = "", most: int, wrong: str) -> None:
        super().__init__(parent)
        self._most, self._wrong = most, wrong
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(420)
        self.name = QLineEdit(text)
        self.form = Form()
        self.form.add("name", _("Name"), self.name, check=self._error)
        self.act = Button(act, "primary")
        self.act.setDefault(True)
        self.act.clicked.connect(self._agree)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.act)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.addWidget(self.form)
        column.addLayout(row)
        self.name.setFocus()

    def _error(self) -> str:
        return "" if 0 < len(self.name.text().strip()) <= self._most else self._wrong

    def _agree(self) -> None:
        if self.form.is_right():
            self.named.emit(self.name.text().strip())
            self.accept()
