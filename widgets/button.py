"""Buttons: one filled on a page, the rest with an edge; widths follow the words."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton

from widgets import tokens
from widgets.icons import icon

Kind = Literal["primary", "plain", "quiet", "danger"]


class Button(QPushButton):
    """A push button of one kind; the focus ring is painted around it, the rest is the style sheet's."""

    def __init__(self, text: str, kind: Kind = "plain", *, icon_name: str = "", name: str = "") -> None:
        super().__init__(text)
        self.setProperty("kind", kind)
        self._icon_name = icon_name
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name or text)
        if icon_name:
            self.setIconSize(QSize(tokens.ICON, tokens.ICON))
            self._tint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(tokens.theme_of(self.palette()).focus_ring), tokens.FOCUS_RING))
            inset = tokens.FOCUS_RING / 2
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 7, 7)

    def changeEvent(self, event: object) -> None:
        super().changeEvent(event)  # type: ignore[arg-type]
        if getattr(self, "_icon_name", "") and event.type().name == "PaletteChange":  # type: ignore[attr-defined]
            self._tint()

    def _tint(self) -> None:
        theme = tokens.theme_of(self.palette())
        is_filled = self.property("kind") == "primary"
        self.setIcon(icon(self._icon_name, theme.text_on_accent if is_filled else theme.text_secondary))
