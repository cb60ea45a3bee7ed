"""DigitalOcean's answers as our rows: unknown fields are read past, unknown words become *unknown*."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.providers.digitalocean.wire import SERVICE
from backend.providers.ports import ActionState, Charges, Image, Machine, MachineState, Plan, Power, Region, Snapshot
from backend.providers.values import amount, micro, moment, record, whole

CURRENCY = "USD"
STATES: dict[str, tuple[MachineState, Power]] = {
    "new": ("creating", "unknown"),
    "active": ("active", "on"),
    "off": ("off", "off"),
    "archive": ("gone", "off"),
}


def machine(raw: Any) -> Machine:
    """:raises BadAnswer: it has no id or name: not a droplet."""
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
        vcpus=whole(droplet.get("vcpus")),
        memory_mb=whole(droplet.get("memory")),
        disk_gb=whole(droplet.get("disk")),
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
    transfer = found.get("transfer")
    return Plan(
        slug=str(found["slug"]),
        name=str(found.get("description") or found["slug"]),
        vcpus=whole(found.get("vcpus")),
        memory_mb=whole(found.get("memory")),
        disk_gb=whole(found.get("disk")),
        transfer_gb=round(float(transfer) * 1000) if isinstance(transfer, (int, float)) else None,
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
        minimum_disk_gb=whole(found.get("min_disk_size")),
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
    size = found.get("size_gigabytes")
    return Snapshot(
        id=str(found["id"]),
        name=str(found["name"]),
        machine_id=str(found["resource_id"]) if found.get("resource_id") else None,
        size_gb=float(size) if isinstance(size, (int, float)) else None,
        is_ready=True,  # the list holds finished ones only
        created_at=moment(found.get("created_at")),
    )


def charges(raw: dict[str, Any]) -> Charges:
    """Amounts come as text."""
    return Charges(amount(raw.get("account_balance")), amount(raw.get("month_to_date_usage")), CURRENCY, "balance")


def _addresses(networks: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(
        str(each["ip_address"])
        for each in networks or ()
        if isinstance(each, dict) and each.get("type") == "public" and each.get("ip_address")
    )


def _image_name(raw: dict[str, Any]) -> str:
    return str(raw.get("slug") or raw.get("name") or "")
