"""The Costs page: what accounts owe and were billed, and what is paid for that belongs to nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.pages.costs.place import PLACE
from app.shell.parts_page import PartsPage
from backend.core.present.text import _
from widgets.tabs import Tabs

if TYPE_CHECKING:
    from app.shell.session.services import Services


class CostsPage(PartsPage):
    """A tab for each part."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, PLACE)
        self.tabs = Tabs(_("Parts of the costs"), [_(part.title) for part in PLACE.parts])
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self.parts, 1)
        self.add(body)
        self.tabs.currentChanged.connect(self._choose)
        self.turn_to(PLACE.parts[0].key)

    @property
    def main_list(self) -> QWidget:
        """The table of the part in front."""
        return self.part(self.current)

    def mark(self, key: str) -> None:
        self.tabs.setCurrentIndex([part.key for part in PLACE.parts].index(key))

    def _choose(self, at: int) -> None:
        self.turn_to(PLACE.parts[at].key)
