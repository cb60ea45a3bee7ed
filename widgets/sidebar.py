"""The list of pages at the left: icon, word, count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from widgets import tokens
from widgets.focus_ring import shows_focus
from widgets.icons import icon


@dataclass(frozen=True)
class Entry:
    """One page; ``gap`` puts space before it."""

    key: str
    word: str
    icon_name: str
    gap: bool = False


class _EntryButton(QAbstractButton):
    """One row of the side bar."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry = entry
        self._count, self._is_critical = 0, False
        self.setCheckable(True)
        self.setFixedHeight(tokens.SIDEBAR_ROW)
        self.setAccessibleName(entry.word)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(tokens.SIDEBAR - 16, tokens.SIDEBAR_ROW)

    def show_count(self, count: int, is_critical: bool) -> None:
        self._count, self._is_critical = count, is_critical
        self.setAccessibleName(f"{self.entry.word}, {count}" if count else self.entry.word)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = tokens.theme_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        if self.isChecked() or self.isDown() or self.underMouse():
            ground = theme.bg_selected if self.isChecked() else theme.bg_hover
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.bg_pressed if self.isDown() else ground))
            painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
        ink = theme.accent_text if self.isChecked() else theme.text_primary
        icon(self.entry.icon_name, ink if self.isChecked() else theme.text_secondary).paint(
            painter, QRect(10, (self.height() - 16) // 2, 16, 16)
        )
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        room = self.rect().adjusted(36, 0, -40 if self._count else -8, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.entry.word)
        if self._count:
            self._paint_count(painter, theme)
        if shows_focus(self):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus_ring), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), tokens.RADIUS, tokens.RADIUS)

    def _paint_count(self, painter: QPainter, theme: tokens.Theme) -> None:
        ground, ink = (
            (theme.status_critical_tint, theme.status_critical)
            if self._is_critical
            else (theme.status_waiting_tint, theme.status_waiting)
        )
        pill = QRectF(self.width() - 32, (self.height() - 18) / 2, 24, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(pill, tokens.PILL_RADIUS, tokens.PILL_RADIUS)
        painter.setPen(QColor(ink))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(min(self._count, 99)))


class Sidebar(QWidget):
    """``chosen`` carries the key of the page; up and down move between rows."""

    chosen = Signal(str)

    def __init__(self, entries: Sequence[Entry], name: str) -> None:
        super().__init__()
        self.setFixedWidth(tokens.SIDEBAR)
        self.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.setSpacing(0)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, _EntryButton] = {}
        for entry in entries:
            if entry.gap:
                column.addSpacing(4)
            button = _EntryButton(entry)
            self._buttons[entry.key] = button
            self._group.addButton(button)
            column.addWidget(button)
        column.addStretch(1)
        self._group.buttonToggled.connect(self._tell)

    @property
    def shows_focus(self) -> bool:
        """Whether it has the keyboard, and that is what the person works with."""
        return any(shows_focus(button) for button in self._buttons.values())

    def choose(self, key: str) -> None:
        """Show which page is looked at; nobody is told."""
        with QSignalBlocker(self._group):
            self._buttons[key].setChecked(True)
        self._stop_at(key)

    def count(self, key: str, number: int, *, is_critical: bool = False) -> None:
        self._buttons[key].show_count(number, is_critical)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        keys = list(self._buttons)
        focused = next((at for at, key in enumerate(keys) if self._buttons[key].hasFocus()), None)
        if step and focused is not None:
            self._buttons[keys[(focused + step) % len(keys)]].setFocus()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _stop_at(self, chosen: str) -> None:
        """Tab stops at the row of the page that is looked at: no other row is marked besides."""
        for key, button in self._buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if key == chosen else Qt.FocusPolicy.ClickFocus)

    def _tell(self, button: _EntryButton, is_checked: bool) -> None:
        """Toggled, not clicked: a screen reader toggles."""
        if is_checked:
            self._stop_at(button.entry.key)
            self.chosen.emit(button.entry.key)
