"""The records of the emulated zones: single calls and batches, each all or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from backend.demo.cloudflare.contents import checked, same
from backend.demo.cloudflare.refusals import ALIAS_HELD, HOST_HELD, IDENTICAL, NO_RECORD, refusal
from backend.demo.emulator.state import State

Record = dict[str, Any]

MOST_AT_ONCE = 200
ADDRESSES = frozenset({"A", "AAAA"})
#: In this order, whatever order they are told in.
ORDER = ("deletes", "patches", "puts", "posts")


class Records:
    """Owner of the record records: kind ``record``, each with the id of its ``zone``."""

    def __init__(self, state: State, mode: str) -> None:
        self._state = state
        self._is_live = mode == "drift"

    def all(self, zone: Record) -> list[Record]:
        """As they are shown, by type, then in the order they were made."""
        own = [each["shown"] for each in self._state.all("record") if each["zone"] == zone["id"]]
        return sorted(own, key=lambda each: str(each["type"]))

    def get(self, zone: Record, key: str) -> Record:
        found = next((each for each in self.all(zone) if each["id"] == key), None)
        if found is None:
            raise refusal(404, *NO_RECORD)
        return found

    def batch(self, zone: Record, orders: Record) -> dict[str, list[Record]]:
        """:raises Refusal: one of the orders is refused; nothing was done."""
        if sum(len(orders.get(name) or ()) for name in ORDER) > MOST_AT_ONCE:
            raise refusal(400, 1004, f"A batch holds at most {MOST_AT_ONCE} changes.")
        with self._state.change():
            before = {each["id"]: each for each in self.all(zone)}
            draft = _Draft(zone["name"], dict(before), tells_null=self._is_live)
            acts: dict[str, Callable[[Record], Record]] = {
                "deletes": draft.delete,
                "patches": draft.patch,
                "puts": draft.put,
                "posts": draft.post,
            }
            results = {name: [acts[name](each) for each in orders.get(name) or ()] for name in ORDER}
            for key in before.keys() - draft.records.keys():
                self._state.drop("record", key)
            for key, each in draft.records.items():
                if before.get(key) != each:
                    self._state.put("record", key, {"zone": zone["id"], "shown": each})
        return results


class _Draft:
    """The records of a zone as they become, one order after another."""

    def __init__(self, zone: str, records: dict[str, Record], *, tells_null: bool) -> None:
        """``tells_null``: a record without comment has one that is null, which the document does not allow."""
        self._zone = zone
        self._tells_null = tells_null
        self.records = records

    def delete(self, order: Record) -> Record:
        self._known(order)
        return self.records.pop(str(order["id"]))

    def patch(self, order: Record) -> Record:
        """What is not told stays."""
        return self._kept(self._known(order), {**self._known(order), **order})

    def put(self, order: Record) -> Record:
        """What is not told becomes what it is without."""
        return self._kept(self._known(order), order)

    def post(self, order: Record) -> Record:
        now = _now()
        return self._kept({"id": uuid4().hex, "created_on": now, "meta": {}}, order)

    def _known(self, order: Record) -> Record:
        found = self.records.get(str(order.get("id")))
        if found is None:
            raise refusal(404, *NO_RECORD)
        return found

    def _kept(self, was: Record, order: Record) -> Record:
        made = checked(order, self._zone)
        self._check_beside([each for each in self.records.values() if each["id"] != was["id"]], made)
        if made["comment"] is None and not self._tells_null:
            del made["comment"]
        kept = {**{key: was[key] for key in ("id", "created_on", "meta")}, "modified_on": _now(), **made}
        self.records[was["id"]] = kept
        return kept

    def _check_beside(self, others: list[Record], made: Record) -> None:
        if any(same(each, made) for each in others):
            raise refusal(400, *IDENTICAL)
        kinds = {each["type"] for each in others if each["name"] == made["name"]}
        if "CNAME" in kinds and made["type"] in ADDRESSES | {"CNAME"}:
            raise refusal(400, *ALIAS_HELD)
        if made["type"] == "CNAME" and kinds & ADDRESSES:
            raise refusal(400, *HOST_HELD)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
