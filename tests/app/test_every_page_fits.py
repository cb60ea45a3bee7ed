"""Every page, part and sheet over the sample fleet, in each language and size: nothing is cut, nothing stands aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from app.places import PLACES
from app.shell.places import Place
from backend.core.present.text import PSEUDO
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.app.scenes import opened
from tests.app.views import SCENES, Scene, View
from tests.widgets.walker import faults
from widgets.overlay import Overlay

#: The last is what a dialog opens over.
SIZES = ((1920, 1080), (1366, 768), (1024, 640))


class Walk:
    """One console in one language, walked through; ``found`` tells where what does not fit."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.found: list[str] = []

    def look(self, view: View) -> None:
        """At the window in every size; at a dialog over the smallest one."""
        if view.is_dialog:
            self._look(view.name, view.root)
            return
        for width, height in SIZES:
            self.person.window.resize(width, height)
            self._look(f"{view.name} {width}x{height}", view.root)

    def _look(self, where: str, root: QWidget) -> None:
        self.person.rest()
        self.found += [f"{where}: {fault}" for fault in faults(root)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
@pytest.mark.parametrize("language", ["en", "de", PSEUDO])
def test_nothing_is_cut_on_any_page(new_console: NewConsole, tmp_path: Path, scene: Scene, language: str) -> None:
    with opened(scene.data, tmp_path / "data", language=language) as wanted:
        walk = Walk(new_console(wanted=wanted))
        for view in scene.views(walk.person):
            walk.look(view)

        assert not walk.found, "\n".join(walk.found)


def test_every_page_part_and_dialog_is_looked_at(new_console: NewConsole, tmp_path: Path) -> None:
    """What is added to the program is among the views, or this says what is not."""
    dialogs: set[str] = set()
    places: set[tuple[str, str]] = set()
    for scene in SCENES:
        with opened(scene.data, tmp_path / scene.key) as wanted:
            person = new_console(tmp_path / scene.key, wanted)
            for view in scene.views(person):
                dialogs.update(each.__name__ for each in type(view.root).__mro__)
                places.add(_place(person))

    assert {each.__name__ for each in _ours(Overlay)} - dialogs == set()
    assert {(place.key, part) for place in PLACES.all for part in _parts(place)} - places == set()


def _parts(place: Place) -> list[str]:
    return [part.key for part in place.parts] or [""]


def _place(person: Person) -> tuple[str, str]:
    """The key of the page in front, and of its part."""
    key, page = next((key, page) for key, page in person.window.pages.items() if page.isVisible())
    return key, page.route.part if page.route is not None else ""


def _ours(kind: type[object]) -> Iterator[type[object]]:
    for each in kind.__subclasses__():
        yield from _ours(each)
        if each.__module__.startswith(("app.", "widgets.")):
            yield each
