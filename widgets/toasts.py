"""The toasts of a window, above each other at its lower right, the newest lowest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import N_
from widgets import tokens
from widgets.key_hint import KeyHint
from widgets.toast import LASTS_MS, WIDTH, Toast, ToastAct

__all__ = ["KEY", "Toast", "ToastAct", "Toasts"]

KEY = "F6"
MOST = 4
EDGE = tokens.PAGE_PADDING


class Toasts(QWidget):
    """A child of the window, which owns it; over its pages, as large as what it shows, hidden while there is nothing.

    F6 leads the keyboard to the newest, again to the next older; Escape, or an act, leads back to where it was.
    """

    KEYS: ClassVar[tuple[KeyHint, ...]] = (KeyHint(KEY, N_("To the newest message, then to older ones")),)

    def __init__(self, window: QWidget, *, lasts_ms: int = LASTS_MS) -> None:
        super().__init__(window)
        self._window, self._lasts_ms = window, lasts_ms
        self._before: QWidget | None = None
        self.toasts: list[Toast] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(tokens.SPACE[1])
        self._key = QShortcut(QKeySequence(KEY), window)
        self._key.activated.connect(self.take_focus)
        self.destroyed.connect(self._key.deleteLater)  # the window's, so that it works while nothing is shown
        window.installEventFilter(self)
        self.hide()

    def say(self, words: str, acts: Sequence[ToastAct] = (), *, status: Status = Status.OK) -> Toast:
        """Show and announce what became of an act; its owner connects the toast's ``acted``.

        The oldest one that nobody reads makes room.
        """
        toast = Toast(words, acts, status, self._lasts_ms, key_words=KEY)
        toast.gone.connect(self._went)
        self.toasts.append(toast)
        self._column.addWidget(toast)
        for old in [each for each in self.toasts[:-1] if not each.is_held][: max(0, len(self.toasts) - MOST)]:
            old.go()
        toast.show()
        self.show()
        self.raise_()
        self._place()
        toast.announce()
        return toast

    def take_focus(self) -> None:
        """Lead the keyboard to the newest toast, and from one to the next older."""
        if not self.toasts:
            return
        focused = _focused_in(self._window)
        inside = [at for at, toast in enumerate(self.toasts) if focused is not None and toast.isAncestorOf(focused)]
        if not inside:
            self._before = focused
        self.toasts[inside[0] - 1 if inside else -1].take_focus()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _went(self, toast: Toast) -> None:
        focused = _focused_in(self._window)
        had_focus = focused is not None and toast.isAncestorOf(focused)
        self.toasts.remove(toast)
        self._column.removeWidget(toast)
        if had_focus and self._before is not None and shiboken6.isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._place()
        self.setVisible(bool(self.toasts))

    def _place(self) -> None:
        self._column.activate()
        needs_width = self._column.hasHeightForWidth()
        height = self._column.totalHeightForWidth(WIDTH) if needs_width else self._column.totalSizeHint().height()
        left = self._window.width() - WIDTH - EDGE
        self.setGeometry(max(0, left), self._window.height() - tokens.STATUS_BAR - EDGE - height, WIDTH, height)


def _focused_in(window: QWidget) -> QWidget | None:
    return window.window().focusWidget()
