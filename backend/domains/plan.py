"""What must change in a zone so that a domain's mail works, and what stays: from what is wanted and what is there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.authrecords.spf.parser import is_spf
from backend.core.present.text import _
from backend.dnshosts.records import Record, Records, SetChange, by_set, record, same, text_value
from backend.domains.spf import SpfConflict, merged_spf

#: More than this share of a zone of at least so many records, changed or removed, is asked for by typing a name.
LARGE_SHARE, SMALL_ZONE = 0.3, 10

Verb = Literal["create", "change", "remove"]
SetKey = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """Records that a domain must have. ``values`` are in presentation form; ``reason`` is for a person.

    ``way``: *whole*, the set is exactly this; *member*, these are in the set, beside others; *member_if_any*, the same
    where there is such a set at all; *spf*, ``values`` are the terms that the one SPF record of the name must have.
    ``good_start``: a single record of somebody else's that begins so does as well.
    """

    name: str
    type: str
    values: tuple[str, ...]
    reason: str
    way: Literal["whole", "member", "member_if_any", "spf"] = "whole"
    ttl_s: int = 3600
    good_start: str = ""


@dataclass(frozen=True)
class PlannedChange:
    """One set that changes, and why."""

    change: SetChange
    reason: str

    @property
    def verb(self) -> Verb:
        if not self.change.before:
            return "create"
        return "change" if self.change.after else "remove"


@dataclass(frozen=True)
class Obstacle:
    """Records of others in the way of what is wanted: nothing is done there unless a person adopts ``keys``, the sets
    that would then be replaced."""

    wanted: Wanted
    keys: tuple[SetKey, ...]
    records: Records
    text: str


@dataclass(frozen=True)
class DnsPlan:
    """Changes, obstacles, and how many records of the zone stay as they are."""

    changes: tuple[PlannedChange, ...]
    obstacles: tuple[Obstacle, ...]
    untouched: int
    zone_size: int

    @property
    def set_changes(self) -> tuple[SetChange, ...]:
        return tuple(each.change for each in self.changes)

    @property
    def inverse(self) -> tuple[SetChange, ...]:
        """The way back, last change first."""
        return tuple(each.inverse for each in reversed(self.set_changes))

    @property
    def needs_typing(self) -> bool:
        """Whether so much of the zone goes that a yes is not enough."""
        gone = sum(len(each.removed) for each in self.set_changes)
        return self.zone_size >= SMALL_ZONE and gone > LARGE_SHARE * self.zone_size

    def still_holds(self, again: DnsPlan) -> bool:
        """Whether the plan made anew from the zone of now does the same to the same records."""
        return self.changes == again.changes and self.obstacles == again.obstacles


def dns_plan(zone: str, wanted: Iterable[Wanted], live: Iterable[Record], ours: Collection[SetKey] = ()) -> DnsPlan:
    """What brings the wanted records into the zone of this name.

    ``ours``: the sets that were made by us, or that a person adopted; what else stands in the way of a wanted one is an
    obstacle, and is left alone. An SPF record of others is added to, never replaced; two of them become one where
    ``(name, "SPF")`` is adopted.
    """
    records = tuple(live)
    state = _State(zone, by_set(records), frozenset(ours))
    changes: list[PlannedChange] = []
    obstacles: list[Obstacle] = []
    for each in _joined(wanted):
        found = _step(each, state)
        if isinstance(found, Obstacle):
            obstacles.append(found)
        else:
            changes.extend(found)
    gone = sum(len(each.change.removed) for each in changes)
    return DnsPlan(tuple(changes), tuple(obstacles), len(records) - gone, len(records))


def retired(ours: Iterable[SetKey], wanted: Iterable[Wanted], live: Iterable[Record]) -> tuple[PlannedChange, ...]:
    """The removal of sets of ours that are wanted no more."""
    sets, still = by_set(live), {(each.name, each.type) for each in wanted}
    gone = sorted(key for key in set(ours) if key in sets and key not in still)
    reason = _("Mailyard made it, and the domain needs it no more.")
    return tuple(PlannedChange(SetChange(*key, sets[key], ()), reason) for key in gone)


@dataclass(frozen=True)
class _State:
    """The zone as it is, and which sets of it may be replaced."""

    zone: str
    sets: Mapping[SetKey, Records]
    ours: frozenset[SetKey]

    def foreign_beside(self, name: str, kind: str) -> tuple[SetKey, ...]:
        """Sets that cannot be at the name together with one of this type (RFC 1034 3.6.2), and are not ours."""
        return tuple(key for key in self.beside(name, kind) if key not in self.ours)

    def beside(self, name: str, kind: str) -> tuple[SetKey, ...]:
        return tuple(key for key in self.sets if key[0] == name and key[1] != kind and "CNAME" in (kind, key[1]))

    def cut_above(self, name: str) -> SetKey | None:
        """Where a part of the zone that holds the name is handed to other servers: what is put here is not served."""
        at = name
        while at != self.zone and "." in at:
            if (at, "NS") in self.sets:
                return at, "NS"
            at = at.partition(".")[2]
        return None


def _joined(wanted: Iterable[Wanted]) -> list[Wanted]:
    """One for each set: two that want different records of one set want both."""
    found: dict[tuple[str, str, str], Wanted] = {}
    for each in wanted:
        key = (each.name, each.type, each.way)
        before = found.get(key)
        values = each.values if before is None else tuple(dict.fromkeys((*before.values, *each.values)))
        found[key] = replace(before or each, values=values)
    return list(found.values())


def _step(wanted: Wanted, state: _State) -> tuple[PlannedChange, ...] | Obstacle:
    if (cut := state.cut_above(wanted.name)) is not None:
        text = _("{name} is served by other name servers: the record must be made there.").format(name=cut[0])
        return Obstacle(wanted, (), state.sets[cut], text)
    if foreign := state.foreign_beside(wanted.name, wanted.type):
        records = tuple(one for key in foreign for one in state.sets[key])
        return Obstacle(wanted, foreign, records, _alias_told(wanted))
    after = _after(wanted, state)
    if isinstance(after, Obstacle):
        return after
    before = state.sets.get((wanted.name, wanted.type), ())
    if after == before:
        return ()
    cleared = (SetChange(*key, state.sets[key], ()) for key in state.beside(wanted.name, wanted.type))
    changes = (*cleared, SetChange(wanted.name, wanted.type, before, after))
    return tuple(PlannedChange(each, wanted.reason) for each in changes)


def _after(wanted: Wanted, state: _State) -> Records | Obstacle:
    """The set as it shall be; as it is where that is right."""
    before = state.sets.get((wanted.name, wanted.type), ())
    if wanted.way == "spf":
        return _with_spf(wanted, before, state)
    if wanted.way == "member_if_any" and not before:
        return ()
    ttl_s = before[0].ttl_s if before and wanted.way != "whole" else wanted.ttl_s
    made = tuple(record(wanted.name, wanted.type, ttl_s, value) for value in wanted.values)
    have, want = {each.content for each in before}, {each.content for each in made}
    if wanted.way != "whole":
        return (*before, *(each for each in made if each.content not in have))
    if (wanted.name, wanted.type) in state.ours:
        return before if same(before, made) else made
    if have == want or _is_good(wanted, before):
        return before
    if have <= want:
        return (*before, *(each for each in made if each.content not in have))
    return Obstacle(wanted, ((wanted.name, wanted.type),), before, _foreign_told(wanted))


def _with_spf(wanted: Wanted, before: Records, state: _State) -> Records | Obstacle:
    """The texts of a name with one SPF record that has the wanted terms; the other texts as they are."""
    present = tuple(each for each in before if is_spf(each.content))
    if len(present) > 1 and (wanted.name, "SPF") not in state.ours:
        text = _("There are several SPF records: receivers heed none of them.")
        return Obstacle(wanted, ((wanted.name, "SPF"),), present, text)
    try:
        content = merged_spf([each.content for each in present], wanted.values)
    except SpfConflict as error:
        return Obstacle(wanted, (), present, str(error))
    if [each.content for each in present] == [content]:
        return before
    ttl_s = present[0].ttl_s if present else before[0].ttl_s if before else wanted.ttl_s
    others = tuple(each for each in before if each not in present)
    return (*others, record(wanted.name, "TXT", ttl_s, text_value(content)))


def _is_good(wanted: Wanted, before: Sequence[Record]) -> bool:
    start = wanted.good_start
    return bool(start) and len(before) == 1 and before[0].content.startswith(start)


def _alias_told(wanted: Wanted) -> str:
    if wanted.type == "CNAME":
        return _("{name} has other records: an alias cannot stand beside them.").format(name=wanted.name)
    return _("{name} is an alias (CNAME): no other record can stand beside it.").format(name=wanted.name)


def _foreign_told(wanted: Wanted) -> str:
    return _("{name} has records of type {type} that Mailyard did not make.").format(name=wanted.name, type=wanted.type)
