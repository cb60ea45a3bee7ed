"""What stands in for rows that are being read: bars, shown only when reading takes longer than 150 ms."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from backend.core.present.text import _
from widgets import tokens

DELAY_MS = 150
BAR, STEP = 10, 22
SHARES = (0.68, 1.0, 0.86, 0.51)


class Skeleton(QWidget):
    """Starts empty; :meth:`wait` shows the bars later, :meth:`stop` takes them away or never shows them."""

    def __init__(self, rows: int = 4) -> None:
        super().__init__()
        self._rows = rows
        self.is_shown = False
        self.setAccessibleName(_("Loading"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(DELAY_MS)
        self._later.timeout.connect(self._appear)

    def wait(self) -> None:
        """Something is being read; a fast answer leaves no trace."""
        if not self.is_shown:
            self._later.start()

    def stop(self) -> None:
        self._later.stop()
        self.is_shown = False
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self._rows * STEP + 2 * tokens.PANEL_PADDING)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.is_shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.theme_of(self.palette()).bg_hover))
        room = self.width() - 2 * tokens.PANEL_PADDING
        for row in range(self._rows):
            top = tokens.PANEL_PADDING + row * STEP
            bar = QRectF(tokens.PANEL_PADDING, top, room * SHARES[row % len(SHARES)], BAR)
            painter.drawRoundedRect(bar, tokens.CELL_RADIUS, tokens.CELL_RADIUS)

    def _appear(self) -> None:
        self.is_shown = True
        self.update()
