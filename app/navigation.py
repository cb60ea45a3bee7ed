"""What a person can ask the window for by name or by key, and the rows of the side bar: all made from the places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from app.places import PLACES
from app.shell.places import Command, Keyed, Part, Place, load
from app.shell.route import Route, Thing
from app.shell.session.demo import DemoControl
from backend.core.present.text import _
from widgets.sidebar import Entry

if TYPE_CHECKING:
    from app.shell.window.page import PageCommand
    from app.shell.window.shortcut_sheet import Shortcut


class Window(Protocol):
    """What commands and the palette need of the window."""

    demo: DemoControl

    def go(self, asked: Route | Thing, /) -> None: ...

    def open_palette(self) -> None: ...

    def refresh_page(self) -> None: ...

    def look_at(self, workspace: UUID | None, /) -> None: ...

    def page_commands(self) -> Sequence[PageCommand]: ...

    def filter_page(self) -> None: ...

    def show_shortcuts(self) -> None: ...


@dataclass(frozen=True)
class Asked:
    """Something the window can do: its words, a shortcut where it is frequent, the act; ``also`` is a second key.

    A key that is a sign alone is heard where nothing is typed: a field keeps it.
    """

    key: str
    words: str
    shortcut: str
    act: Callable[[], None]
    also: str = ""

    @property
    def keys(self) -> str:
        """Both, divided by ', '."""
        return ", ".join(each for each in (self.shortcut, self.also) if each)


def asked_for(window: Window) -> tuple[Asked, ...]:
    """Every command, for shortcuts and for the palette: the window's own, then each place with what it brings."""
    band = "demo" if window.demo.is_demo else "live"
    found = [
        Asked("palette", _("Search and commands"), "Ctrl+K", window.open_palette),
        Asked("refresh", _("Reload this page"), "F5", window.refresh_page),
        Asked("filter", _("Filter this list"), "Ctrl+F", window.filter_page, "/"),
        Asked("shortcuts", _("Keyboard shortcuts"), "F1", window.show_shortcuts, "?"),
    ]
    for place in PLACES.all:
        commands = [each for each in place.commands if each.only_in in ("", band)]
        found.append(Asked(place.key, _(place.goes), place.shortcut, partial(window.go, Route(place.key))))
        found += [_of_command(window, place, each) for each in commands]
        found += [_of_part(window, place, each) for each in place.parts]
    return tuple(found)


def shortcuts(window: Window) -> Iterator[Shortcut]:
    """All that has a key: the window's own, then of each place its commands and the acts it brings."""
    from app.shell.window.shortcut_sheet import Shortcut

    titles = {place.key: _(place.title) for place in PLACES.all}
    for asked in asked_for(window):
        if asked.shortcut:
            place = asked.key.partition(".")[0] if "." in asked.key else ""
            yield Shortcut(titles.get(place, _("Everywhere")), asked.words, asked.keys)
    for each in PLACES.all:
        acts: Iterable[Keyed] = load(each.acts) if each.acts else ()
        yield from (Shortcut(_(each.title), _(act.word), act.shortcut) for act in acts if act.shortcut)


def side_bar() -> tuple[Entry, ...]:
    """The rows of the side bar, in order."""
    return tuple(Entry(place.key, _(place.title), place.icon, gap=place.has_gap) for place in PLACES.all)


def _of_command(window: Window, place: Place, command: Command) -> Asked:
    act = partial(window.go, Route(place.key, command=command.key))
    return Asked(f"{place.key}.{command.key}", _(command.title), command.shortcut, act)


def _of_part(window: Window, place: Place, part: Part) -> Asked:
    words = f"{_(place.title)} > {_(part.title)}"
    return Asked(f"{place.key}.{part.key}", words, "", partial(window.go, Route(place.key, part.key)))
