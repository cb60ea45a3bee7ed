"""Hetzner: whole sets, each changed by an action that is waited for; records and TTL are two orders."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import whole
from backend.dnshosts.hetzner.parsing import (
    PRIMARY,
    USUAL_TTL_S,
    RawSet,
    body_of,
    label_of,
    path_of,
    set_key_of,
    set_of,
    zone_of,
)
from backend.dnshosts.hetzner.wire import ROOT, SERVICE, HetznerWire
from backend.dnshosts.look import Look, SetKey, no_zone, only_a_copy, overtaken
from backend.dnshosts.ports import HostLimits, Zone
from backend.dnshosts.records import MADE_BY_THE_SERVER, BadRecord, Record, SetChange, by_set

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

ZONES = f"{ROOT}/zones"
ZONES_PAGE, SETS_PAGE = 50, 100


class Hetzner:
    """A :class:`backend.dnshosts.ports.DnsHost` over one token of a project."""

    kind = "hetzner"
    limits = HostLimits(least_ttl_s=60)

    def __init__(
        self,
        token: Secret,
        *,
        endpoint_url: str | None = None,
        throttle: Throttle | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """``pause`` waits so many seconds between two looks at an action."""
        self._wire = HetznerWire(token, endpoint_url=endpoint_url, throttle=throttle, pause=pause)

    def verify(self) -> str:
        """A token tells nothing of its project: the name of the first zone, or the service's where there is none."""
        return next((each.name for each in self.zones()), SERVICE)

    def zones(self) -> Sequence[Zone]:
        return tuple(zone_of(each) for each in self._wire.pages(ZONES, "zones", size=ZONES_PAGE))

    def zone(self, name: str) -> Zone:
        for each in self._wire.pages(ZONES, "zones", size=ZONES_PAGE, params={"name": name}):
            if (found := zone_of(each)).name == name:
                return found
        raise no_zone(SERVICE, name)

    def records(self, zone: Zone) -> Sequence[Record]:
        return self._look(zone)[0].records

    def change(self, zone: Zone, changes: Sequence[SetChange]) -> None:
        for one in (one for each in changes for one in each.added):
            self.limits.check(one, SERVICE)
        _check_ttls(changes)
        found, sets = self._look(zone)
        left = found.left(zone, changes, SERVICE)
        _check_protection(left, sets)
        for each in sorted(left, key=lambda one: (one.name, bool(one.after))):  # an alias comes as an address goes
            with overtaken(zone, changes, lambda: self._look(zone)[0]):
                self._make(zone, each, sets.get((each.name, each.type), RawSet(())))

    def close(self) -> None:
        self._wire.close()

    def _make(self, zone: Zone, change: SetChange, before: RawSet) -> None:
        path, body = path_of(zone, change), body_of(change, before)
        if not change.after:
            self._wire.order("DELETE", path)
            return
        ttl = change.after[0].ttl_s
        if not change.before:
            head = {"name": label_of(zone, change), "type": change.type, "ttl": ttl}
            self._wire.order("POST", f"{ZONES}/{zone.id}/rrsets", {**head, **body})
            return
        if {each.ttl_s for each in change.before} != {ttl}:
            self._wire.order("POST", f"{path}/actions/change_ttl", {"ttl": ttl})
        if {each.content for each in change.before} != {each.content for each in change.after}:
            self._wire.order("POST", f"{path}/actions/set_records", body)

    def _look(self, zone: Zone) -> tuple[Look, Mapping[SetKey, RawSet]]:
        """:raises Refused: the zone's records are another server's."""
        told = self._wire.one(self._wire.call("GET", f"{ZONES}/{zone.id}"), "zone")
        if told.get("mode", PRIMARY) != PRIMARY:
            raise only_a_copy(SERVICE, zone.name)
        usual_ttl_s = whole(told.get("ttl")) or USUAL_TTL_S
        sets: dict[SetKey, RawSet] = {}
        strange: set[SetKey] = set()
        for raw in self._wire.pages(f"{ZONES}/{zone.id}/rrsets", "rrsets", size=SETS_PAGE):
            key = set_key_of(raw, zone.name)
            try:
                sets[key] = set_of(raw, zone.name, usual_ttl_s)
            except BadRecord:
                strange.add(key)
        ours = [each for key, each in sets.items() if key[1] not in MADE_BY_THE_SERVER]
        read = by_set(one for each in ours for one in each.records)
        return Look(read, frozenset(strange), is_stepwise=True), sets


def _check_ttls(changes: Sequence[SetChange]) -> None:
    """:raises Refused: values of one set would have several TTLs."""
    if any(len({one.ttl_s for one in each.after}) > 1 for each in changes):
        raise Refused(_("{service} has one TTL for all values of a record.").format(service=SERVICE))


def _check_protection(changes: Sequence[SetChange], sets: Mapping[SetKey, RawSet]) -> None:
    """:raises Refused: a set is protected from changes; nothing was sent."""
    held = [each for each in changes if sets.get((each.name, each.type), RawSet(())).is_protected]
    if held:
        raise Refused(
            _("These records are protected from changes at {service}.").format(service=SERVICE),
            remedy=_("Lift the protection at {service}, then try again.").format(service=SERVICE),
            detail=", ".join(f"{each.name} {each.type}" for each in held),
        )
