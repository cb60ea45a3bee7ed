"""Fields with label, help and error, in one column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from widgets.label import Label


@dataclass
class _Entry:
    field: QWidget
    error: Label
    check: Callable[[], str] | None


class Form(QWidget):
    """Owner of its fields' labels and errors. ``check`` functions answer with an error, or nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._entries: dict[str, _Entry] = {}

    def add(
        self, key: str, label: str, field: QWidget, *, note: str = "", check: Callable[[], str] | None = None
    ) -> None:
        """A field under its label; the label is its buddy and accessible name."""
        words = Label(label, "strong")
        words.setBuddy(field)
        field.setAccessibleName(label)
        error = Label("", "error", wraps=True)
        error.hide()
        self._column.addWidget(words)
        self._column.addWidget(field)
        if note:
            self._column.addWidget(Label(note, "small", wraps=True))
        self._column.addWidget(error)
        self._column.addSpacing(8)
        self._entries[key] = _Entry(field, error, check)
        if isinstance(field, QLineEdit):
            field.setProperty("form_key", key)
            field.editingFinished.connect(self._left_field)

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
        assert isinstance(field, QLineEdit)
        return field.text().strip()

    def show_error(self, key: str, words: str) -> None:
        entry = self._entries[key]
        entry.error.setText(words)
        entry.error.setVisible(bool(words))
        entry.field.setAccessibleDescription(words)

    def _check(self, key: str) -> bool:
        check = self._entries[key].check
        words = check() if check else ""
        self.show_error(key, words)
        return not words

    def _left_field(self) -> None:
        key = str(self.sender().property("form_key"))
        if self.text(key):
            self._check(key)
