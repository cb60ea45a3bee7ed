"""Facts about one thing, as rows of label and value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.elided import ElidedLabel
from widgets.label import Label, Role


class _Row:
    """One fact; not a widget itself, so that all rows share one grid.

    What has a button to be copied by stands in one line: paths have no places where a line could end.
    """

    def __init__(self, label: str, role: Role, *, can_copy: bool) -> None:
        self.label = Label(label, "muted")
        self.copy: Button | None = None
        self.value: Label
        if not can_copy:
            self.value = Label("", role, wraps=True, selectable=True)
            self.value.setAlignment(Qt.AlignmentFlag.AlignTop)
        else:
            self.value = ElidedLabel(role=role, is_name=True)
            self.copy = Button("", "icon", icon_name="copy", name=_("Copy {label}").format(label=label))
            self.copy.setProperty("flat", True)
            self.copy.setProperty("compact", True)
            self.copy.clicked.connect(self.to_clipboard)
        self.value.setAccessibleName(label)

    def to_clipboard(self) -> None:
        QGuiApplication.clipboard().setText(self.value.text())

    def widgets(self) -> tuple[QWidget, ...]:
        return (self.label, self.value) if self.copy is None else (self.label, self.value, self.copy)


class KeyValues(QWidget):
    """Rows are updated in place; values can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, _Row] = {}

    def set_rows(
        self, rows: Sequence[tuple[str, str]], *, mono: Sequence[str] = (), copyable: Sequence[str] = ()
    ) -> None:
        """Show (label, value) pairs and no others.

        Labels in ``mono`` have fixed-font values, those in ``copyable`` a button that copies the value.
        """
        wanted = [label for label, _value in rows]
        if wanted != list(self._rows):
            self._rebuild(wanted, mono, copyable)
        for label, value in rows:
            self._rows[label].value.setText(value)

    def value(self, label: str) -> str:
        """What is shown beside a label."""
        return self._rows[label].value.text()

    def _rebuild(self, labels: Sequence[str], mono: Sequence[str], copyable: Sequence[str]) -> None:
        for row in self._rows.values():
            for widget in row.widgets():
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._rows = {}
        for at, label in enumerate(labels):
            row = _Row(label, "mono" if label in mono else "body", can_copy=label in copyable)
            for column, widget in enumerate(row.widgets()):
                self._grid.addWidget(
                    widget, at, column, Qt.AlignmentFlag(0) if column == 1 else Qt.AlignmentFlag.AlignTop
                )
            self._rows[label] = row
