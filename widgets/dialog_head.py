"""The head of a dialog: its title, what stands beside it, and the cross that closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.label import Label


class DialogHead(QWidget):
    """Closes ``dialog`` as Escape does; the dialog has no title bar."""

    def __init__(self, title: str, dialog: QDialog, *beside: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Label(title, "section", wraps=True), 1)
        for widget in beside:
            row.addWidget(widget)
        self.close_button = Button("", "icon", icon_name="x", name=_("Close"))
        self.close_button.setProperty("flat", True)
        self.close_button.setProperty("compact", True)
        self.close_button.clicked.connect(dialog.reject)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
