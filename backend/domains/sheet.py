"""The set-up sheet: a plan for a zone that a person edits, in the fields of that person's own DNS host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from backend.dnshosts.forms import Typed, typed
from backend.dnshosts.panels import Panel
from backend.dnshosts.records import Record
from backend.domains.plan import DnsPlan, PlannedChange, Verb


@dataclass(frozen=True)
class SheetRow:
    """One record that a person creates, changes or removes; ``record`` is as it shall be, or was where it goes.

    ``before`` is the record that is changed; ``troubles`` say why the form would not take it.
    """

    verb: Verb
    record: Record
    fields: tuple[Typed, ...]
    reason: str
    before: Record | None = None
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """All rows of a zone, what must go first; ``obstacles`` are what the plan leaves alone, each in a sentence."""

    zone: str
    panel: Panel
    rows: tuple[SheetRow, ...]
    obstacles: tuple[str, ...] = ()


def set_up_sheet(zone: str, plan: DnsPlan, panel: Panel) -> Sheet:
    """What a person has to do in the form to carry out the plan."""
    rows = tuple(row for each in plan.changes for row in _rows(zone, each, panel))
    return Sheet(zone, panel, rows, tuple(each.text for each in plan.obstacles))


def _rows(zone: str, planned: PlannedChange, panel: Panel) -> Iterator[SheetRow]:
    """The records of a set one by one: forms know no sets. One that goes makes room for one that comes."""
    change = planned.change
    for before, after in zip_longest(change.removed, change.added):
        shown = after or before
        verb: Verb = "remove" if after is None else "create" if before is None else "change"
        troubles = panel.troubles(after) if after else ()
        yield SheetRow(verb, shown, typed(panel, zone, shown), planned.reason, before if after else None, troubles)
