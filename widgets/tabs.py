"""The parts of a detail: words above a line, the chosen one semibold and underlined in the accent."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QTabBar

from widgets import tokens
from widgets.focus_ring import shows_focus
from widgets.tip import set_tab_tip

GAP = 18
UNDERLINE = 2
LEAST = 48


class Tabs(QTabBar):
    """A tab bar with its keyboard and accessibility; only its look is ours. ``currentChanged`` tells the choice."""

    def __init__(self, name: str, words: Sequence[str]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setContentsMargins(0, 0, 0, 0)
        for word in words:
            self.addTab(word)

    def tabSizeHint(self, index: int) -> QSize:
        """Room for the semibold word, so that nothing moves when another tab is chosen."""
        word = QFontMetrics(self._font(True)).horizontalAdvance(self.tabText(index))
        first = tokens.PANEL_PADDING if index == 0 else GAP / 2
        return QSize(round(word + first + GAP / 2), tokens.TAB_BAR)

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Where there is no room for all words they give, and end in dots."""
        return QSize(min(LEAST, self.tabSizeHint(index).width()), tokens.TAB_BAR)

    def minimumSizeHint(self) -> QSize:
        return QSize(sum(self.minimumTabSizeHint(at).width() for at in range(self.count())), tokens.TAB_BAR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for index in range(self.count()):
            whole = self.tabSizeHint(index).width() <= self.tabRect(index).width()
            set_tab_tip(self, index, "" if whole else self.tabText(index))

    def word_rect(self, index: int) -> QRect:
        """Where the word of a tab stands."""
        before = tokens.PANEL_PADDING if index == 0 else GAP // 2
        return self.tabRect(index).adjusted(before, 0, -(GAP // 2), 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        bottom = self.height() - 1
        painter.setPen(QColor(theme.border_subtle))
        painter.drawLine(0, bottom, self.width(), bottom)
        for index in range(self.count()):
            self._paint_tab(painter, index, theme)

    def event(self, event: QEvent) -> bool:
        """Hover is painted by us: the style does not know of it."""
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def _paint_tab(self, painter: QPainter, index: int, theme: tokens.Theme) -> None:
        is_chosen = index == self.currentIndex()
        is_hovered = self.tabRect(index).contains(self.mapFromGlobal(self.cursor().pos())) and self.underMouse()
        box = self.word_rect(index)
        painter.setFont(self._font(is_chosen))
        painter.setPen(QColor(theme.text_primary if is_chosen or is_hovered else theme.text_secondary))
        room = box.width() + 1  # a tab is as wide as its word, rounded
        word = painter.fontMetrics().elidedText(self.tabText(index), Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        if is_chosen:
            bar = QRect(box.left(), self.height() - UNDERLINE, box.width(), UNDERLINE)
            painter.fillRect(bar, QColor(theme.accent_text))
            if shows_focus(self):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(theme.focus_ring), tokens.FOCUS_RING))
                painter.drawRoundedRect(box.adjusted(-5, 4, 5, -5), 4, 4)

    def _font(self, is_strong: bool) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal)
        return font
