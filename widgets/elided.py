"""One line that is cut with dots where it does not fit; the whole is its tooltip and what a screen reader says."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QColor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyleOption

from backend.core.present.status import Status
from backend.core.present.text import _
from widgets import tokens
from widgets.label import Label, Role
from widgets.status_shape import word_colour
from widgets.tip import set_tip, with_exact


class ElidedLabel(Label):
    """A label that takes what width it is given, or at most what its words need where it ``hugs`` them.

    Of a name (``is_name``) the middle is left out, for both ends tell names apart; its menu copies the whole of it.
    ``tone``: in the colour that the word of this status has.
    """

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        *,
        is_name: bool = False,
        hugs: bool = False,
        tone: Status | None = None,
    ) -> None:
        super().__init__(text, role)
        self._tone = tone
        self._elide = Qt.TextElideMode.ElideMiddle if is_name else Qt.TextElideMode.ElideRight
        across = QSizePolicy.Policy.Maximum if hugs else QSizePolicy.Policy.Ignored
        self.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        if is_name:
            copy = QAction(_("Copy"), self)
            copy.triggered.connect(self._copy)
            self.addAction(copy)
            self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def set_tone(self, tone: Status | None) -> None:
        """Take the colour of a status, or its own again."""
        self._tone = tone
        self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        set_tip(self, with_exact(text, text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._elide, room.width())
        if self._tone is not None:
            colour = QColor(word_colour(self._tone, tokens.theme_of(self.palette())))
            option.palette.setColor(self.foregroundRole(), colour)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.style().drawItemText(painter, room, flags, option.palette, self.isEnabled(), shown, self.foregroundRole())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
