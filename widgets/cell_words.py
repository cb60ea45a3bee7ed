"""The words of table cells, measured, cut and shaped once: a frame of a table draws the same ones again and again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QStaticText

from widgets import tokens

WIDEST = 15  # no letter of a table's font is wider


@dataclass(frozen=True, eq=False)
class Face:
    """A font of the table with its measures; told apart by identity, for there is one of each."""

    font: QFont
    metrics: QFontMetrics
    height: int


@dataclass(frozen=True, eq=False)
class Laid:
    """A text ready to be drawn, cut to its room; ``advance`` is its width in px."""

    shaped: QStaticText
    advance: int


@lru_cache(maxsize=64)
def face(key: str, *, is_mono: bool = False, is_strong: bool = False, is_small: bool = False) -> Face:
    """The view's font, as its key (``QFont.toString``) describes it: in the fixed family, strong or small."""
    font = QFont()
    font.fromString(key)
    if is_mono:
        font.setFamilies(list(tokens.MONO_FONTS))
    if is_mono or is_small:
        font.setPixelSize(tokens.SMALL)
    if is_strong:
        font.setWeight(QFont.Weight.DemiBold)
    metrics = QFontMetrics(font)
    return Face(font, metrics, metrics.height())


@lru_cache(maxsize=4096)
def laid(text: str, room: int, style: Face, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> Laid:
    """``text`` in at most ``room`` px, with an ellipsis where it is longer."""
    if len(text) * WIDEST > room:
        text = style.metrics.elidedText(text, elide, room)
    shaped = QStaticText(text)
    shaped.setTextFormat(Qt.TextFormat.PlainText)
    shaped.prepare(font=style.font)
    return Laid(shaped, style.metrics.horizontalAdvance(text))


def draw_words(
    painter: QPainter, box: QRect, text: str, style: Face, *, is_right: bool = False, is_name: bool = False
) -> int:
    """Draw in the middle of the box's height, in the painter's colour; where the words begin (px).

    Of a name that is too long the middle is left out.
    """
    elide = Qt.TextElideMode.ElideMiddle if is_name else Qt.TextElideMode.ElideRight
    words = laid(text, box.width(), style, elide)
    left = box.right() + 1 - words.advance if is_right else box.left()
    painter.setFont(style.font)
    painter.drawStaticText(left, box.top() + (box.height() - style.height) // 2, words.shaped)
    return left
