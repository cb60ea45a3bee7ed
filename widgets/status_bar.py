"""The line at the bottom of the window: parts separated by thin lines, what is constant at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from backend.core.present.status import Status
from widgets import tokens
from widgets.elided import ElidedLabel
from widgets.panel import rule
from widgets.status_mark import StatusMark
from widgets.tip import set_tip

RULE_HEIGHT = 12
GAP, MARK_GAP = 10, 5


class StatusBar(QFrame):
    """Parts are made when they are first told; an empty part takes no room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("surface", "status")
        self.setAccessibleName(name)
        self.setFixedHeight(tokens.STATUS_BAR)
        row = QHBoxLayout(self)
        row.setContentsMargins(tokens.PAGE_PADDING, 0, tokens.PAGE_PADDING, 0)
        row.setSpacing(GAP)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        row.addLayout(self._row)
        row.addStretch(1)
        self.note = ElidedLabel(role="small", hugs=True)
        row.addWidget(self.note)
        self._parts: dict[str, _Part] = {}

    def tell(self, key: str, words: str, status: Status | None = None, *, tip: str = "") -> None:
        """Show ``words`` in the part ``key``, after a shape where there is a ``status``; ``tip`` says more of them."""
        if key not in self._parts:
            self._parts[key] = _Part()
            self._row.addWidget(self._parts[key])
        self._parts[key].tell(words, status)
        if tip:
            set_tip(self._parts[key].words, tip)
        shown = [part for part in self._parts.values() if part.words.text()]
        for part in self._parts.values():
            part.setVisible(part in shown)
            part.rule.setVisible(bool(shown) and part is not shown[0])

    def words(self, key: str) -> str:
        """What a part says at present."""
        return self._parts[key].words.text()


class _Part(QWidget):
    """Thin line, shape, words."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        self.rule = rule()
        self.rule.setFixedSize(1, RULE_HEIGHT)
        self.mark = StatusMark(Status.UNKNOWN)
        self.words = ElidedLabel(role="small", hugs=True)
        row.addWidget(self.rule)
        pair = QHBoxLayout()
        pair.setSpacing(MARK_GAP)
        pair.addWidget(self.mark)
        pair.addWidget(self.words)
        row.addLayout(pair)

    def tell(self, words: str, status: Status | None) -> None:
        self.words.setText(words)
        self.mark.setVisible(status is not None)
        self.mark.show_status(status or Status.UNKNOWN)
