"""Icons by name: Lucide's outlines (ISC), tinted with the colour they are asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

STROKE = 'stroke-width="1.75"'


def icon(name: str, colour: str) -> QIcon:
    """The icon ``name`` in ``colour``.

    :raises FileNotFoundError: no such outline is shipped.
    """
    _outline(name)
    return QIcon(_TintedEngine(name, QColor(colour)))


class _TintedEngine(QIconEngine):
    """Draws one outline in one colour at any size; greyed by the caller through another colour."""

    def __init__(self, name: str, colour: QColor) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def paint(self, painter: QPainter, rect: QRect, _mode: QIcon.Mode, _state: QIcon.State) -> None:
        text = _outline(self._name).replace("currentColor", self._colour.name()).replace('stroke-width="2"', STROKE)
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._colour)


@lru_cache(maxsize=128)
def _outline(name: str) -> str:
    return (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
