"""A list that scrolls up and down inside a panel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Flexible(QWidget):
    """Holds what is as high as there is room and scrolls only below its least height.

    A layout in its place would ask for the height that its parts would like best.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        content.setParent(self)
        content.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._content.minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._content.setGeometry(self.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False


class RowScroll(QScrollArea):
    """Rows of one height: where not all have room the last in view is whole, and less than a row stays free below."""

    def __init__(self, row: int) -> None:
        super().__init__()
        self._row = row

    def setWidget(self, content: QWidget) -> None:
        super().setWidget(content)
        content.installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._end_between_rows()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self._end_between_rows()
        return super().eventFilter(watched, event)

    def _end_between_rows(self) -> None:
        content, room = self.widget(), self.contentsRect().height()
        is_cut = content is not None and content.sizeHint().height() > room > self._row
        self.setViewportMargins(0, 0, 0, room % self._row if is_cut else 0)


def scrolled(content: QWidget, name: str, *, row: int = 0) -> QScrollArea:
    """As wide as its place, without a frame; ``name`` is what a screen reader says. ``row``: the height of each row
    that it holds, see :class:`RowScroll`.
    """
    area = RowScroll(row) if row else QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    area.setWidget(content)
    return area
