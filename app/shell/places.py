"""What the window can turn to: a page with its parts, commands and what search finds of it is one value.

Nothing here names Qt: places are read before the first frame. A page, a dialog or a part is named by its path,
``module:name``, and imported when it is first looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

from app.shell.card import Card
from app.shell.route import Go, Route

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from app.shell.window.page import Page
    from app.shell.window.said import Say
    from backend.engine.queries import Activity
    from backend.store.query import Query


#: Opens a dialog over the window; it asks for routes, and has said what became of its act, by what it is handed.
Opener = Callable[["Services", "QWidget", Go, "Say"], None]


@dataclass(frozen=True)
class Command:
    """Something a person can ask for by name. ``title`` is a message id, ``opens`` the path of an :data:`Opener`.

    ``part`` is turned to first, where it is not None. ``only_in``: the band in which it makes sense, empty for both.
    """

    key: str
    title: str
    opens: str
    shortcut: str = ""
    part: str | None = None
    only_in: Literal["", "live", "demo"] = ""


@dataclass(frozen=True)
class Part:
    """One part of a page that has several. ``shows`` names the kinds of things that are looked at there, each with the
    tab of the thing that it is about, empty for whichever is open. Small parts that follow each other in one ``group``,
    a message id, stand below each other.
    """

    key: str
    title: str
    widget: str
    shows: Mapping[str, str] = field(default_factory=dict, hash=False)
    group: str = ""


class Keyed(Protocol):
    """An act that a place brings, as the list of shortcuts tells it; ``word`` is a message id."""

    @property
    def word(self) -> str: ...

    @property
    def shortcut(self) -> str: ...


@dataclass(frozen=True)
class Found:
    """One thing that search lists: its id, and its words."""

    id: UUID
    words: str


class Finding(Protocol):
    """What search lists of a place: a kind of thing, the word for one, how it is read and listed."""

    kind: str
    title: str

    def query(self, services: Services) -> Query[Any]: ...

    def found(self, rows: Any) -> Iterable[Found]: ...


@dataclass(frozen=True)
class Place:
    """A page of the window: its row at the side, its shortcut, its parts and commands, what it brings to the Overview,
    and what search finds of it.

    ``title`` and ``goes`` (what the command that turns to it is called) are message ids. ``page`` is the path of a
    :class:`app.shell.window.page.Page`, ``finds`` of a :class:`Finding`, ``acts`` of a tuple of :class:`Keyed`.
    ``counts`` says what the badge at its row counts.
    """

    key: str
    title: str
    goes: str
    icon: str
    page: str
    shortcut: str = ""
    has_gap: bool = False
    counts: Callable[[Activity], int] | None = None
    shows: Mapping[str, str] = field(default_factory=dict, hash=False)
    parts: tuple[Part, ...] = ()
    commands: tuple[Command, ...] = ()
    cards: tuple[Card, ...] = ()
    finds: str = ""
    acts: str = ""

    def part(self, key: str) -> Part:
        """:raises KeyError: it has no such part."""
        return {part.key: part for part in self.parts}[key]

    def command(self, key: str) -> Command:
        """:raises KeyError: it has no such command."""
        return {command.key: command for command in self.commands}[key]


class Places:
    """All places of a window, in the order of the side bar."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.all = tuple(places)
        self._by_key = {place.key: place for place in self.all}
        if len(self._by_key) != len(self.all):
            raise ValueError("two places share a key")

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Place:
        return self._by_key[key]

    @property
    def cards(self) -> tuple[Card, ...]:
        """What all of them bring to the Overview, in their order."""
        return tuple(card for place in self.all for card in place.cards)

    @property
    def first(self) -> str:
        """The key of the place that a new window shows."""
        return self.all[0].key

    def showing(self, kind: str, item: UUID | None) -> Route:
        """Where a thing of this kind is looked at; of a kind that no place shows, the first place, where it is told."""
        for place in self.all:
            if kind in place.shows:
                return Route(place.key, item=item, tab=place.shows[kind])
            for part in place.parts:
                if kind in part.shows:
                    return Route(place.key, part.key, item, tab=part.shows[kind])
        return Route(self.first)

    def shows(self, kind: str) -> bool:
        """Whether a thing of this kind can be looked at anywhere."""
        return any(kind in place.shows or any(kind in part.shows for part in place.parts) for place in self.all)


def load(path: str) -> Any:
    """What a path names; a page or dialog is Qt's, so only the GUI thread may load one."""
    module, _colon, name = path.partition(":")
    return getattr(import_module(module), name)


def make_page(place: Place, services: Services) -> Page:
    """Build a place's page."""
    page: Page = load(place.page)(services)
    return page
