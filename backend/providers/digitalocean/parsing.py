"""DigitalOcean's answers as our rows: unknown fields are read past, unknown words become *unknown*."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any

from backend.core.rest.values import count, finite, micro, moment, record, share, sized
from backend.providers.network import Allowed, Firewall, Protocols, ReservedAddress
from backend.providers.ports import (
    ActionState,
    Charges,
    Image,
    Invoice,
    Machine,
    MachineState,
    Plan,
    Power,
    Region,
    Snapshot,
)
from backend.wires.digitalocean import SERVICE

CURRENCY = "USD"
#: Free while it is at a droplet, and not at none, as
#: https://docs.digitalocean.com/products/networking/reserved-ips/how-to/modify/ (2025-06-17) says; how much it is then
#: stands on a page that could not be had, and the API does not tell.
AT_DROPLET_MICRO, AT_NONE_MICRO = 0, None
#: How ports are written that a rule is about: every port there is, and none (icmp has none).
ALL_PORTS, NO_PORTS = "1-65535", "0"
PROTOCOLS: dict[str, Protocols] = {"tcp": "tcp", "udp": "udp", "icmp": "icmp"}
STATES: dict[str, tuple[MachineState, Power]] = {
    "new": ("creating", "unknown"),
    "active": ("active", "on"),
    "off": ("off", "off"),
    "archive": ("gone", "off"),
}


def machine(raw: Any) -> Machine:
    """:raises BadResponse: it has no id or name: not a droplet."""
    droplet = record(SERVICE, raw, "id", "name")
    state, power = STATES.get(str(droplet.get("status")), ("unknown", "unknown"))
    size = droplet.get("size") or {}
    networks = droplet.get("networks") or {}
    return Machine(
        id=str(droplet["id"]),
        name=str(droplet["name"]),
        region=str((droplet.get("region") or {}).get("slug") or ""),
        plan=str(droplet.get("size_slug") or size.get("slug") or ""),
        state=state,
        power=power,
        ipv4=_addresses(networks.get("v4")),
        ipv6=_addresses(networks.get("v6")),
        tags=tuple(str(tag) for tag in droplet.get("tags") or ()),
        vcpus=sized(droplet.get("vcpus")),
        memory_mb=sized(droplet.get("memory")),
        disk_gb=sized(droplet.get("disk")),
        image=_image_name(droplet.get("image") or {}),
        hourly_micro=micro(size.get("price_hourly")),
        monthly_micro=micro(size.get("price_monthly")),
        currency=CURRENCY,
        created_at=moment(droplet.get("created_at")),
    )


def region(raw: Any) -> Region:
    found = record(SERVICE, raw, "slug")
    return Region(str(found["slug"]), str(found.get("name") or found["slug"]), bool(found.get("available")))


def plan(raw: Any) -> Plan:
    found = record(SERVICE, raw, "slug")
    return Plan(
        slug=str(found["slug"]),
        name=str(found.get("description") or found["slug"]),
        vcpus=sized(found.get("vcpus")),
        memory_mb=sized(found.get("memory")),
        disk_gb=sized(found.get("disk")),
        transfer_gb=_gb(found.get("transfer")),
        hourly_micro=micro(found.get("price_hourly")),
        monthly_micro=micro(found.get("price_monthly")),
        currency=CURRENCY,
        regions=tuple(str(slug) for slug in found.get("regions") or ()),
        available=bool(found.get("available")),
    )


def image(raw: Any) -> Image:
    found = record(SERVICE, raw, "id")
    return Image(
        slug=str(found.get("slug") or found["id"]),
        name=str(found.get("name") or ""),
        distribution=str(found.get("distribution") or ""),
        regions=tuple(str(slug) for slug in found.get("regions") or ()),
        minimum_disk_gb=sized(found.get("min_disk_size")),
    )


def action(raw: Any) -> ActionState:
    found = record(SERVICE, raw, "id")
    status = str(found.get("status"))
    if status == "completed":
        return ActionState(str(found["id"]), "done")
    if status == "errored":
        return ActionState(str(found["id"]), "failed", str(found.get("type") or ""))
    return ActionState(str(found["id"]), "running")


def snapshot(raw: Any) -> Snapshot:
    found = record(SERVICE, raw, "id", "name")
    return Snapshot(
        id=str(found["id"]),
        name=str(found["name"]),
        machine_id=str(found["resource_id"]) if found.get("resource_id") else None,
        size_gb=share(found.get("size_gigabytes")),
        is_ready=True,  # the list holds finished ones only
        created_at=moment(found.get("created_at")),
    )


def charges(raw: dict[str, Any]) -> Charges:
    """Amounts come as text."""
    return Charges(micro(raw.get("account_balance")), micro(raw.get("month_to_date_usage")), CURRENCY, "balance")


def reserved(raw: Any) -> ReservedAddress:
    """:raises BadResponse: it has no address."""
    found = record(SERVICE, raw, "ip")
    droplet = found.get("droplet")
    holder = str(droplet["id"]) if isinstance(droplet, dict) and droplet.get("id") else None
    return ReservedAddress(
        id=str(found["ip"]),
        ip=str(found["ip"]),
        region=str((found.get("region") or {}).get("slug") or ""),
        name="",
        machine_id=holder,
        monthly_micro=AT_NONE_MICRO if holder is None else AT_DROPLET_MICRO,
        currency=CURRENCY,
    )


def firewall(raw: Any) -> Firewall:
    """:raises BadResponse: it has no id or name."""
    found = record(SERVICE, raw, "id", "name")
    return Firewall(
        id=str(found["id"]),
        name=str(found["name"]),
        allowed=tuple(_allowed(found.get("inbound_rules"))),
        machine_ids=tuple(str(number) for number in found.get("droplet_ids") or ()),
    )


def openings(raw: dict[str, Any]) -> set[tuple[str, ...]]:
    """All that a firewall's rules let through, piece by piece, however they are put together.

    What we have no words for (tags, load balancers) counts too: a firewall that lets it in is another one.
    """
    return {
        (side, str(rule.get("protocol")), _ports(rule), str(kind), _network(place))
        for side, ends in (("inbound_rules", "sources"), ("outbound_rules", "destinations"))
        for rule in _records(raw.get(side))
        for kind, places in (rule.get(ends) or {}).items()
        for place in places or ()
    }


def invoice(raw: Any) -> Invoice:
    """An entry of the billing history. The list of invoices tells the month that one is for, not its day; a day that
    it is due is not told at all (OpenAPI document of 2026-08-07).
    """
    found = record(SERVICE, raw)
    issued = moment(found.get("date"))
    return Invoice(
        number=str(found.get("invoice_id") or found.get("invoice_uuid") or ""),
        due=None,
        total_micro=micro(found.get("amount")),
        currency=CURRENCY,
        issued=issued.date() if issued else None,
    )


def _allowed(rules: Any) -> Iterator[Allowed]:
    """Rules that name no networks are read past: :func:`openings` has them."""
    for rule in _records(rules):
        protocol = PROTOCOLS.get(str(rule.get("protocol")))
        sources = tuple(_network(each) for each in (rule.get("sources") or {}).get("addresses") or ())
        if protocol and sources:
            yield Allowed(protocol, _ports(rule), sources)


def _ports(rule: dict[str, Any]) -> str:
    """Empty for icmp."""
    if rule.get("protocol") == "icmp":
        return ""
    ports = str(rule.get("ports") or NO_PORTS)
    return ALL_PORTS if ports in (NO_PORTS, "all") else ports


def _network(written: Any) -> str:
    """As everybody writes it, whatever it was written as; what is no network stays as it is."""
    try:
        return str(ip_network(str(written), strict=False))
    except ValueError:
        return str(written)


def _gb(terabytes: Any) -> int | None:
    """Half a terabyte is a whole number of gigabytes."""
    read = finite(terabytes)
    return None if read is None else count(read * 1000)


def _records(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _addresses(networks: Iterable[Any] | None) -> tuple[str, ...]:
    """In the order they are listed: a droplet's own comes before the reserved one it has.

    https://github.com/digitalocean/godo/issues/343 (2020-07-01).
    """
    return tuple(
        str(each["ip_address"])
        for each in networks or ()
        if isinstance(each, dict) and each.get("type") == "public" and each.get("ip_address")
    )


def _image_name(raw: dict[str, Any]) -> str:
    return str(raw.get("slug") or raw.get("name") or "")
