"""The cards that places bring: asked one by one, and laid in as many columns as the page has room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.shell.card import Card
from app.shell.places import load
from app.shell.window.overview_card import OverviewCard
from backend.core.present.text import _
from backend.store.changes import AGES
from widgets import tokens

if TYPE_CHECKING:
    from app.shell.background.reader import Reader
    from app.shell.session.services import Services
    from widgets.panel import Panel

COLUMN, WIDE_COLUMN = 340, 352
#: From this width of the page on there are two columns beside what needs attention.
WIDE = 1500


class Cards(QObject):
    """Builds the cards and reads for them; owned by the Overview. Each has its own answer, and its own trouble."""

    route_asked = Signal(object)

    def __init__(self, reader: Reader, services: Services) -> None:
        super().__init__()
        self._reader, self._services = reader, services
        self.wide: list[OverviewCard] = []
        self.narrow: list[OverviewCard] = []

    @property
    def all(self) -> list[OverviewCard]:
        return [*self.wide, *self.narrow]

    def build(self, cards: Iterable[Card]) -> None:
        """Once, in the order of the places."""
        for each in cards:
            card: OverviewCard = load(each.widget)()
            card.setObjectName(each.key)
            card.route_asked.connect(self.route_asked)
            (self.wide if each.is_wide else self.narrow).append(card)

    @property
    def topics(self) -> frozenset[str]:
        """The changes after which any of them may say something else."""
        return frozenset().union(*map(_topics, self.all))

    def concerned(self, topics: frozenset[str]) -> Sequence[OverviewCard]:
        """Those that may say something else after these changes."""
        return [card for card in self.all if topics & _topics(card)]

    def ask(self, cards: Sequence[OverviewCard]) -> None:
        for card in cards:
            query = card.query(self._services)
            if query is None:
                self._reader.forget(card)
                card.hide()
            else:
                self._reader.ask(card, "card", query, card.answer, card.fail)

    def show_ages(self) -> None:
        for card in self.all:
            if not card.isHidden():
                card.show_ages()


def _topics(card: OverviewCard) -> frozenset[str]:
    """New ages come all the time: the page asks for all cards at a pace of its own."""
    return card.topics - {AGES}


class CardColumns(QScrollArea):
    """Panels below each other in one column or two, the next always where there is most room; scrolls where they are
    too many. Panels that are hidden take no room.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("More about the servers"))
        self._panels: list[Panel] = []
        self._laid: list[list[Panel]] = []
        self._is_laying = self._is_asked = False
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.PANEL_GAP)
        self._columns = [QVBoxLayout(), QVBoxLayout()]
        self._holders: list[QWidget] = []
        for column in self._columns:
            holder = QWidget()
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(tokens.PANEL_GAP)
            column.addStretch(1)
            holder.setLayout(column)
            self._holders.append(holder)
            row.addWidget(holder, 1)
        self.setWidget(whole)
        self._fit(1)

    def set_panels(self, panels: Sequence[Panel]) -> None:
        self._panels = list(panels)
        for panel in panels:
            panel.installEventFilter(self)
        self.lay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self.lay()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.lay()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), 120)

    def lay(self) -> None:
        """Bring the panels to their columns, again where that itself showed or hid one; does nothing where they are
        there."""
        self._is_asked = True
        if self._is_laying:
            return
        self._is_laying = True
        try:
            while self._is_asked:
                self._is_asked = False
                self._lay()
        finally:
            self._is_laying = False

    def _lay(self) -> None:
        page = self.parentWidget()
        count = 2 if page is not None and page.width() >= WIDE else 1
        wanted: list[list[Panel]] = [[] for _column in range(count)]
        for panel in self._panels:
            heights = [sum(each.sizeHint().height() for each in column if not each.isHidden()) for column in wanted]
            wanted[heights.index(min(heights))].append(panel)
        if wanted == self._laid:
            return
        self._laid = wanted
        self._fit(count)
        for panel in self._panels:
            if isinstance(panel, OverviewCard):
                panel.give_room(is_much=count == 2)
        for column, panels in zip(self._columns, wanted, strict=False):
            for at, panel in enumerate(panels):
                column.insertWidget(at, panel)

    def _fit(self, count: int) -> None:
        self._holders[1].setVisible(count == 2)
        self.setFixedWidth(COLUMN if count == 1 else 2 * WIDE_COLUMN + tokens.PANEL_GAP)
