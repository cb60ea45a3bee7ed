"""A text to be read: notices, a licence."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.log_view import LogView
from widgets.plain_dialog import PlainDialog

SIZE = (720, 520)


class TextDialog(PlainDialog):
    """Read-only, in the fixed font."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(title, SIZE, parent)
        self.text = LogView(title)
        self.text.setPlainText(text)
        self.body.addWidget(self.text, 1)
        self.close_button = Button(_("Close"), "primary")
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self.set_foot(DialogFooter(self.close_button))
