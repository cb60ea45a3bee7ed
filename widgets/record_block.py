"""Values that are copied into another program: a label, the value in the fixed font, and a button that copies it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.clipboard import copy_text
from widgets.elided import ElidedLabel
from widgets.label import Label

CONFIRMED_MS = 2000
EDGE = tokens.PANEL_PADDING


class CopyButton(Button):
    """Copies a value and says so for two seconds, to a screen reader too. Its width fits both words.

    ``is_secret``: the copy is not for the histories of the clipboard.
    """

    def __init__(self, label: str) -> None:
        super().__init__(_("Copy"), name=_("Copy {label}").format(label=label))
        self._label, self.value, self.is_secret = label, "", False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CONFIRMED_MS)
        self._timer.timeout.connect(self._show)
        self.clicked.connect(self.copy)
        self._show()

    @property
    def is_confirming(self) -> bool:
        return self._timer.isActive()

    def copy(self) -> None:
        """To the clipboard, exactly as it is."""
        copy_text(self.value, is_secret=self.is_secret)
        self._timer.start()
        self._show()
        said = _("{label} copied").format(label=self._label)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))

    def _show(self) -> None:
        self.setText(_("Copied") if self.is_confirming else _("Copy"))
        metrics = QFontMetrics(self.font())
        widest = max(metrics.horizontalAdvance(word) for word in (_("Copy"), _("Copied")))
        self.setMinimumWidth(widest + 2 * EDGE + 6)


class RecordBlock(QFrame):
    """The fields of one record; each value is shown in one line, with dots where it is long, and copied whole."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("surface", "question")
        self.setAccessibleName(name)
        self.buttons: dict[str, CopyButton] = {}
        self._values: dict[str, ElidedLabel] = {}
        self._widgets: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)

    def set_fields(self, fields: Sequence[tuple[str, str]]) -> None:
        """Show (label, value) pairs and no others; fields that stay keep their button, and with it the keyboard."""
        if [label for label, _value in fields] != list(self.buttons):
            self._rebuild([label for label, _value in fields])
        for label, value in fields:
            self._values[label].setText(value)
            self.buttons[label].value = value

    def _rebuild(self, labels: Sequence[str]) -> None:
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.buttons, self._values, self._widgets = {}, {}, []
        for at, label in enumerate(labels):
            value, button = ElidedLabel(role="mono"), CopyButton(label)
            value.setAccessibleName(label)
            box = _field(value)
            for column, widget in enumerate((Label(label, "muted"), box, button)):
                self._grid.addWidget(widget, at, column)
                self._widgets.append(widget)
            self.buttons[label], self._values[label] = button, value


def _field(value: ElidedLabel) -> QFrame:
    box = QFrame()
    box.setProperty("surface", "field")
    box.setFixedHeight(tokens.CONTROL)
    row = QHBoxLayout(box)
    row.setContentsMargins(tokens.SPACE[1], 0, tokens.SPACE[1], 0)
    row.addWidget(value, 1, Qt.AlignmentFlag.AlignVCenter)
    return box
