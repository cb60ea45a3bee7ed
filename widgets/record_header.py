"""The head of a record table: 12 px words on the subtle surface, a chevron at the sorted column."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.icons import icon

EDGE = tokens.PANEL_PADDING
CHEVRON = 14
CHEVRON_ROOM = CHEVRON + 4
SMALLEST = 48


class RecordHeader(QHeaderView):
    """Sections can be moved, resized and clicked to sort; a right click asks for the columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(tokens.TABLE_HEADER + 1)
        self.setAccessibleName(_("Columns"))
        self.setHighlightSections(False)
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(SMALLEST)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def sectionSizeFromContents(self, logical_index: int) -> QSize:
        """Room for the whole word and the chevron."""
        return QSize(self.word_width(logical_index) + CHEVRON_ROOM, tokens.TABLE_HEADER)

    def word_width(self, section: int) -> int:
        """Room for the word of a section, and for the chevron where it is sorted by, in px."""
        word = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        is_sorted = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        advance = QFontMetrics(self._word_font()).horizontalAdvance(word)
        return advance + 2 * EDGE + 1 + (CHEVRON_ROOM if is_sorted else 0)

    def paintSection(self, painter: QPainter, rect: QRect, logical_index: int) -> None:
        theme = tokens.theme_of(self.palette())
        painter.save()
        painter.fillRect(rect, QColor(theme.bg_subtle))
        painter.setPen(QColor(theme.border_subtle))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.setFont(self._word_font())
        painter.setPen(QColor(theme.text_secondary))
        is_sorted = self.isSortIndicatorShown() and self.sortIndicatorSection() == logical_index
        self._paint_word(painter, rect, logical_index, CHEVRON_ROOM if is_sorted else 0)
        painter.restore()

    def _paint_word(self, painter: QPainter, rect: QRect, section: int, reserve: int) -> None:
        model = self.model()
        across = Qt.Orientation.Horizontal
        word = str(model.headerData(section, across) or "")
        side = Qt.AlignmentFlag(model.headerData(section, across, Qt.ItemDataRole.TextAlignmentRole))
        is_right = bool(side & Qt.AlignmentFlag.AlignRight)
        room = rect.adjusted(EDGE + (reserve if is_right else 0), 0, -EDGE - (0 if is_right else reserve), 0)
        shown = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, side, shown)
        if reserve:
            advance = painter.fontMetrics().horizontalAdvance(shown)
            at = room.right() - advance - CHEVRON - 3 if is_right else room.left() + advance + 4
            self._paint_chevron(painter, QRect(at, rect.center().y() - CHEVRON // 2 + 1, CHEVRON, CHEVRON))

    def _paint_chevron(self, painter: QPainter, box: QRect) -> None:
        is_down = self.sortIndicatorOrder() is Qt.SortOrder.AscendingOrder
        colour = tokens.theme_of(self.palette()).text_secondary
        icon("chevron-down" if is_down else "chevron-up", colour).paint(painter, box)

    def _word_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        font.setWeight(QFont.Weight.Medium)
        return font
