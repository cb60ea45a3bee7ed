"""Records as Vultr tells and takes them: names within the zone, targets without a final dot, the priority beside.

The fields are those of its OpenAPI document; what their text looks like is what github StackExchange/dnscontrol,
providers/vultr, found out at the live service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import record as checked
from backend.core.rest.values import whole
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, record, text_value
from backend.wires.vultr import SERVICE

#: The API tells no servers of a zone; these serve all of them (docs.vultr.com, introduction to Vultr DNS).
SERVERS = ("ns1.vultr.com", "ns2.vultr.com")
USUAL_TTL_S = 300  # of a record that is told without
TAKEN = frozenset({"A", "AAAA", "CNAME", "NS", "MX", "SRV", "TXT", "CAA", "SSHFP"})
NAMING = frozenset({"CNAME", "NS", "MX", "SRV"})
WITH_PRIORITY = frozenset({"MX", "SRV"})


def zone_of(raw: Any) -> Zone:
    """It tells of no state in which a zone is not served."""
    name = str(checked(SERVICE, raw, "domain")["domain"]).lower()
    return Zone(name, name, SERVERS)


def key_of(zone: Zone, raw: Mapping[str, Any]) -> tuple[str, str]:
    """Of which set it is. Its document tells names of a list whole, its answers tell them within the zone."""
    name = str(raw.get("name") or "").lower().removesuffix(".")
    is_whole = name == zone.name or name.endswith(f".{zone.name}")
    whole_name = name if is_whole else f"{name}.{zone.name}"
    return (zone.name if name in ("", "@") else whole_name), str(raw.get("type") or "")


def record_of(zone: Zone, raw: Mapping[str, Any]) -> Record:
    """:raises BadRecord: it has no form of ours."""
    name, kind = key_of(zone, raw)
    ttl = whole(raw.get("ttl"))
    return record(name, kind, USUAL_TTL_S if ttl is None else ttl, _value(kind, raw), key=str(raw.get("id", "")))


def body_of(zone: Zone, one: Record) -> dict[str, Any]:
    """What the API is told of a record.

    :raises Refused: records of this type are not made here.
    """
    if one.type not in TAKEN:
        raise Refused(
            _("Mailyard makes no records of type {type} at {service}.").format(type=one.type, service=SERVICE)
        )
    name = "" if one.name == zone.name else one.name.removesuffix(f".{zone.name}")
    body: dict[str, Any] = {"name": name, "type": one.type, "ttl": one.ttl_s}
    if one.type == "TXT":
        return {**body, "data": f'"{one.content.encode("latin-1").decode()}"'}
    if one.type in WITH_PRIORITY:
        priority, rest = one.value.split(maxsplit=1)
        return {**body, "priority": int(priority), "data": _plain(rest)}
    return {**body, "data": _plain(one.value) if one.type in NAMING else one.value}


def _value(kind: str, raw: Mapping[str, Any]) -> str:
    data = str(raw.get("data") or "")
    if kind == "TXT":
        inside = data[1:-1] if len(data) > 1 and data[0] == data[-1] == '"' else data
        return text_value(inside.encode().decode("latin-1"))
    return f"{raw.get('priority') or 0} {data}" if kind in WITH_PRIORITY else data


def _plain(value: str) -> str:
    """Without the final dot of its name; the root is one."""
    return value if value.endswith(" .") or value == "." else value.removesuffix(".")
