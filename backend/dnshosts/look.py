"""A zone as a driver has just seen it: what of a change is left to do, and what somebody else did meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from backend.core.errors import NotFound, ProviderRefused, Refused
from backend.core.present.text import _
from backend.dnshosts.ports import Zone, zone_moved
from backend.dnshosts.records import MADE_BY_THE_SERVER, BadRecord, Record, Records, SetChange, by_set, same

SetKey = tuple[str, str]


@dataclass(frozen=True)
class Look:
    """The sets of a zone by their keys, and the keys of those that have no form in :mod:`backend.dnshosts.records`.

    ``is_stepwise``: the host makes one set in several steps; one that stands between before and after is no other's.
    """

    sets: dict[SetKey, Records]
    strange: frozenset[SetKey] = frozenset()
    is_stepwise: bool = field(default=False, kw_only=True)

    @property
    def records(self) -> Records:
        return tuple(one for each in self.sets.values() for one in each)

    def left(self, zone: Zone, changes: Iterable[SetChange], service: str) -> list[SetChange]:
        """What is not so already; ``before`` is what is there, as the host has it.

        :raises ZoneMoved: a set is neither as before nor as after.
        :raises Refused: a set has no form of ours.
        """
        asked = list(changes)
        if strange := [each for each in asked if (each.name, each.type) in self.strange]:
            raise _not_ours(strange, service)
        if moved := self.moved(asked):
            raise zone_moved(zone, moved)
        return [SetChange(each.name, each.type, self._of(each), each.after) for each in self._undone(asked)]

    def moved(self, changes: Iterable[SetChange]) -> list[SetChange]:
        """Those whose set is neither as before nor as after, nor on the way from one to the other."""
        left = self._undone(changes)
        return [each for each in left if not (same(self._of(each), each.before) or self._is_begun(each))]

    def _is_begun(self, change: SetChange) -> bool:
        """What comes is made before what goes is removed: one of the two is there whole, and nothing of others."""
        live, before, after = self._of(change), change.before, change.after
        contents, old, new = ({each.content for each in some} for some in (live, before, after))
        return (
            self.is_stepwise
            and (old <= contents or new <= contents)
            and contents <= old | new
            and {each.ttl_s for each in live} <= {each.ttl_s for each in (*before, *after)}
        )

    def _undone(self, changes: Iterable[SetChange]) -> list[SetChange]:
        return [each for each in changes if not same(self._of(each), each.after)]

    def _of(self, change: SetChange) -> Records:
        return self.sets.get((change.name, change.type), ())


def look_at(
    raws: Iterable[Mapping[str, Any]],
    record_of: Callable[[Mapping[str, Any]], Record],
    key_of: Callable[[Mapping[str, Any]], SetKey],
    *,
    is_stepwise: bool = False,
) -> Look:
    """Single records as a host tells them; a set of which ``record_of`` cannot read one is strange."""
    told, strange = [], set()
    for raw in raws:
        try:
            told.append(record_of(raw))
        except BadRecord:
            strange.add(key_of(raw))
    ours = [each for each in told if each.set_key not in strange and each.type not in MADE_BY_THE_SERVER]
    return Look(by_set(ours), frozenset(strange), is_stepwise=is_stepwise)


@contextmanager
def overtaken(zone: Zone, changes: Sequence[SetChange], look: Callable[[], Look]) -> Iterator[None]:
    """A change is sent within: a refusal may only mean that somebody was faster than we were between look and change.

    :raises ZoneMoved: so it was.
    """
    try:
        yield
    except (ProviderRefused, NotFound) as error:
        if moved := look().moved(changes):
            raise zone_moved(zone, moved) from error
        raise


def no_zone(service: str, name: str) -> NotFound:
    """The account, or what the token may see of it, lacks the zone."""
    return NotFound(
        _("{service} has no zone {name} that this token may see.").format(service=service, name=name),
        remedy=_("Add the zone there, or let the token work with it."),
    )


def only_a_copy(service: str, zone: str) -> Refused:
    """A zone that its host takes from another name server."""
    return Refused(
        _("{service} only copies the zone {zone} from another name server.").format(service=service, zone=zone),
        remedy=_("Change it at the name server that it comes from."),
    )


def _not_ours(changes: Sequence[SetChange], service: str) -> Refused:
    return Refused(
        _("{service} has records here that Mailyard cannot read.").format(service=service),
        remedy=_("Change them at {service}.").format(service=service),
        detail=", ".join(f"{each.name} {each.type}" for each in changes),
    )
