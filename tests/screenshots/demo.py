"""Every page and part of the demo, in some looks of one scale: ``python -m tests.screenshots.demo FOLDER LOOK...``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QApplication

from app.application import Console
from backend.core.paths import DataFolder
from backend.core.present.status import Status
from backend.demo.fleet.servers import OUTGROWN
from tests.app.person import Person
from tests.app.views import each_place
from tests.app.window import OPEN_S, close_console, wait_until
from tests.screenshots.looks import BY_NAME, Look

#: What the first samples of a demo take to show on its pages.
SAMPLED_S = 120.0


def main(folder: Path, looks: Sequence[Look]) -> None:
    """A file each, that begins with ``demo``."""
    with opened_demo(QApplication(["mailyard"])) as person:
        for look in looks:
            take_on(person, look)
            for view in each_place(person):
                person.rest()
                person.window.grab().save(str(folder / f"demo-{view.name}-{look.name}.png"))


@contextmanager
def opened_demo(application: QApplication) -> Iterator[Person]:
    """A person at a new demo, once its troubles can be seen in the overview."""
    with TemporaryDirectory() as data:
        console = Console(application, DataFolder(Path(data) / "mailyard-demo"), is_demo=True)
        console.start()
        wait_until(lambda: console.engine_start.is_done, "the demo to open", OPEN_S)
        person = Person(console)
        overview = person.overview()
        critical = overview.fleet.tiles[Status.CRITICAL].count
        person.wait(lambda: critical.text() == "1", "the silent server alone", SAMPLED_S)
        person.wait(lambda: any(OUTGROWN in row.title.text() for row in overview.needs.rows), "the question", SAMPLED_S)
        yield person
        close_console(console)


def take_on(person: Person, look: Look) -> None:
    """Look like this from now on."""
    window = person.window
    for key, option in look.kept.items():
        person.services.looks.choose(key, option)
    person.rest()
    window.resize(*look.size)
    person.settle()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [BY_NAME[name] for name in sys.argv[2:]])
