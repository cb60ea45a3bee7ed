"""What every part of a page that has several is: a widget that reads for itself while it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.panel import Panel

if TYPE_CHECKING:
    from app.shell.window.page import Page


class PagePart(QWidget):
    """Made when it is first looked at; reads again when one of its ``topics`` changed while it is shown."""

    topics: frozenset[str] = frozenset()

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page

    def refresh(self) -> None:
        """Ask for what the part shows."""


class PanelPart(PagePart):
    """One padded panel with a title; what else there is stands below it in the ``column``."""

    def __init__(self, page: Page, title: str) -> None:
        super().__init__(page)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.panel = Panel(title, padded=True)
        self.column.addWidget(self.panel)

    def add_row(self, *widgets: QWidget) -> None:
        """Widgets beside each other, as wide as they are."""
        self.panel.body.addLayout(beside(*widgets))


def beside(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in one line, as wide as they are."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
