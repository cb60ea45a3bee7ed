"""A text to be read: notices, a licence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.label import Label
from widgets.log_view import LogView

EDGE, SIZE = 24, (720, 520)


class TextDialog(QDialog):
    """Shown by ``open()``; read-only, in the fixed font."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*SIZE)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 12)
        body.setSpacing(10)
        body.addWidget(Label(title, "section"))
        self.text = LogView(title)
        self.text.setPlainText(text)
        body.addWidget(self.text, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(body, 1)
        self.close_button = Button(_("Close"), "primary")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        outer.addWidget(DialogFooter(self.close_button))
