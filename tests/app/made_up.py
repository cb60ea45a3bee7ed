"""A place nobody needs, as a feature would bring one: what the window makes of it is seen in test_made_up_place.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from PySide6.QtWidgets import QLabel

from app.shell.card import Card
from app.shell.places import Command, Found, Part, Place
from app.shell.route import Route
from app.shell.window.overview_card import OverviewCard
from app.shell.window.page import Page

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.route import Go
    from app.shell.session.services import Services
    from app.shell.window.said import Say
    from backend.store.query import Source

THING = UUID(int=7)
opened: list[str] = []


@dataclass(frozen=True)
class Moons:
    """Query: the one moon there is."""

    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, _source: Source) -> tuple[str, ...]:
        return ("Phobos",)


class MoonFinding:
    kind = "moon"
    title = "Moon"

    def query(self, _services: Services) -> Moons:
        return Moons()

    def found(self, rows: tuple[str, ...]) -> Iterator[Found]:
        return (Found(THING, name) for name in rows)


FINDING = MoonFinding()


class MoonsPage(Page):
    """Remembers where it was asked to turn to."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, "Moons")
        self.routes: list[Route] = []
        self.add(QLabel("moons"))

    def refresh(self) -> None:
        self.ask("moons", Moons(), lambda _rows: None)

    def show_route(self, route: Route) -> None:
        self.routes.append(route)


class MoonCard(OverviewCard):
    """Shows the moon there is."""

    topics = frozenset(Moons.topics)

    def __init__(self) -> None:
        super().__init__("Moons")
        self.body.addWidget(QLabel("Phobos"))

    def query(self, _services: Services) -> Moons:
        return Moons()

    def show_rows(self, rows: tuple[str, ...]) -> bool:
        return bool(rows)


def land(_services: Services, _window: QWidget, _go: Go, _say: Say) -> None:
    opened.append("landed")


PLACE = Place(
    key="moons",
    title="Moons",
    goes="Go to Moons",
    icon="server",
    page="tests.app.made_up:MoonsPage",
    shortcut="Ctrl+9",
    counts=lambda counted: counted.running + 3,
    shows={"moon": ""},
    parts=(Part("near", "Near side", "tests.app.made_up:MoonsPage"),),
    cards=(Card("moon", "tests.app.made_up:MoonCard"),),
    commands=(Command("land", "Land on a moon", "tests.app.made_up:land", shortcut="Ctrl+Shift+9"),),
    finds="tests.app.made_up:FINDING",
)
