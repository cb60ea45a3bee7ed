"""The pictures that the README shows, from the demo: ``python -m tests.screenshots.readme [FOLDER]``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.pages.servers.change_sheets import ResizeSheet
from backend.demo.fleet.servers import OUTGROWN
from tests.app.person import Person
from tests.requirements import OFFSCREEN
from tests.screenshots.demo import SAMPLED_S, opened_demo, take_on
from tests.screenshots.looks import BY_NAME
from tests.screenshots.palette import reduced

FOLDER = Path("docs/pictures")
#: The plan to grow to.
LARGER = "s-2vcpu-4gb"


def main(folder: Path) -> None:
    """Each is written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", OFFSCREEN)
    with opened_demo(QApplication(["mailyard"])) as person:
        for name in _scenes(person):
            person.settle()
            person.rest()
            reduced(person.window.grab().toImage()).save(str(folder / f"{name}.png"))


def _scenes(person: Person) -> Iterator[str]:
    """The name of each picture once the window shows it."""
    take_on(person, BY_NAME["light"])
    person.overview()
    yield "overview"
    servers = person.servers()
    servers.choose(next(row.id for row in servers.table.records.rows if row.name == OUTGROWN))
    servers.detail.tabs.setCurrentIndex(1)
    servers.detail.history.ranges.choose("90d")
    yield "servers"
    servers.acting.ask("resize")
    sheet = person.dialog(ResizeSheet)
    person.settle()
    sheet.plans.choose(LARGER)
    yield "resize"
    person.close_dialogs()
    activity = person.activity()
    activity.chips.choose("waiting")
    activity.table.selectRow(0)
    yield "activity"
    take_on(person, BY_NAME["dark"])
    servers.detail.tabs.setCurrentIndex(0)
    person.servers()
    person.wait(lambda: servers.detail.live.samples > 60, "a minute of live samples", SAMPLED_S)
    yield "servers-dark"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
