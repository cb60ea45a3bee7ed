"""Fields with label, help and error, in one column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from backend.core.present.status import Status
from widgets.label import Label
from widgets.status_mark import StatusMark

BELOW = 12  # under each field, before the next
SHORTEST_BOX = 12  # letters that show of the chosen entry, however long the entries are


class ErrorLine(QWidget):
    """Shape and words under a field that is wrong; takes no room while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(StatusMark(Status.CRITICAL), 0, Qt.AlignmentFlag.AlignTop)
        self.words = Label("", "error", wraps=True)
        row.addWidget(self.words, 1)
        self.hide()

    def say(self, words: str) -> None:
        self.words.setText(words)
        self.setVisible(bool(words))


@dataclass(frozen=True)
class _Entry:
    box: QWidget
    label: Label
    field: QWidget
    error: ErrorLine
    note: Label
    check: Callable[[], str] | None


class Form(QWidget):
    """Owner of its fields' labels and errors. ``check`` functions answer with an error, or nothing.

    A field is checked when it is left (an empty one only by :meth:`is_right`), and again while it is mended; with a
    button to :meth:`guard` at each change. One that is not asked for (:meth:`ask_for`) takes no room and is never
    wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._entries: dict[str, _Entry] = {}
        self._guarded: QAbstractButton | None = None

    def add(
        self, key: str, label: str, field: QWidget, *, note: str = "", check: Callable[[], str] | None = None
    ) -> None:
        """A field under its label; the label is its buddy and accessible name."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, BELOW)
        column.setSpacing(4)
        words = Label(label, "strong")
        words.setBuddy(field)
        field.setAccessibleName(label)
        field.setAccessibleDescription(note)
        field.setProperty("form_key", key)
        error, below = ErrorLine(), Label(note, "small", wraps=True)
        for each in (words, field, below, error):
            column.addWidget(each)
        below.setHidden(not note)
        self._column.addWidget(box)
        self._entries[key] = _Entry(box, words, field, error, below, check)
        if isinstance(field, QLineEdit):
            field.editingFinished.connect(self._left_field)
            field.textChanged.connect(self._mended)
        elif isinstance(field, QComboBox):
            field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            field.setMinimumContentsLength(SHORTEST_BOX)
            field.currentIndexChanged.connect(self._mended)
        elif isinstance(field, QDateTimeEdit):
            field.dateTimeChanged.connect(self._mended)
        elif isinstance(field, QPlainTextEdit):
            field.textChanged.connect(self._mended)

    def guard(self, act: QAbstractButton) -> None:
        """Enable ``act`` only while all that is asked for is right: never without the reason under its field."""
        self._guarded = act
        self._weigh()

    def ask_for(self, key: str, *, is_asked: bool) -> None:
        """Show a field, or leave it out."""
        self._entries[key].box.setVisible(is_asked)
        self._weigh()

    def asks_for(self, key: str) -> bool:
        return not self._entries[key].box.isHidden()

    def call(self, key: str, label: str) -> None:
        """Name a field anew."""
        entry = self._entries[key]
        entry.label.setText(label)
        entry.field.setAccessibleName(label)

    def show_note(self, key: str, words: str) -> None:
        """Say something else under a field."""
        entry = self._entries[key]
        entry.note.setText(words)
        entry.note.setVisible(bool(words))
        entry.field.setAccessibleDescription(self.error(key) or words)

    def is_right(self) -> bool:
        """Check all fields; the first wrong one gets the focus."""
        wrong = [entry for key, entry in self._entries.items() if not self._check(key)]
        if wrong:
            wrong[0].field.setFocus()
        return not wrong

    def text(self, key: str) -> str:
        """The trimmed text of a line, or the key of the chosen entry of a box."""
        field = self._entries[key].field
        if isinstance(field, QComboBox):
            return str(field.currentData() or "")
        if isinstance(field, QLineEdit):
            return field.text().strip()
        raise TypeError(f"{key} is neither a line nor a box")

    def error(self, key: str) -> str:
        """What is said to be wrong with a field; nothing if it is right."""
        return self._entries[key].error.words.text()

    def show_error(self, key: str, words: str) -> None:
        """Say what is wrong with a field (an answer of the engine, say), or take it back."""
        entry = self._entries[key]
        entry.error.say(words)
        entry.field.setAccessibleDescription(words or entry.note.text())
        if entry.field.property("wrong") != bool(words):
            entry.field.setProperty("wrong", bool(words))
            entry.field.style().unpolish(entry.field)
            entry.field.style().polish(entry.field)

    def _check(self, key: str) -> bool:
        check = self._entries[key].check
        words = check() if check and self.asks_for(key) else ""
        self.show_error(key, words)
        return not words

    def _left_field(self) -> None:
        key = str(self.sender().property("form_key"))
        if self.text(key):
            self._check(key)

    def _mended(self, _unused: object = None) -> None:
        key = str(self.sender().property("form_key"))
        if self._guarded is not None:
            self._weigh()
        elif self.error(key):
            self._check(key)

    def _weigh(self) -> None:
        if self._guarded is not None:
            wrong = [key for key in self._entries if not self._check(key)]
            self._guarded.setEnabled(not wrong)
