"""Turns to everything a console over the sample data can show, and writes what it looks like in one look."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from tests.app.person import Person
from tests.app.scenes import opened
from tests.app.views import SCENES, Scene
from tests.app.window import close_console, open_console
from tests.screenshots.looks import BY_NAME, Look


def main(folder: Path, look: Look) -> None:
    """A file each, of the look's name."""
    application = QApplication(["mailyard"])
    for scene in SCENES:
        with TemporaryDirectory() as data:
            for name, picture in _pictures(application, scene, Path(data), look):
                picture.save(str(folder / f"{name}-{look.name}.png"))


def _pictures(application: QApplication, scene: Scene, data: Path, look: Look) -> Iterator[tuple[str, QPixmap]]:
    """Of the whole window, a dialog over its page."""
    with opened(scene.data, data, **look.kept) as wanted:
        console = open_console(application, data, wanted)
        console.window.resize(*look.size)
        person = Person(console)
        for view in scene.views(person):
            person.rest()
            yield view.name, console.window.grab()
        close_console(console)


if __name__ == "__main__":
    main(Path(sys.argv[1]), BY_NAME[sys.argv[2]])
