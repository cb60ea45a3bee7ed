"""Bars by month or day, each made of parts, with what is planned, what is allowed, and today."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import tokens
from widgets.bar_data import BarData, Form
from widgets.bar_geometry import BarGeometry, scale
from widgets.bar_painter import BarPainter, BarState
from widgets.figure_menu import FigureMenu
from widgets.grid_data import TableWords
from widgets.key_hint import BY_KEY

EDGE = tokens.PANEL_PADDING
HEAD, FOOT, ABOVE = 24, 26, 16
LOWEST, NARROWEST, FAR = 140, 160, 7
EMPTY = BarData((), ())


class BarPlot(QWidget):
    """Painted by hand from a :class:`BarData`; lives in the GUI thread. ``unit`` stands above the axis.

    ``chosen`` carries the bar a person went to, ``activated`` the one opened by Enter or a double click;
    ``table_asked`` is emitted by *as table* in the menu; the owner shows :meth:`table`. Arrows, Home, End, Page Up and
    Page Down go through the bars; what the hovered or the chosen one says stands at the right, above.
    """

    chosen = Signal(int)
    activated = Signal(int)
    table_asked = Signal()

    _painter: BarPainter | None = None

    def __init__(self, name: str, unit: str, form: Form) -> None:
        super().__init__()
        self._unit, self._form = unit, form
        self._data, self._state = EMPTY, BarState()
        self._place = BarGeometry(QRect(), 0, 1.0, ())
        self.menu = FigureMenu(self, self.table)
        self.menu.table_asked.connect(self.table_asked)
        self.setAccessibleName(f"{name} {unit}".strip())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(NARROWEST, LOWEST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def data(self) -> BarData:
        return self._data

    @property
    def current(self) -> int | None:
        """The chosen bar."""
        return self._state.chosen

    @property
    def words(self) -> str:
        """What the hovered or the chosen bar says."""
        at = self._state.chosen if self._state.hovered is None else self._state.hovered
        return self._unit if at is None else self._data.tell(at, self._form)

    def set_data(self, data: BarData) -> None:
        """Show this; the chosen bar stays with its name."""
        if data == self._data:
            return
        kept = None if self._state.chosen is None else self._data.bars[self._state.chosen].name
        found = [at for at, bar in enumerate(data.bars) if bar.name == kept]
        self._data = data
        self._state = replace(self._state, chosen=found[0] if found else None, hovered=None)
        self.setAccessibleDescription(data.summary(self._form))
        self._arrange()

    def choose(self, at: int) -> None:
        """Go to a bar; told to nobody."""
        self._state = replace(self._state, chosen=at)
        self.update()

    def table(self) -> TableWords:
        """The whole as (head, rows) of words."""
        return self._data.table(self._form, self._unit)

    def bar_rect(self, at: int) -> QRect:
        """The room of a bar, for tests and for what points at it."""
        return self._place.band(at, at).toRect()

    def sizeHint(self) -> QSize:
        return QSize(480, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._arrange()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens.theme_of(self.palette())
        if self._painter is None:
            self._painter = BarPainter(self._data, self._place, theme, self.font(), self._form)
        painter = QPainter(self)
        self._painter.paint(painter, self.rect(), self._state)
        self._paint_head(painter, theme)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._bar_under(event))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._show_focus(has_focus=False)
        at = self._bar_under(event)
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._bar_under(event)
        if at is not None and event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._show_focus(has_focus=True)
        here, last = self._state.chosen, len(self._data.bars) - 1
        start = last if here is None else here
        step = 0 if here is None else 1
        target = {
            Qt.Key.Key_Left: start - step,
            Qt.Key.Key_Right: start + step,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_PageUp: start - FAR,
            Qt.Key.Key_PageDown: start + FAR,
        }.get(Qt.Key(event.key()))
        if target is not None and last >= 0:
            self._go(max(0, min(last, target)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here is not None:
            self.activated.emit(here)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by key finds the last bar to go on from."""
        super().focusInEvent(event)
        is_by_key = event.reason() in BY_KEY
        if is_by_key and self._data.bars:
            self.choose(len(self._data.bars) - 1 if self._state.chosen is None else self._state.chosen)
            self._announce()
        self._show_focus(has_focus=is_by_key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_focus(has_focus=False)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu.open(event.globalPos())

    def _go(self, at: int) -> None:
        is_news = at != self._state.chosen
        self.choose(at)
        if is_news:
            self._announce()
            self.chosen.emit(at)

    def _show_focus(self, *, has_focus: bool) -> None:
        self._state = replace(self._state, has_focus=has_focus)
        self.update()

    def _announce(self) -> None:
        if self._state.chosen is not None:
            said = self._data.tell(self._state.chosen, self._form)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _hover(self, at: int | None) -> None:
        if at != self._state.hovered:
            self._state = replace(self._state, hovered=at)
            self.update()

    def _bar_under(self, event: QMouseEvent) -> int | None:
        return self._place.at(event.position().toPoint().x())

    def _arrange(self) -> None:
        """The axis takes what its words need; the bars get the rest."""
        highest = max((*(bar.top for bar in self._data.bars), *(limit.value for limit in self._data.limits)), default=0)
        top, ticks = scale(highest)
        metrics = QFontMetrics(self._small())
        left = EDGE + max(metrics.horizontalAdvance(self._form(tick)) for tick in ticks) + 8
        box = QRect(left, HEAD + ABOVE, self.width() - left - EDGE, self.height() - HEAD - ABOVE - FOOT)
        self._place = BarGeometry(box, len(self._data.bars), top, ticks)
        self._painter = None
        self.update()

    def _paint_head(self, painter: QPainter, theme: tokens.Theme) -> None:
        """The unit, and what the hovered or the chosen bar says."""
        painter.setFont(self._small())
        painter.setPen(QColor(theme.text_secondary))
        middle = Qt.AlignmentFlag.AlignVCenter
        room = QRect(EDGE, 0, self.width() - 2 * EDGE, HEAD)
        painter.drawText(room, middle, self._unit)
        if self._state.chosen is None and self._state.hovered is None:
            return
        metrics = painter.fontMetrics()
        room.setLeft(EDGE + metrics.horizontalAdvance(self._unit) + 16)
        said = metrics.elidedText(self.words, Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(QColor(theme.text_primary))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, said)

    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        return font
