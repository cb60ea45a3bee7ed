"""What went wrong or is only partly known, with the way out; stays until it is true no more."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.status_shape import paint_status, paint_tint

MARK_X = 17
WORDS_X = 32
NARROW = 420


class Banner(QFrame):
    """Title, remedy and at most one button beside *Copy details*. Hidden while it has nothing to say.

    Only a title is one plain line (*2 of 44 servers did not answer*); with a remedy the title is strong.
    """

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = Status.CRITICAL
        self._details = ""
        self.title, self.remedy = Label("", "strong", wraps=True), Label("", "muted", wraps=True)
        self.copy = Button(_("Copy details"), "quiet")
        self.copy.clicked.connect(self.copy_details)
        self.action = Button("")
        self.action.clicked.connect(self.acted)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.remedy)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(WORDS_X, 8, tokens.PANEL_PADDING, 8)
        self._row.addLayout(words, 1)
        buttons = QHBoxLayout()
        for button in (self.copy, self.action):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons.addStretch(0)
        self._row.addLayout(buttons)
        self.hide()

    @property
    def text(self) -> str:
        return f"{self.title.text()} {self.remedy.text()}".strip()

    def say(
        self, status: Status, title: str, remedy: str = "", action: str = "", *, details: str = "", is_told: bool = True
    ) -> None:
        """Show it, and announce it unless it belongs to what the person just chose (``is_told`` False).

        ``details`` (a trace, an answer) are for the clipboard only.
        """
        is_news = (status, title, remedy) != (self._status, self.title.text(), self.remedy.text())
        self._status, self._details = status, details
        self.title.set_role("strong" if remedy else "body")
        for label, words in ((self.title, title), (self.remedy, remedy)):
            label.setText(words)
            label.setVisible(bool(words))
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.copy.setVisible(bool(details))
        self.setAccessibleName(self.text)
        self.show()
        self.update()
        if is_news and is_told:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def copy_details(self) -> None:
        """Title, remedy and details, for whoever is asked for help."""
        QGuiApplication.clipboard().setText("\n".join(part for part in (self.text, self._details) if part))

    def clear(self) -> None:
        """Nothing to say any more."""
        self._details = ""
        self.title.setText("")
        self.remedy.setText("")
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow place the buttons stand under the words."""
        super().resizeEvent(event)
        is_narrow = event.size().width() < NARROW
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(down if is_narrow else across)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = tokens.theme_of(self.palette())
        paint_tint(painter, QRectF(self.rect()), tokens.RADIUS, self._status, theme)
        lines = max(1, round(self.title.height() / self.title.fontMetrics().height()))
        top = self.title.y() + round(self.title.height() / lines / 2)
        paint_status(painter, QPointF(MARK_X, top), self._status, theme)
