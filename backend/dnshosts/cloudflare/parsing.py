"""Records as Cloudflare tells and takes them: a content, or parts, by their type.

The shapes are those of its OpenAPI document (github cloudflare/api-schemas).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import record as checked
from backend.core.rest.values import whole
from backend.dnshosts.cloudflare.wire import SERVICE
from backend.dnshosts.ports import Zone
from backend.dnshosts.records import BadRecord, Record, record, text_of, text_value

#: A TTL of "automatic", and what it is served with (developers.cloudflare.com/dns/manage-dns-records/reference/ttl/).
AUTOMATIC, SERVED_S = 1, 300
PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
NAMING = frozenset({"CNAME", "NS", "PTR"})
#: The parts of a record that is told as parts, in the order of its value.
PARTS: Mapping[str, tuple[str, ...]] = {
    "SRV": ("priority", "weight", "port", "target"),
    "CAA": ("flags", "tag", "value"),
    "TLSA": ("usage", "selector", "matching_type", "certificate"),
    "SSHFP": ("algorithm", "type", "fingerprint"),
    "DS": ("key_tag", "algorithm", "digest_type", "digest"),
}
WORDS = frozenset({"tag"})  # of the parts before the last, those that are no number


def zone_of(raw: Any) -> Zone:
    found = checked(SERVICE, raw, "id", "name")
    servers = found.get("name_servers")
    names = tuple(sorted(str(each).lower() for each in servers)) if isinstance(servers, list) else ()
    return Zone(str(found["name"]).lower(), str(found["id"]), names, found.get("status") == "active")


def record_of(raw: Mapping[str, Any]) -> Record:
    """:raises BadRecord: it has no form of ours."""
    kind, ttl = str(raw.get("type", "")), whole(raw.get("ttl"))
    return record(
        str(raw.get("name", "")),
        kind,
        SERVED_S if ttl in (None, AUTOMATIC) else ttl,
        _value(kind, raw),
        key=str(raw.get("id", "")),
        is_proxied=bool(raw.get("proxied")),
    )


def body_of(one: Record) -> dict[str, Any]:
    """What the API is told of a record; its comment and its tags are not ours to say.

    :raises Refused: records of this type are not made here.
    """
    body: dict[str, Any] = {"type": one.type, "name": one.name, "ttl": AUTOMATIC if one.is_proxied else one.ttl_s}
    if one.type in PROXIABLE:
        body["proxied"] = one.is_proxied
    if one.type in PARTS:
        return {**body, "data": _parts(one)}
    if one.type == "MX":
        priority, target = one.value.split()
        return {**body, "priority": int(priority), "content": _plain(target)}
    if one.type in NAMING:
        return {**body, "content": _plain(one.value)}
    if one.type not in ("A", "AAAA", "TXT"):
        raise Refused(
            _("Mailyard makes no records of type {type} at {service}.").format(type=one.type, service=SERVICE)
        )
    return {**body, "content": one.value}


def _value(kind: str, raw: Mapping[str, Any]) -> str:
    content, data = str(raw.get("content") or ""), raw.get("data")
    if kind == "TXT":
        return _text(content)
    if kind == "MX":
        return f"{raw.get('priority')} {content}"
    if kind in PARTS and isinstance(data, Mapping) and all(part in data for part in PARTS[kind]):
        told = [str(data[part]) for part in PARTS[kind]]
        return " ".join([*told[:-1], text_value(told[-1])] if kind == "CAA" else told)
    return content


def _text(content: str) -> str:
    """Texts are told in quotes since 2024; those made before may stand without."""
    if content.startswith('"'):
        try:
            text_of(content)
        except BadRecord:
            pass
        else:
            return content
    return text_value(content.encode().decode("latin-1"))


def _parts(one: Record) -> dict[str, Any]:
    *names, last = PARTS[one.type]
    *told, rest = one.value.split(maxsplit=len(names))
    numbers = {name: value if name in WORDS else int(value) for name, value in zip(names, told, strict=True)}
    if one.type == "CAA":
        return {**numbers, last: text_of(rest)}
    return {**numbers, last: _plain(rest.replace(" ", ""))}


def _plain(name: str) -> str:
    """Without its final dot; the root is one."""
    return name.removesuffix(".") or "."
