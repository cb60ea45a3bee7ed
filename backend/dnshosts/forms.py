"""A record as a person types it into the form of a DNS host, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.dnshosts.panels import Panel, needs_quotes, usual_labels
from backend.dnshosts.records import Record, text_value


@dataclass(frozen=True)
class Typed:
    """One field: which it is ("host"), what the form calls it, and what is typed into it, which may be nothing."""

    key: str
    label: str
    text: str


def typed(panel: Panel, zone: str, record: Record) -> tuple[Typed, ...]:
    """All fields of the form in the order that forms have them."""
    labels = {**usual_labels(), **panel.fields}
    return tuple(Typed(key, labels[key], text) for key, text in _fields(panel, zone, record))


def typed_name(panel: Panel, zone: str, name: str) -> str:
    """What is typed for a name of the zone; empty where the field stays empty."""
    if not panel.appends_zone:
        return name
    return panel.apex if name == zone else name.removesuffix(f".{zone}")


def _fields(panel: Panel, zone: str, record: Record) -> Iterator[tuple[str, str]]:
    yield "type", record.type
    service, protocol, *rest = (*record.name.split("."), "", "")
    if record.type == "SRV" and panel.srv == "service" and service.startswith("_") and protocol.startswith("_"):
        yield "service", service
        yield "protocol", protocol
        yield "host", typed_name(panel, zone, ".".join(filter(None, rest)))
    else:
        yield "host", typed_name(panel, zone, record.name)
    yield from _value(panel, record)
    if panel.has_ttl:
        yield "ttl", str(panel.ttl_s(record.ttl_s))


def _value(panel: Panel, record: Record) -> Iterator[tuple[str, str]]:
    match record.type:
        case "TXT":
            yield "value", text_value(record.content) if needs_quotes(panel, record.content) else record.content
        case "MX":
            yield from _exchanger(panel, record.value)
        case "SRV":
            yield from _service(panel, record.value)
        case "CAA" if panel.caa == "parts":
            flags, tag, value = record.value.split(maxsplit=2)
            yield from (("flags", flags), ("tag", tag), ("value", value.strip('"')))
        case "CNAME":
            yield "target", _target(panel, record.value)
        case _:
            yield "value", record.value


def _exchanger(panel: Panel, value: str) -> Iterator[tuple[str, str]]:
    priority, server = value.split()
    if panel.mx == "one":
        yield "value", f"{priority} {_target(panel, server)}"
        return
    yield "mail_server", _target(panel, server)
    yield "priority", priority


def _service(panel: Panel, value: str) -> Iterator[tuple[str, str]]:
    priority, weight, port, server = value.split()
    target = _target(panel, server)
    if panel.srv == "one":
        yield "value", f"{priority} {weight} {port} {target}"
    elif panel.srv == "rest":
        yield from (("priority", priority), ("value", f"{weight} {port} {target}"))
    else:
        yield from (("priority", priority), ("weight", weight), ("port", port), ("target", target))


def _target(panel: Panel, name: str) -> str:
    """With its final dot where the form would add the zone's name without it."""
    return name if panel.target_dot or name == "." else name.removesuffix(".")
