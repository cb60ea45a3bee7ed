"""Records as Linode tells and takes them: names relative to the domain, service and protocol in fields of their own.

The shapes are those of its OpenAPI document; what it does not say is of clients that were tried against the service
(github StackExchange/dnscontrol, providers/linode), or marked as assumed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import record as checked
from backend.core.rest.values import whole
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import Record, record, text_of, text_value
from backend.wires.linode import SERVICE

#: No answer names them.
NAME_SERVERS = tuple(f"ns{number}.linode.com" for number in range(1, 6))
#: Of a domain that says none (github linode/linode-api-docs pull request 104).
USUAL_TTL_S = 86_400
#: Others are rounded up. 30 and 120 are not in the document (github linode/linode-api-docs pull request 927).
TTLS_S = (30, 120, 300, 3600, 7200, 14400, 28800, 57600, 86400, 172800, 345600, 604800, 1209600, 2419200)
MOST_PRIORITY = 255
NAMING = frozenset({"CNAME", "NS", "MX", "SRV"})
WRITTEN = frozenset({"A", "AAAA", "TXT", "CAA"}) | NAMING
#: Where a service stands: below the domain itself (assumed: no source tells of another place), by these protocols
#: (github linode/linode_api4-python issue 171).
SERVED = re.compile(r"_([^.]+)\._(tcp|udp)\Z")


def zone_of(raw: Any) -> Zone:
    found = checked(SERVICE, raw, "id", "domain")
    return Zone(str(found["domain"]).lower(), str(found["id"]), NAME_SERVERS, found.get("status") == "active")


def key_of(zone: Zone, raw: Mapping[str, Any]) -> tuple[str, str]:
    """Of which set a record is."""
    name = str(raw.get("name") or "").lower()
    return f"{name}.{zone.name}" if name else zone.name, str(raw.get("type", ""))


def record_of(zone: Zone, usual_ttl_s: int, raw: Mapping[str, Any]) -> Record:
    """``usual_ttl_s`` is what a TTL of 0 is served with.

    :raises BadRecord: it has no form of ours.
    """
    name, kind = key_of(zone, raw)
    return record(name, kind, whole(raw.get("ttl_sec")) or usual_ttl_s, _value(kind, raw), key=str(raw.get("id", "")))


def body_of(zone: Zone, one: Record) -> dict[str, Any]:
    """What the API is told of a record, but for its type, which never changes.

    :raises Refused: the service has no form for it.
    """
    name = "" if one.name == zone.name else one.name.removesuffix(f".{zone.name}")
    body: dict[str, Any] = {"ttl_sec": one.ttl_s, **({"name": name} if name else {})}
    if one.type not in WRITTEN:
        raise Refused(
            _("Mailyard makes no records of type {type} at {service}.").format(type=one.type, service=SERVICE)
        )
    if one.type == "TXT":
        return {**body, "target": one.content.encode("latin-1").decode()}
    *told, target = one.value.split(maxsplit=2 if one.type == "CAA" else -1)
    if one.type == "CAA":
        return {**body, "tag": told[1], "target": text_of(target)}
    body["target"] = target.removesuffix(".")
    if one.type == "SRV":
        found = SERVED.match(name)
        if found is None:
            raise _not_taken(_("a service at the name {name}").format(name=one.name))
        del body["name"]
        body |= {"service": found[1], "protocol": found[2], "weight": int(told[1]), "port": int(told[2])}
    return {**body, "priority": int(told[0])} if told else body


def check(one: Record) -> None:
    """:raises Refused: the service would round it, or has no field for it."""
    if one.ttl_s not in TTLS_S:
        choices = ", ".join(map(str, TTLS_S))
        raise _not_taken(_("a TTL of {n} s (only {choices} s)").format(n=one.ttl_s, choices=choices))
    if one.type in ("MX", "SRV") and int(one.value.split()[0]) > MOST_PRIORITY:
        raise _not_taken(_("a priority of more than {n}").format(n=MOST_PRIORITY))
    if one.type == "SRV" and one.value.endswith(" ."):
        raise _not_taken(_("a service that is not offered"))  # assumed: no source tells of one
    if one.type == "CAA" and not one.value.startswith("0 "):
        raise _not_taken(_("a CAA record with flags"))


def _value(kind: str, raw: Mapping[str, Any]) -> str:
    target = str(raw.get("target") or "")
    if kind == "TXT":
        return text_value(target.encode().decode("latin-1"))
    if kind == "CAA":
        return f"0 {raw.get('tag')} {text_value(target)}"
    if kind not in NAMING:
        return target
    parts = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}.get(kind, ())
    return " ".join([*(str(raw.get(part)) for part in parts), f"{target.removesuffix('.')}."])


def _not_taken(what: str) -> Refused:
    return Refused(_("{service} does not take {what}.").format(service=SERVICE, what=what))
