"""The table of the Servers page, and when it is painted. Imports no more than the window itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Signal

if TYPE_CHECKING:
    from app.application import Console


def server_table(console: Console) -> Any:
    """The table of the Servers page, None while the page is not there."""
    page: Any = console.window.pages.get("servers")
    return page.table if page is not None else None


class Painted(QObject):
    """Tells of each paint of a widget, once it is on its way to the screen."""

    painted = Signal()

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.painted.emit()
        return False
