"""A page that has several parts: one is looked at, or a group of small ones below each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count, groupby
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.shell.places import Part, Place, load
from app.shell.route import Route
from app.shell.window.page import Page
from backend.core.present.text import _
from widgets import tokens
from widgets.scrolled import scrolled

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from app.shell.window.part import PagePart


class PartsPage(Page):
    """A part is made when it is first turned to, and reads for itself while it is shown.

    ``current`` is the key of the one in front. A subclass has something to choose a part by: it calls :meth:`turn_to`
    with the part's key, and is told by :meth:`mark` which one a route turned to.
    """

    def __init__(self, services: Services, place: Place) -> None:
        super().__init__(services, _(place.title))
        self._place = place
        self.current = place.parts[0].key
        self._made: dict[str, PagePart] = {}
        self._views: dict[str, QWidget] = {}
        self.parts = QStackedWidget()

    @property
    def route(self) -> Route:
        return Route(self._place.key, self.current)

    def mark(self, key: str) -> None:
        """Show which part is turned to."""
        raise NotImplementedError

    def show_route(self, route: Route) -> None:
        """Turn to one of the parts."""
        if route.part:
            self.mark(self._place.part(route.part).key)
            self.take_keyboard()

    def turn_to(self, key: str) -> None:
        """Show a part, and read it."""
        self.current = key
        view, part = self._view(key), self.part(key)
        self.parts.setCurrentWidget(view)
        if isinstance(view, QScrollArea):
            view.ensureWidgetVisible(part, 0, 0)
        self.refresh()

    def part(self, key: str) -> PagePart:
        """The part of that key, made where it was not yet, with those it stands together with."""
        self._view(key)
        return self._made[key]

    def refresh(self) -> None:
        for part in self._shown():
            part.refresh()

    def refresh_for(self, topics: frozenset[str]) -> None:
        """A part that is not looked at reads when it is turned to; one without topics is read after any change."""
        for part in self._shown():
            if topics & part.topics or not part.topics:
                part.refresh()

    def hears(self, topics: frozenset[str]) -> bool:
        return any(topics & part.topics for part in self._made.values())

    def _shown(self) -> list[PagePart]:
        return [self.part(each.key) for each in together(self._place, self.current)]

    def _view(self, key: str) -> QWidget:
        """What is looked at with a part: itself, or its whole group."""
        if key not in self._views:
            group = together(self._place, key)
            made = {each.key: load(each.widget)(self) for each in group}
            view = next(iter(made.values())) if len(made) == 1 else _below_each_other(made.values(), _(group[0].group))
            self.parts.addWidget(view)
            self._made |= made
            self._views |= dict.fromkeys(made, view)
        return self._views[key]


def groups(place: Place) -> list[tuple[Part, ...]]:
    """Parts that stand together; one without a group stands alone."""
    number = count()
    return [tuple(parts) for _key, parts in groupby(place.parts, lambda part: part.group or next(number))]


def together(place: Place, key: str) -> tuple[Part, ...]:
    """The group that a part belongs to."""
    return next(group for group in groups(place) if any(part.key == key for part in group))


def _below_each_other(parts: Iterable[QWidget], name: str) -> QScrollArea:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(tokens.PANEL_GAP)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return scrolled(whole, name)
