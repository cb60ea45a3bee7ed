"""A dialog that lies over its window as a part of it, on a shade, and is as high as its words need."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QMouseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from widgets.scrim import Scrim

#: The room that stays free between a dialog and the edges of its window.
MARGIN = 16
LINE = 1  # px of its edge


class Overlay(QDialog):
    """Shown by ``open()``, and gone when it is closed; it and its shade go with ``asker``, too.

    No window of its own: who places a window is the window manager, and under Wayland nobody else can. It stands in
    the middle, or ``from_top`` pixels below the top edge; Tab stays within it; what had the keyboard has it again.
    It grows with what is said in it later, so that no line lies over another, up to the edges of the window; owners
    :meth:`fit` it where less is said than before.
    """

    def __init__(self, title: str, asker: QWidget, *, size: tuple[int, int] | None = None, from_top: int = -1) -> None:
        scrim = Scrim(asker.window())
        super().__init__(scrim)
        self._scrim = scrim
        self.setWindowFlags(Qt.WindowType.SubWindow)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._wanted = QSize(*size) if size is not None else None
        self._from_top = from_top
        self._had_keyboard: QWidget | None = QApplication.focusWidget()  # before a field of ours asks for it
        self._scrim.resized.connect(self.fit)
        asker.destroyed.connect(self._scrim.deleteLater)

    @property
    def scrim(self) -> Scrim:
        return self._scrim

    def open(self) -> None:
        self.setResult(0)
        self.activateWindow()
        self._scrim.cover()
        self.show()

    def done(self, result: int) -> None:
        """The keyboard goes back first: Qt would lead it on through the window, and a screen reader say each stop."""
        before, self._had_keyboard = self._had_keyboard, None
        if before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        super().done(result)
        self._scrim.lift()

    def fit(self) -> None:
        """As high as its words need and its window allows, where it belongs."""
        room = self._scrim.size() - QSize(2 * MARGIN, 2 * MARGIN)
        width = min((self._wanted or self.sizeHint()).width(), room.width(), self.maximumWidth())
        width = max(width, self.minimumWidth())
        top = max(self._from_top, MARGIN)
        least = self._wanted.height() if self._wanted is not None else 0
        height = min(max(least, self._needed(width)), self._scrim.height() - top - MARGIN)
        if self._from_top < 0:
            top = max(MARGIN, (self._scrim.height() - height) // 2)
        corner = QPoint((self._scrim.width() - width) // 2, top)
        self.setGeometry(corner.x(), corner.y(), width, height)

    def event(self, event: QEvent) -> bool:
        is_done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._needed(self.width()) > self.height():
            self.fit()
        return is_done

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever should have the keyboard first was told by the dialog's maker."""
        super().showEvent(event)
        self._keep_off_edge()
        self.fit()
        first: QWidget | None = self.focusWidget()
        if first is None or first is self:
            self.focusNextChild()
        else:
            first.setFocus(Qt.FocusReason.PopupFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on its ground is not one beside it."""
        event.accept()

    def _keep_off_edge(self) -> None:
        """What it holds (a foot of another ground) lies beside its edge, not on it."""
        layout = self.layout()
        if layout is not None:
            around = layout.contentsMargins()
            sides = (around.left(), around.top(), around.right(), around.bottom())
            layout.setContentsMargins(*(max(LINE, side) for side in sides))

    def _needed(self, width: int) -> int:
        layout = self.layout()
        if layout is None:
            return self.height()
        layout.activate()
        return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
