"""What the shapes and colours of a grid or a plot mean, in one line or as many as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from widgets import tokens
from widgets.swatch import Swatch, paint_swatch

LINE, BOX = 20, 16
GAP, BETWEEN = 4, 16


class Legend(QLabel):
    """Painted by hand; to a screen reader it is a text of its words. Wraps between entries.

    ``has_bars`` is for grids whose cells have no room for a shape.
    """

    def __init__(self, entries: Sequence[tuple[Swatch, str]] = (), *, has_bars: bool = False) -> None:
        super().__init__()
        self._has_bars = has_bars
        self._entries: tuple[tuple[Swatch, str], ...] = ()
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_entries(entries)

    def set_entries(self, entries: Sequence[tuple[Swatch, str]]) -> None:
        """Show these, in this order."""
        self._entries = tuple(entries)
        self.setText(", ".join(word for _swatch, word in entries))
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        widths = [self._width(word) for _swatch, word in self._entries]
        return QSize(max(0, sum(widths) + BETWEEN * (len(widths) - 1)), LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(max((self._width(word) for _swatch, word in self._entries), default=0), LINE)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return (places[-1].y() + LINE) if places else 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        painter.setFont(self._words_font())
        for spot, (swatch, word) in zip(self._places(self.width()), self._entries, strict=True):
            box = QRectF(spot.x(), spot.y() + (LINE - BOX) // 2, BOX, BOX)
            paint_swatch(painter, box.adjusted(5, 0, -5, 0) if self._has_bars else box, swatch, theme)
            painter.setPen(QColor(theme.text_secondary))
            room = QRectF(spot.x() + BOX + GAP, spot.y(), self.width() - spot.x() - BOX - GAP, LINE)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, word)

    def _places(self, width: int) -> list[QPoint]:
        places, left, top = [], 0, 0
        for _swatch, word in self._entries:
            needed = self._width(word)
            if left and left + needed > width:
                left, top = 0, top + LINE
            places.append(QPoint(left, top))
            left += needed + BETWEEN
        return places

    def _width(self, word: str) -> int:
        return BOX + GAP + QFontMetrics(self._words_font()).horizontalAdvance(word) + 1

    def _words_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        return font
