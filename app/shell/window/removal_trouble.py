"""The demo's window is gone and its folder is not: why, in words, and the way to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.shell.background.task import BackgroundTask
from backend.core.errors import MailyardError
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 560


def remove_or_tell(remove: Callable[[], None]) -> RemovalTrouble | None:
    """Remove the demo, whose window is closed; the window that says why it could not be, already shown."""
    try:
        remove()
    except MailyardError as error:
        trouble = RemovalTrouble(remove)
        trouble.tell(error)
        trouble.show()
        trouble.activateWindow()
        return trouble
    return None


class RemovalTrouble(QWidget):
    """A window of its own, which keeps the program until it is closed; owned by the console, in the GUI thread."""

    def __init__(self, remove: Callable[[], None]) -> None:
        super().__init__()
        self.setWindowTitle(_("Mailyard demo"))
        self.setFixedWidth(WIDTH)
        self._task = BackgroundTask(remove, self)
        self._task.ready.connect(self._is_removed)
        self._task.failed.connect(self.tell)
        self.banner, self.leave = Banner(), Button(_("Close"))
        self.banner.acted.connect(self._try_again)
        self.leave.clicked.connect(self.close)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self).activated.connect(self.close)
        edge = tokens.PAGE_PADDING
        words = QVBoxLayout()
        words.setContentsMargins(edge, edge, edge, edge)
        words.addWidget(self.banner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(words)
        column.addWidget(DialogFooter(self.leave))

    def tell(self, error: MailyardError) -> None:
        """Why it is still there."""
        self.banner.action.setEnabled(True)
        self.banner.say(Status.CRITICAL, error.title, error.remedy, _("Retry"), details=error.detail)
        self.banner.action.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._task.leave()
        super().closeEvent(event)

    def _try_again(self) -> None:
        self.banner.action.setEnabled(False)
        self._task.start()

    def _is_removed(self, _nothing: object) -> None:
        self.close()
