"""Buttons: one filled on a page, the rest with an edge; widths follow the words."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton

from widgets import tokens
from widgets.icons import icon
from widgets.tip import set_tip

Kind = Literal["primary", "plain", "quiet", "danger", "icon", "search"]
HINT_EDGE, CAP_HEIGHT = 8, 18
LONGEST = 40  # letters
REPAINTING = (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange)


class Button(QPushButton):
    """A push button of one kind; its look is the style sheet's, its focus ring the window's.

    ``hint`` is shown as a key cap at the right end (the shortcut of a search button). Enter presses the button that has
    the focus, and elsewhere in a dialog only the one its owner made the default: none becomes it by its place.
    """

    _icon_name, _hint, _words = "", "", ""

    def __init__(self, text: str, kind: Kind = "plain", *, icon_name: str = "", name: str = "", hint: str = "") -> None:
        super().__init__()
        self._icon_name, self._hint = icon_name, hint
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name or text)
        self.setText(text)
        if name and not text:
            set_tip(self, name)
        if icon_name:
            self.setIconSize(QSize(tokens.ICON, tokens.ICON))
            self._tint()

    def setText(self, text: str) -> None:
        """Words of others (a name in them) end in dots where they are too long for any button.

        The accessible name goes with the words, unless it is another one.
        """
        if self.accessibleName() == self._words:
            self.setAccessibleName(text)
        self._words = text
        if len(text) > LONGEST:
            set_tip(self, text)
        super().setText(text if len(text) <= LONGEST else text[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}")

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return hint + QSize(self._cap_width() + HINT_EDGE, 0) if self._hint else hint

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._hint:
            self._paint_hint(QPainter(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in REPAINTING and self._icon_name:
            self._tint()

    def _tint(self) -> None:
        theme = tokens.theme_of(self.palette())
        ink = theme.text_on_accent if self.property("kind") == "primary" else theme.text_secondary
        self.setIcon(icon(self._icon_name, ink if self.isEnabled() else theme.text_disabled))

    def _paint_hint(self, painter: QPainter) -> None:
        theme = tokens.theme_of(self.palette())
        width = self._cap_width()
        left, top = self.width() - width - HINT_EDGE - 0.5, (self.height() - CAP_HEIGHT) // 2 + 0.5
        cap = QRectF(left, top, width, CAP_HEIGHT - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.border_subtle))
        painter.setBrush(QColor(theme.bg_subtle))
        painter.drawRoundedRect(cap, 4, 4)
        painter.setFont(self._hint_font())
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._hint)

    def _cap_width(self) -> int:
        return QFontMetrics(self._hint_font()).horizontalAdvance(self._hint) + 12

    def _hint_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(tokens.SMALL)
        font.setWeight(QFont.Weight.Normal)
        return font
