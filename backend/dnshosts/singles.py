"""Hosts that know single records with ids: a change of a set becomes a few calls, and each of them may be the last."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from backend.dnshosts.look import Look, overtaken
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import Record, Records, SetChange

if TYPE_CHECKING:
    from backend.core.rest.wire import RestWire

W = TypeVar("W", bound="RestWire")


@dataclass(frozen=True)
class Orders:
    """What is done to the records of a set: a record that says the same stays the record it is, and so does the only
    one that another takes the place of."""

    added: Records
    replaced: tuple[tuple[Record, Record], ...]
    removed: Records

    @property
    def gone(self) -> Records:
        """Those that do not stay as they are."""
        return (*(old for old, _new in self.replaced), *self.removed)


def orders_of(change: SetChange) -> Orders:
    """What the records of a set need, from ``before`` as the host has it."""
    removed, added = list(change.removed), list(change.added)
    pairs = [(old, new) for old in removed for new in added if old.content == new.content]
    if len(removed) == len(added) == 1:
        pairs = [(removed[0], added[0])]
    olds, news = {old.key for old, _new in pairs}, {new.sense for _old, new in pairs}
    return Orders(
        added=tuple(new for new in added if new.sense not in news),
        replaced=tuple(pairs),
        removed=tuple(old for old in removed if old.key not in olds),
    )


class SingleRecords(ABC):
    """What such a host does to a zone. New records come before old ones go, so none is ever missing; only where an
    alias comes or goes must the other sets of its name go first, for no host has both."""

    service: ClassVar[str]
    limits: HostLimits

    def records(self, zone: Zone) -> Sequence[Record]:
        return self.look(zone).records

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        for one in (one for each in changes for one in each.added):
            self.limits.check(one, self.service)
        left = self.look(zone).left(zone, changes, self.service)
        steps = [orders_of(each) for each in sorted(left, key=lambda one: (one.name, bool(one.after)))]
        for one in (one for each in steps for one in (*each.added, *(new for _old, new in each.replaced), *each.gone)):
            self.check(zone, one)  # what cannot be made again is not taken away
        for each in steps:
            with overtaken(zone, changes, lambda: self.look(zone)):
                self._carry_out(zone, each)

    @abstractmethod
    def look(self, zone: Zone) -> Look:
        """The zone as it is: one that is changed stepwise."""

    @abstractmethod
    def check(self, zone: Zone, one: Record) -> None:
        """:raises Refused: records like this are not made here."""

    @abstractmethod
    def add(self, zone: Zone, one: Record) -> None:
        """Make it."""

    @abstractmethod
    def replace(self, zone: Zone, old: Record, new: Record) -> None:
        """The record of the old one's id becomes the new one."""

    @abstractmethod
    def remove(self, zone: Zone, old: Record) -> None:
        """No error where it is gone."""

    def _carry_out(self, zone: Zone, orders: Orders) -> None:
        for new in orders.added:
            self.add(zone, new)
        for old, new in orders.replaced:
            self.replace(zone, old, new)
        for old in orders.removed:
            self.remove(zone, old)


class RecordsByPath(SingleRecords, Generic[W]):
    """A host whose API has a path for the records of each zone, and below it one for each record by its id."""

    _wire: W

    @abstractmethod
    def path(self, zone: Zone) -> str:
        """Where the records of the zone are."""

    @abstractmethod
    def body(self, zone: Zone, one: Record) -> dict[str, Any]:
        """What an order for the record says.

        :raises Refused: records like this are not made here.
        """

    def close(self) -> None:
        self._wire.close()

    def check(self, zone: Zone, one: Record) -> None:
        self.body(zone, one)

    def add(self, zone: Zone, one: Record) -> None:
        self._wire.call("POST", self.path(zone), body=self.body(zone, one))

    def replace(self, zone: Zone, old: Record, new: Record) -> None:
        self._wire.call("PUT", f"{self.path(zone)}/{old.key}", body=self.body(zone, new))

    def remove(self, zone: Zone, old: Record) -> None:
        self._wire.delete(f"{self.path(zone)}/{old.key}")
