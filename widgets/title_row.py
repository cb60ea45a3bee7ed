"""The first line of a detail: the name of what is looked at, and its status at the right end."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout

from widgets import tokens
from widgets.label import Label
from widgets.status_badge import StatusBadge


def title_row(title: Label, badge: StatusBadge) -> QHBoxLayout:
    """Both stay apart, however little room the name has."""
    row = QHBoxLayout()
    row.setSpacing(tokens.SPACE[1])
    row.addWidget(title, 1)
    row.addWidget(badge)
    return row
