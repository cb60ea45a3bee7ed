"""Facts about one thing, as rows of label and value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from widgets.label import Label, Role


class KeyValues(QWidget):
    """Rows are updated in place; values can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, Label] = {}

    def set_rows(self, rows: Sequence[tuple[str, str]], *, mono: Sequence[str] = ()) -> None:
        """Show (label, value) pairs; labels in ``mono`` have fixed-font values."""
        for label, value in rows:
            if label not in self._values:
                role: Role = "mono" if label in mono else "body"
                shown = Label(value, role, wraps=True, selectable=True)
                shown.setAccessibleName(label)
                at = self._grid.rowCount()
                self._grid.addWidget(Label(label, "muted"), at, 0)
                self._grid.addWidget(shown, at, 1)
                self._values[label] = shown
            self._values[label].setText(value)
