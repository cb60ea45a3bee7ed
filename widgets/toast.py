"""What became of an act that was asked for, for some seconds, with what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status, word
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.status_mark import StatusMark

LASTS_MS = 8000
WIDTH = 360
MOST_ACTS = 2


@dataclass(frozen=True)
class ToastAct:
    """What can be done next (*Undo*, *Open in Activity*)."""

    key: str
    words: str


class Toast(QFrame):
    """Goes by itself after ``lasts_ms``, unless the mouse is over it or the keyboard in it; then so long after that.

    ``acted`` carries the key of the act that was pressed; ``gone`` is emitted once, however it goes, before it is
    deleted. Made and owned by :class:`widgets.toasts.Toasts`.

    :raises ValueError: more acts than there is room for.
    """

    acted = Signal(str)
    gone = Signal(object)

    def __init__(
        self, words: str, acts: Sequence[ToastAct], status: Status, lasts_ms: int, *, key_words: str = ""
    ) -> None:
        """``key_words`` name the key that leads here; they are shown, and said."""
        if len(acts) > MOST_ACTS:
            raise ValueError(f"{len(acts)} acts, at most {MOST_ACTS} have room")
        super().__init__()
        self.words = words
        self._is_gone = False
        self._status, self._key_words = status, key_words
        self.setProperty("surface", "toast")
        self.setFixedWidth(WIDTH)
        self.close_button = Button("", "icon", icon_name="x", name=_("Close"))
        self.close_button.setProperty("flat", True)
        self.close_button.setProperty("compact", True)
        self.close_button.clicked.connect(self.go)
        self.acts = {act.key: Button(act.words, "quiet") for act in acts}
        for key, button in self.acts.items():
            button.setProperty("key", key)
            button.clicked.connect(self._act)
        for button in (self.close_button, *self.acts.values()):
            button.installEventFilter(self)
        self._lay()
        self.setAccessibleName(_("{status}: {words}").format(status=word(status), words=words))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(lasts_ms)
        self._timer.timeout.connect(self._over)
        self._timer.start()

    @property
    def is_held(self) -> bool:
        """Whether somebody reads it: the mouse is over it, or the keyboard in it."""
        focused: QWidget | None = self.window().focusWidget()
        has_keyboard = focused is not None and self.isAncestorOf(focused) and self.window().isActiveWindow()
        return has_keyboard or self.underMouse()

    def announce(self) -> None:
        """Have a screen reader say it, with the key that leads here."""
        said = [self.accessibleName()]
        if self.acts:
            acts = ", ".join(button.text() for button in self.acts.values())
            said.append(_("{key}: {acts}").format(key=self._key_words, acts=acts))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, "\n".join(said)))

    def take_focus(self) -> None:
        """Put the keyboard on the first act."""
        first = next(iter(self.acts.values()), self.close_button)
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def go(self) -> None:
        """Go now."""
        if not self._is_gone:
            self._is_gone = True
            self._timer.stop()
            self.gone.emit(self)
            self.hide()
            self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.go()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._begin_again()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._begin_again()
        return False

    def _lay(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(tokens.PANEL_PADDING, 10, 8, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        mark = StatusMark(self._status)
        mark.setFixedHeight(self.fontMetrics().height())
        head.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label(self.words, "body", wraps=True), 1, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        if self.acts:
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addSpacing(mark.sizeHint().width() - 4)
            for button in self.acts.values():
                row.addWidget(button)
            row.addStretch(1)
            row.addWidget(Label(self._key_words, "small"))
            row.addSpacing(tokens.SPACE[0])
            column.addLayout(row)

    def _act(self) -> None:
        self.acted.emit(str(self.sender().property("key")))
        self.go()

    def _over(self) -> None:
        if self.is_held:
            self._timer.start()
        else:
            self.go()

    def _begin_again(self) -> None:
        if not self._is_gone:
            self._timer.start()
