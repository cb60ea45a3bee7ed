"""The band that says whether this is the live fleet or the demo: word, icon and colour."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.icons import icon
from widgets.status_shape import paint_ground
from widgets.tip import set_tip

#: Property of a top-level window.
DEMO = "isDemo"
EDGE = 10
WORD_X = EDGE + tokens.ICON + 8
GAP = 10
NOTE_MOST = 240


def belongs_to_demo(widget: QWidget) -> bool:
    """Whether the window a widget is in, or one that window belongs to, was marked as the demo's."""
    owner: QWidget | None = widget
    while owner is not None:
        if owner.window().property(DEMO):
            return True
        owner = owner.window().parentWidget()
    return False


class ModeBand(QLabel):
    """Painted by hand; to a screen reader it is a text that says what is seen. ``fills`` takes the whole width."""

    def __init__(self, note: str = "", *, is_demo: bool = False, fills: bool = False) -> None:
        super().__init__()
        self._is_demo = is_demo
        self._word = _("DEMO") if is_demo else _("LIVE")
        self._note = note
        self.setTextFormat(Qt.TextFormat.PlainText)
        across = QSizePolicy.Policy.Expanding if fills else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.show_note(note)

    def show_note(self, note: str) -> None:
        """Change what stands beside the word."""
        self._note = note
        self.setText(f"{self._word} {note}".strip())
        self.setAccessibleName(self.text())
        set_tip(self, note if self.fontMetrics().horizontalAdvance(note) > NOTE_MOST else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = WORD_X + QFontMetrics(self._strong()).horizontalAdvance(self._word) + EDGE + 2
        if self._note:
            width += GAP + min(NOTE_MOST, self.fontMetrics().horizontalAdvance(self._note))
        return QSize(width, tokens.CONTROL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens.theme_of(self.palette())
        ground = theme.mode_demo_tint if self._is_demo else theme.mode_live_tint
        ink = theme.mode_demo if self._is_demo else theme.mode_live
        painter = QPainter(self)
        paint_ground(painter, QRectF(self.rect()), tokens.RADIUS, theme, ground=ground, ink=ink)
        middle = (self.height() - tokens.ICON) // 2
        name = "flask-conical" if self._is_demo else "radio"
        icon(name, ink).paint(painter, QRect(EDGE, middle, tokens.ICON, tokens.ICON))
        painter.setPen(QColor(ink))
        painter.setFont(self._strong())
        word = painter.fontMetrics().horizontalAdvance(self._word)
        line = QRect(WORD_X, 0, self.width() - WORD_X, self.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._word)
        painter.setFont(self.font())
        line.adjust(word + GAP, 0, 0, 0)
        note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, note)

    def _strong(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font
