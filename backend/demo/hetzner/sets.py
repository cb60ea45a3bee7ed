"""The record sets of the emulated zones: what they must hold, and the actions that change them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from backend.demo.emulator.machines import HELD
from backend.demo.emulator.process import Start
from backend.demo.hetzner.refusals import invalid, not_found, refusal

Record = dict[str, Any]

LEAST_TTL_S, MOST_TTL_S, MOST_AT_ONCE = 60, 2**31 - 1, 50
#: How long an action takes, in emulated seconds.
ACTION_S = 0.5
KINDS = ("A", "AAAA", "CAA", "CNAME", "DS", "HINFO", "HTTPS", "MX", "NS", "PTR", "RP", "SOA", "SRV", "SVCB", "TLSA")


class Sets:
    """Owner of the sets (kind ``rrset``, by zone and id) and of the actions (kind ``action``)."""

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._action_s = ACTION_S / start.speed

    def all(self, zone: Record) -> list[Record]:
        return [each for each in self._state.all("rrset") if each["zone"] == zone["id"]]

    def get(self, zone: Record, name: str, kind: str) -> Record:
        found = self._state.get("rrset", _key(zone, name, kind))
        if found is None:
            raise not_found("RRSet")
        return found

    def create(self, zone: Record, body: Record) -> Record:
        """:raises Refusal: there is one, or the service would not take it."""
        name, kind = str(body.get("name", "")), str(body.get("type", ""))
        if kind not in (*KINDS, "TXT") or not name or name != name.lower() or name.endswith("."):
            raise invalid("invalid name or type")
        made: Record = {
            "id": f"{name}/{kind}",
            "name": name,
            "type": kind,
            "ttl": _ttl(body.get("ttl")),
            "labels": dict(body.get("labels") or {}),
            "protection": {"change": False},
            "records": _records(kind, body, zone["name"]),
            "zone": zone["id"],
        }
        self._check_free(zone, name, kind)
        action = self._acted(zone, "create_rrset", lambda: self._put(zone, made))
        return {"action": action, "rrset": made}

    def set_records(self, zone: Record, name: str, kind: str, body: Record) -> Record:
        found = self._open(zone, name, kind)
        records = _records(kind, body, zone["name"])
        if len(records) > MOST_AT_ONCE:
            raise invalid(f"at most {MOST_AT_ONCE} records")
        return self._acted(zone, "set_rrset_records", lambda: self._put(zone, {**found, "records": records}))

    def change_ttl(self, zone: Record, name: str, kind: str, body: Record) -> Record:
        found, ttl = self._open(zone, name, kind), _ttl(body.get("ttl"))
        return self._acted(zone, "change_rrset_ttl", lambda: self._put(zone, {**found, "ttl": ttl}))

    def delete(self, zone: Record, name: str, kind: str) -> Record:
        found = self._open(zone, name, kind)
        key = _key(zone, found["name"], found["type"])
        return self._acted(zone, "delete_rrset", lambda: self._state.drop("rrset", key))

    def protect(self, zone: Record, name: str, kind: str, body: Record) -> Record:
        made = {**self.get(zone, name, kind), "protection": {"change": bool(body.get("change"))}}
        return self._acted(zone, "change_rrset_protection", lambda: self._put(zone, made))

    def action(self, key: str) -> Record:
        found = self._state.get("action", key)
        if found is None:
            raise not_found("Action")
        return _shown(found, is_running=self._is_running(found))

    def _is_running(self, action: Record) -> bool:
        """Control ``hold`` keeps all that is under way, and what comes, until ``go_on``."""
        return self._state.get("setting", HELD) is not None or time.time() < float(action["ends"])

    def _open(self, zone: Record, name: str, kind: str) -> Record:
        found = self.get(zone, name, kind)
        if found["protection"]["change"]:
            raise refusal(423, "protected", "rrset is protected from changes")
        return found

    def _check_free(self, zone: Record, name: str, kind: str) -> None:
        there = {each["type"] for each in self.all(zone) if each["name"] == name}
        if kind in there:
            raise refusal(409, "uniqueness_error", "rrset already exists")
        if there and "CNAME" in (kind, *there):
            raise invalid("CNAME must not coexist with other records")

    def _acted(self, zone: Record, command: str, act: Callable[[], None]) -> Record:
        """An action that has begun; nothing comes of one that control ``errored`` wants to fail.

        :raises Refusal: another is under way in the zone.
        """
        with self._state.change():
            if any(each["zone"] == zone["id"] and self._is_running(each) for each in self._state.all("action")):
                raise refusal(423, "locked", "zone is locked by another action")
            number = self._state.next_number("action", 1)
            fails = self._state.get("errored", command) is not None
            self._state.drop("errored", command)
            begun = time.time()
            action = {"id": number, "zone": zone["id"], "command": command, "begun": begun, "fails": fails}
            self._state.put("action", str(number), {**action, "ends": begun + self._action_s})
            if not fails:
                act()
            return self.action(str(number))

    def _put(self, zone: Record, made: Record) -> None:
        self._state.put("rrset", _key(zone, made["name"], made["type"]), made)


def _key(zone: Record, name: str, kind: str) -> str:
    return f"{zone['id']} {name}/{kind}"


def _shown(action: Record, *, is_running: bool) -> Record:
    fails = action["fails"]
    ended = "error" if fails else "success"
    return {
        "id": action["id"],
        "command": action["command"],
        "status": "running" if is_running else ended,
        "progress": 50 if is_running else 100,
        "started": _stamp(action["begun"]),
        "finished": None if is_running else _stamp(action["ends"]),
        "resources": [{"id": action["zone"], "type": "zone"}],
        "error": {"code": "action_failed", "message": "Action failed"} if fails and not is_running else None,
    }


def _ttl(told: Any) -> int | None:
    if told is not None and not (isinstance(told, int) and LEAST_TTL_S <= told <= MOST_TTL_S):
        raise invalid(f"ttl must be between {LEAST_TTL_S} and {MOST_TTL_S}")
    return told


def _records(kind: str, body: Record, zone: str) -> list[Record]:
    """:raises Refusal: no name server could serve them."""
    import dns.exception
    import dns.name
    import dns.rdata

    told = body.get("records")
    values = [str(each.get("value", "")) for each in told] if isinstance(told, list) else []
    if not values or len(set(values)) < len(values) or (kind == "CNAME" and len(values) > 1):
        raise invalid("records must not be empty and must only contain distinct values")
    for value in values:
        if kind == "TXT" and not value.startswith('"'):
            raise invalid("TXT value must be quoted")
        try:
            dns.rdata.from_text("IN", kind, value, origin=dns.name.from_text(zone))
        except (dns.exception.DNSException, ValueError) as error:
            raise invalid(f"invalid value of type {kind}") from error
    return [{"value": str(each["value"]), "comment": str(each.get("comment", ""))} for each in told or ()]


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
