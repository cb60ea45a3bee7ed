"""The guide and the window: keys and cards are the same in both, neither has what the other lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QObject

from app.navigation import shortcuts
from app.pages.activity.schedule_detail import ScheduleDetailPanel
from backend.core.present.text import _
from tests.app.person import Person
from tests.requirements import ROOT
from widgets.key_hint import KeyHint

GUIDE = ROOT / "docs/guide"
ROW = re.compile(r"^\| ((?:`[^`]+` ?)+) \| (.+?) \|$", re.MULTILINE)


def told() -> dict[str, str]:
    """Of the guide's page of keys, by what they do: the keys, divided by ', '."""
    rows = ROW.findall((GUIDE / "keys.md").read_text())
    assert len(rows) == len({words for _keys, words in rows})
    return {words: ", ".join(re.findall(r"`([^`]+)`", keys)) for keys, words in rows}


def heard(kind: type[QObject] = QObject) -> Iterator[KeyHint]:
    """What every class says that it hears; all pages were opened before."""
    yield from (hint for hint in vars(kind).get("KEYS", ()) if isinstance(hint, KeyHint))
    for inner in type.__subclasses__(kind):
        yield from heard(inner)


def test_the_guide_names_all_keys(watcher: Person) -> None:
    watcher.servers()
    watcher.activity()
    watcher.overview()

    keys = {each.words: each.keys for each in shortcuts(watcher.window)}
    keys |= {_(hint.words): hint.keys for hint in heard()}

    assert keys.keys() >= {"Search and commands", "Reboot", "Back to the list", "In a chart: zoom"}
    assert told() == keys


def test_the_guide_names_every_card_of_the_overview(watcher: Person) -> None:
    guide = (GUIDE / "overview.md").read_text()
    titles = [card.accessibleName() for card in watcher.overview().cards.all]

    assert len(titles) >= 4
    assert re.findall(r"^- \*([^*]+)\*:", guide, re.MULTILINE) == titles


def test_the_guide_names_what_can_be_done_with_a_schedule(watcher: Person) -> None:
    guide, page = (GUIDE / "overview.md").read_text(), watcher.activity()
    panel: ScheduleDetailPanel = page.schedule

    assert {panel.run.text(), panel.pause.text()} <= set(re.findall(r"\*\*([^*]+)\*\*", guide))
