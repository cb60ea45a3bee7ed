"""Records as DigitalOcean tells and takes them: names relative to the zone, and fields for what stands before a name.

The shapes are those of its OpenAPI document; how names and texts are written, of clients that were tried against it
(github StackExchange/dnscontrol, octodns/octodns-digitalocean).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import record as checked
from backend.core.rest.values import whole
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, record, text_of, text_value
from backend.wires.digitalocean import SERVICE

APEX = "@"
USUAL_TTL_S = 1800
NAME_SERVERS = tuple(f"ns{number}.digitalocean.com" for number in (1, 2, 3))
#: What stands in a field of its own before the data, in the order of a value.
PARTS: Mapping[str, tuple[str, ...]] = {
    "A": (),
    "AAAA": (),
    "CNAME": (),
    "NS": (),
    "TXT": (),
    "MX": ("priority",),
    "SRV": ("priority", "weight", "port"),
    "CAA": ("flags", "tag"),
}
NAMING = frozenset({"CNAME", "NS", "MX", "SRV"})
WORDS = frozenset({"tag"})


def zone_of(raw: Any) -> Zone:
    """The service tells of none whether it is served."""
    name = str(checked(SERVICE, raw, "name")["name"])
    return Zone(name.lower(), name, NAME_SERVERS)


def key_of(zone: Zone, raw: Mapping[str, Any]) -> tuple[str, str]:
    """Of which set a record is."""
    name = str(raw.get("name") or APEX).lower()
    return zone.name if name == APEX else f"{name}.{zone.name}", str(raw.get("type", ""))


def record_of(zone: Zone, raw: Mapping[str, Any]) -> Record:
    """:raises BadRecord: it has no form of ours."""
    name, kind = key_of(zone, raw)
    ttl = whole(raw.get("ttl"))
    value = " ".join([*(str(raw.get(part)) for part in PARTS.get(kind, ())), _data(zone, kind, str(raw.get("data")))])
    return record(name, kind, USUAL_TTL_S if ttl is None else ttl, value, key=str(raw.get("id", "")))


def body_of(zone: Zone, one: Record) -> dict[str, Any]:
    """What the API is told of a record.

    :raises Refused: records of this type are not made here.
    """
    if one.type not in PARTS:
        raise Refused(
            _("Mailyard makes no records of type {type} at {service}.").format(type=one.type, service=SERVICE)
        )
    name = APEX if one.name == zone.name else one.name.removesuffix(f".{zone.name}")
    body: dict[str, Any] = {"type": one.type, "name": name, "ttl": one.ttl_s}
    if one.type == "TXT":
        return {**body, "data": one.content.encode("latin-1").decode()}
    parts = PARTS[one.type]
    *told, data = one.value.split(maxsplit=len(parts))
    fields = {part: each if part in WORDS else int(each) for part, each in zip(parts, told, strict=True)}
    # The name of an authority is taken with a final dot alone, and told without (dnscontrol).
    return {**body, **fields, "data": f"{text_of(data).removesuffix('.')}." if one.type == "CAA" else data}


def _data(zone: Zone, kind: str, data: str) -> str:
    if kind == "TXT":
        return text_value(data.encode().decode("latin-1"))
    if kind == "CAA":
        return text_value(data.removesuffix("."))
    if kind in NAMING:
        return f"{zone.name if data == APEX else data.removesuffix('.')}."
    return data
