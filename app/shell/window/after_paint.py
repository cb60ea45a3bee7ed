"""What is heavy waits until what was just shown is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

UNSEEN_MS = 5000  # of a window that is an icon nothing is painted: what waits for it goes on all the same


class AfterPaint(QObject):
    """``over`` is emitted once, after the next paint of ``widget`` with all that is in it; then this goes by itself."""

    over = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._is_over = False
        widget.installEventFilter(self)
        QTimer.singleShot(UNSEEN_MS if widget.isVisible() else 0, self, self._end)

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self, self._end)  # what lies in it is painted in the same turn
        return False

    def _end(self) -> None:
        if not self._is_over:
            self._is_over = True
            self.over.emit()
            self.deleteLater()
