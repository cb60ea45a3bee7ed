"""What a record must hold, by its type, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.demo.cloudflare.refusals import TTL, refusal, validation

Record = dict[str, Any]

LEAST_TTL_S, MOST_TTL_S, AUTOMATIC = 60, 86_400, 1
LONGEST_TEXT = 2048
PROXIABLE = frozenset({"A", "AAAA", "CNAME"})
PLAIN = ("A", "AAAA", "CNAME", "NS", "PTR", "MX", "TXT")
#: The parts of a record that is told as parts, in the order of its text.
PARTS: Mapping[str, tuple[str, ...]] = {
    "SRV": ("priority", "weight", "port", "target"),
    "CAA": ("flags", "tag", "value"),
    "TLSA": ("usage", "selector", "matching_type", "certificate"),
    "SSHFP": ("algorithm", "type", "fingerprint"),
    "DS": ("key_tag", "algorithm", "digest_type", "digest"),
}
WRONG = {"A": (9005, "Content for A record must be a valid IPv4 address."), "MX": (9009, "MX content is invalid.")}


def checked(body: Record, zone: str) -> Record:
    """The fields of a record that are told by whoever makes it, each with its value or what it is without.

    :raises Refusal: the service would not take it.
    """
    kind, ttl = str(body.get("type", "")), body.get("ttl", AUTOMATIC)
    if kind not in PLAIN and kind not in PARTS:
        raise validation(9004, "DNS record type is invalid.")
    if ttl != AUTOMATIC and not LEAST_TTL_S <= ttl <= MOST_TTL_S:
        raise validation(*TTL)
    is_proxied = bool(body.get("proxied", False))
    if is_proxied and kind not in PROXIABLE:
        raise refusal(400, 9004, "This record type cannot be proxied.")
    made: Record = {
        "name": _absolute(str(body.get("name", "")), zone),
        "type": kind,
        **(_of_parts(kind, body) if kind in PARTS else _of_content(kind, body)),
        "proxiable": kind in PROXIABLE,
        "proxied": is_proxied,
        "ttl": AUTOMATIC if is_proxied else ttl,
        "comment": body.get("comment"),
        "tags": list(body.get("tags") or []),
    }
    _check(made)
    return made


def same(one: Record, other: Record) -> bool:
    """Whether two records are identical to the service."""
    return all(one.get(key) == other.get(key) for key in ("name", "type", "content", "priority"))


def _absolute(name: str, zone: str) -> str:
    plain = name.lower().removesuffix(".")
    if plain in ("", "@"):
        return zone
    return plain if plain == zone or plain.endswith(f".{zone}") else f"{plain}.{zone}"


def _of_content(kind: str, body: Record) -> Record:
    content = body.get("content")
    if not isinstance(content, str) or content in ("", '""'):
        raise validation(9000, "Content is required.")
    if kind != "MX":
        return {"content": content if kind == "TXT" else content.removesuffix(".") or "."}
    if not isinstance(body.get("priority"), int):
        raise validation(9100, "MX records must have a priority.")
    return {"content": content.removesuffix(".") or ".", "priority": body["priority"]}


def _of_parts(kind: str, body: Record) -> Record:
    data = body.get("data")
    if not isinstance(data, dict) or any(part not in data for part in PARTS[kind]):
        raise validation(9101, f"Data of {kind} records must have {', '.join(PARTS[kind])}.")
    told = [str(data[part]) for part in PARTS[kind]]
    if kind == "CAA":
        told[2] = f'"{told[2]}"'
    made: Record = {"data": {part: data[part] for part in PARTS[kind]}}
    if kind == "SRV":
        return {**made, "priority": data["priority"], "content": " ".join(told[1:])}
    return {**made, "content": " ".join(told)}


def _check(made: Record) -> None:
    """:raises Refusal: no name server could serve it."""
    import dns.exception
    import dns.name
    import dns.rdata

    kind, content = made["type"], made["content"]
    if kind == "TXT" and not content.startswith('"'):
        return
    value = f"{made['priority']} {content}" if "priority" in made else content
    try:
        read = dns.rdata.from_text("IN", kind, value, origin=dns.name.root)
    except (dns.exception.DNSException, ValueError) as error:
        raise validation(*WRONG.get(kind, (9000, f"Content for {kind} record is invalid."))) from error
    if sum(map(len, getattr(read, "strings", ()))) > LONGEST_TEXT:
        raise validation(9102, f"TXT content exceeds {LONGEST_TEXT} octets.")
