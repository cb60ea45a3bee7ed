"""Vultr's answers as our rows: unknown fields are read past, unknown words become *unknown*; so are passwords."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any

from backend.core.prices import RegionalPrice
from backend.core.rest.values import count, micro, moment, month_of, record, share, sized, words
from backend.providers.network import ReservedAddress
from backend.providers.ports import (
    Charges,
    Image,
    Invoice,
    Machine,
    MachineState,
    Plan,
    Power,
    Region,
    Snapshot,
    Usage,
)
from backend.wires.vultr import SERVICE

CURRENCY = "USD"
NOT_YET = ("0.0.0.0", "::", "")  # noqa: S104 - what stands in for an address until there is one
POWER: dict[str, Power] = {"running": "on", "stopped": "off"}
STATES: dict[Power, MachineState] = {"on": "active", "off": "off"}
INSTALLING = ("none", "installingbooting")
PLAN_TYPES = {
    "vc2": "Cloud Compute",
    "vdc": "Dedicated Cloud",
    "vhf": "High Frequency Compute",
    "vhp": "High Performance",
    "voc": "Optimized Cloud Compute",
    "vcg": "Cloud GPU",
}
#: Entries of the list of systems that stand for something else to start from.
NO_SYSTEMS = ("iso", "snapshot", "backup", "application")
#: What a reserved IPv4 address costs a month, at a server or at none, in micro-units; of networks nothing is said
#: (https://docs.vultr.com/support/products/network/are-reserved-ips-free, as quoted in 2026).
RESERVED_MICRO = 3_000_000
#: What an account must be granted to make servers and keys.
WRITING = frozenset({"subscriptions", "provisioning"})


def machine(raw: Any) -> Machine:
    """:raises BadResponse: it has no id: not an instance."""
    instance = record(SERVICE, raw, "id")
    state, power = _state(instance)
    return Machine(
        id=str(instance["id"]),
        name=str(instance.get("label") or instance.get("hostname") or instance["id"]),
        region=str(instance.get("region") or ""),
        plan=str(instance.get("plan") or ""),
        state=state,
        power=power,
        ipv4=_addresses([instance.get("main_ip")]),
        ipv6=_addresses([instance.get("v6_main_ip"), *_networks(instance.get("v6_networks"))]),
        tags=words(instance.get("tags")),
        vcpus=sized(instance.get("vcpu_count")),
        memory_mb=sized(instance.get("ram")),
        disk_gb=sized(instance.get("disk")),
        image=str(instance.get("os_id") or ""),
        currency=CURRENCY,
        created_at=moment(instance.get("date_created")),
    )


def has_come_true(raw: Mapping[str, Any], kind: str, about: str) -> bool:
    """Whether what an action was to bring about (``power`` or ``plan`` as ``about`` says, or ``restore``) is so now."""
    if kind == "power" and about == "stopped":
        return raw.get("power_status") == about
    if raw.get("status") != "active" or is_locked(raw) or raw.get("server_status") in INSTALLING:
        return False
    wanted = {"power": raw.get("power_status") == about, "plan": raw.get("plan") == about, "restore": True}
    return wanted[kind]


def is_locked(raw: Mapping[str, Any]) -> bool:
    """Whether Vultr is doing something with the server beside which nothing else may be done."""
    return raw.get("server_status") == "locked"


def region(raw: Any, open_regions: frozenset[str]) -> Region:
    """``open_regions`` are those where a plan is on offer: the list of regions says nothing about that."""
    found = record(SERVICE, raw, "id")
    slug = str(found["id"])
    name = ", ".join(str(found[key]) for key in ("city", "country") if found.get(key))
    return Region(slug, name or slug, slug in open_regions)


def plan(raw: Any) -> Plan:
    found = record(SERVICE, raw, "id")
    regions = words(found.get("locations"))
    return Plan(
        slug=str(found["id"]),
        name=str(found.get("name") or PLAN_TYPES.get(str(found.get("type"))) or found["id"]),
        vcpus=sized(found.get("vcpu_count")),
        memory_mb=sized(found.get("ram")),
        disk_gb=sized(found.get("disk")),
        transfer_gb=count(found.get("bandwidth")),
        hourly_micro=micro(found.get("hourly_cost")),
        monthly_micro=micro(found.get("monthly_cost")),
        currency=CURRENCY,
        regions=regions,
        available=found.get("deploy_ondemand") is not False and bool(regions),
        overrides=_overrides(found.get("location_cost")),
    )


def images(raws: Iterable[Any]) -> tuple[Image, ...]:
    """Systems to install; every region has them all."""
    found = [record(SERVICE, raw, "id") for raw in raws]
    return tuple(
        Image(str(raw["id"]), str(raw.get("name") or raw["id"]), str(raw.get("family") or ""), (), 0)
        for raw in found
        if raw.get("family") not in NO_SYSTEMS
    )


def snapshots(raws: Iterable[Any]) -> list[Snapshot]:
    """Those that are there or being made; whose they are Vultr does not say."""
    found = [record(SERVICE, raw, "id") for raw in raws]
    return [_snapshot(raw) for raw in found if raw.get("status") != "deleted"]


def reverse_names(ipv4s: Iterable[Any], ipv6s: Sequence[str], named: Iterable[Any]) -> dict[str, str | None]:
    """The names of public addresses; of IPv6 addresses only those with a name are ``named``."""
    public = (each for each in ipv4s if each.get("type") != "private" and each.get("ip"))
    names: dict[str, str | None] = {str(each["ip"]): each.get("reverse") or None for each in public}
    names |= dict.fromkeys(ipv6s)
    for each in named:
        names |= {ip: each.get("reverse") or None for ip in _addresses([each.get("ip")])}
    return names


def charges(account: Mapping[str, Any]) -> Charges:
    """A balance below 0 is credit, as with us."""
    return Charges(micro(account.get("balance")), micro(account.get("pending_charges")), CURRENCY, "account")


def usage(answer: Any, now: datetime) -> Usage:
    """The days of this month (in UTC), added up. Only what is sent counts, and all servers draw on one pool of the
    account (https://docs.vultr.com/support/platform/billing/how-is-bandwidth-usage-calculated and
    how-are-bandwidth-caps-calculated, 2025-09-15), so that no server has a share of its own.
    """
    received, sent = (_sum(answer, way, f"{now:%Y-%m}-") for way in ("incoming_bytes", "outgoing_bytes"))
    since = month_of(now)
    return Usage(since, received, sent, counted_bytes=sent, included_bytes=None, source="bandwidth")


def invoices(raws: Iterable[Any]) -> list[Invoice]:
    """Newest first, whatever order they came in."""
    found = [_invoice(record(SERVICE, raw, "id")) for raw in raws]
    return sorted(found, key=lambda each: (each.issued or date.min, each.number), reverse=True)


def reserved(raw: Any) -> ReservedAddress:
    """:raises BadResponse: it has no id or no address: nothing that can be held."""
    found = record(SERVICE, raw, "id", "subnet")
    return ReservedAddress(
        id=str(found["id"]),
        ip=next(iter(_addresses([found["subnet"]])), str(found["subnet"])),
        region=str(found.get("region") or ""),
        name=str(found.get("label") or ""),
        machine_id=str(found.get("instance_id") or "") or None,
        monthly_micro=RESERVED_MICRO if found.get("ip_type") == "v4" else None,
        currency=CURRENCY,
    )


def _sum(answer: Any, way: str, month: str) -> int | None:
    """Of the days of a month; None where one cannot be read: what is not known is not nothing."""
    told = answer.get("bandwidth") if isinstance(answer, dict) else None
    if told == []:  # what an empty map is to PHP
        return 0
    if not isinstance(told, dict):
        return None
    days = [day for name, day in told.items() if str(name).startswith(month)]
    parts = [count(day.get(way)) if isinstance(day, dict) else None for day in days]
    known = [part for part in parts if part is not None]
    return count(sum(known)) if len(known) == len(parts) else None


def _invoice(raw: Mapping[str, Any]) -> Invoice:
    issued = moment(raw.get("date"))
    return Invoice(
        number=str(raw["id"]),
        due=None,
        total_micro=micro(raw.get("amount")),
        currency=CURRENCY,
        issued=issued.date() if issued else None,
    )


def _state(instance: Mapping[str, Any]) -> tuple[MachineState, Power]:
    """While a server is made its power is told as running though there is nothing yet."""
    status = instance.get("status")
    power = POWER.get(str(instance.get("power_status")), "unknown")
    if status == "pending":
        return "creating", "unknown"
    if status == "suspended":
        return "off", "off"
    if status not in ("active", "resizing"):
        return "unknown", power
    if power == "on" and instance.get("server_status") in INSTALLING:
        return "creating", "on"
    return STATES.get(power, "unknown"), power


def _snapshot(raw: Mapping[str, Any]) -> Snapshot:
    return Snapshot(
        id=str(raw["id"]),
        name=str(raw.get("description") or raw["id"]),
        machine_id=None,
        size_gb=share(raw.get("size"), 2**30),
        is_ready=raw.get("status") == "complete",
        created_at=moment(raw.get("date_created")),
    )


def _overrides(costs: Any) -> tuple[RegionalPrice, ...]:
    return tuple(
        RegionalPrice(str(slug), micro(cost.get("hourly_cost")), micro(cost.get("monthly_cost")))
        for slug, cost in (costs.items() if isinstance(costs, dict) else ())
        if isinstance(cost, dict)
    )


def _networks(networks: Any) -> list[Any]:
    found = networks if isinstance(networks, list) else []
    return [each.get("main_ip") for each in found if isinstance(each, dict)]


def _addresses(texts: Iterable[Any]) -> tuple[str, ...]:
    """Each once, in the usual short form, whatever form Vultr gave."""
    found: list[str] = []
    for text in texts:
        try:
            address = str(ip_address(str(text or "")))
        except ValueError:
            continue
        if address not in (*NOT_YET, *found):
            found.append(address)
    return tuple(found)
