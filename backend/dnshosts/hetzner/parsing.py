"""Record sets as Hetzner tells and takes them: values as in a zone file, names within the zone.

The shapes are those of its OpenAPI document (docs.hetzner.cloud).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from backend.core.rest.values import record as checked
from backend.core.rest.values import whole
from backend.dnshosts.hetzner.wire import ROOT, SERVICE
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import BadRecord, Records, SetChange, record

APEX = "@"
USUAL_TTL_S = 3600
PRIMARY = "primary"
#: Of a zone that leads elsewhere, as the last look at its parent found it; one not looked at yet may lead here.
ELSEWHERE = frozenset({"invalid", "lame", "unregistered"})
UNPUBLISHED = "error"


@dataclass(frozen=True)
class RawSet:
    """A set as it was told: its records by what they say, each with its comment."""

    records: Records
    is_protected: bool = False
    told: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def zone_of(raw: Any) -> Zone:
    found = checked(SERVICE, raw, "id", "name")
    servers = found.get("authoritative_nameservers")
    servers = servers if isinstance(servers, dict) else {}
    names = servers.get("assigned")
    assigned = tuple(sorted(_plain(each) for each in names)) if isinstance(names, list) else ()
    is_here = servers.get("delegation_status") not in ELSEWHERE and found.get("status") != UNPUBLISHED
    return Zone(_plain(found["name"]), str(found["id"]), assigned, is_here)


def set_key_of(raw: Mapping[str, Any], zone: str) -> tuple[str, str]:
    name = str(raw.get("name") or "").lower()
    return (zone if name in ("", APEX) else f"{name}.{zone}"), str(raw.get("type") or "")


def set_of(raw: Mapping[str, Any], zone: str, usual_ttl_s: int) -> RawSet:
    """A set without a TTL has the zone's.

    :raises BadRecord: it has no form of ours.
    """
    (name, kind), ttl = set_key_of(raw, zone), whole(raw.get("ttl"))
    ttl_s = usual_ttl_s if ttl is None else ttl
    told = [each for each in raw.get("records") or () if isinstance(each, dict)]
    read = [(record(name, kind, ttl_s, _absolute(kind, str(each.get("value", "")), zone)), each) for each in told]
    return RawSet(
        tuple(one for one, _told in read),
        bool((raw.get("protection") or {}).get("change")),
        {one.content: each for one, each in read},
    )


def path_of(zone: Zone, change: SetChange) -> str:
    """Where a set lives."""
    return f"{ROOT}/zones/{zone.id}/rrsets/{quote(label_of(zone, change), safe='@*')}/{change.type}"


def label_of(zone: Zone, change: SetChange) -> str:
    """A name within the zone; the zone's own is a sign."""
    return APEX if change.name == zone.name else change.name.removesuffix(f".{zone.name}")


def body_of(change: SetChange, before: RawSet) -> dict[str, Any]:
    """All records of a set; one that stays keeps its comment, and the text of it how it is cut."""
    kept = [before.told.get(each.content, {"value": each.value}) for each in change.after]
    return {"records": [{key: each[key] for key in ("value", "comment") if each.get(key)} for each in kept]}


def _absolute(kind: str, value: str, zone: str) -> str:
    """Names without a final dot are within the zone."""
    import dns.exception
    import dns.name
    import dns.rdata

    try:
        read = dns.rdata.from_text("IN", kind, value, origin=dns.name.from_text(zone), relativize=False)
        return read.to_text()
    except (dns.exception.DNSException, ValueError) as error:
        raise BadRecord(value) from error


def _plain(name: Any) -> str:
    return str(name).lower().removesuffix(".")
