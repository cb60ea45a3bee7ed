"""DigitalOcean's answers as our rows: unknown fields are read past, unknown words become *unknown*."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from backend.core.errors import BadAnswer
from backend.core.money import Money
from backend.core.present.text import _
from backend.providers.ports import ActionState, Image, Machine, MachineState, Plan, Power, Region

CURRENCY = "USD"
STATES: dict[str, tuple[MachineState, Power]] = {
    "new": ("creating", "unknown"),
    "active": ("active", "on"),
    "off": ("off", "off"),
    "archive": ("gone", "off"),
}


def machine(raw: Any) -> Machine:
    """:raises BadAnswer: it has no id or name: not a droplet."""
    droplet = _record(raw, "id", "name")
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
        vcpus=_whole(droplet.get("vcpus")),
        memory_mb=_whole(droplet.get("memory")),
        disk_gb=_whole(droplet.get("disk")),
        image=_image_name(droplet.get("image") or {}),
        hourly_micro=_micro(size.get("price_hourly")),
        monthly_micro=_micro(size.get("price_monthly")),
        currency=CURRENCY,
        created_at=_moment(droplet.get("created_at")),
    )


def region(raw: Any) -> Region:
    found = _record(raw, "slug")
    return Region(str(found["slug"]), str(found.get("name") or found["slug"]), bool(found.get("available")))


def plan(raw: Any) -> Plan:
    found = _record(raw, "slug")
    transfer = found.get("transfer")
    return Plan(
        slug=str(found["slug"]),
        name=str(found.get("description") or found["slug"]),
        vcpus=_whole(found.get("vcpus")),
        memory_mb=_whole(found.get("memory")),
        disk_gb=_whole(found.get("disk")),
        transfer_gb=round(float(transfer) * 1000) if isinstance(transfer, (int, float)) else None,
        hourly_micro=_micro(found.get("price_hourly")),
        monthly_micro=_micro(found.get("price_monthly")),
        currency=CURRENCY,
        regions=tuple(str(slug) for slug in found.get("regions") or ()),
        available=bool(found.get("available")),
    )


def image(raw: Any) -> Image:
    found = _record(raw, "id")
    return Image(
        slug=str(found.get("slug") or found["id"]),
        name=str(found.get("name") or ""),
        distribution=str(found.get("distribution") or ""),
        regions=tuple(str(slug) for slug in found.get("regions") or ()),
        minimum_disk_gb=_whole(found.get("min_disk_size")),
    )


def action(raw: Any) -> ActionState:
    found = _record(raw, "id")
    status = str(found.get("status"))
    if status == "completed":
        return ActionState(str(found["id"]), "done")
    if status == "errored":
        return ActionState(str(found["id"]), "failed", str(found.get("type") or ""))
    return ActionState(str(found["id"]), "running")


def _record(raw: Any, *needed: str) -> dict[str, Any]:
    if not isinstance(raw, dict) or any(raw.get(key) in (None, "") for key in needed):
        raise BadAnswer(
            _("DigitalOcean's answer could not be read."),
            remedy=_("We try again by ourselves."),
            detail=f"lacks {' or '.join(needed)}",
        )
    return raw


def _addresses(networks: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(
        str(each["ip_address"])
        for each in networks or ()
        if isinstance(each, dict) and each.get("type") == "public" and each.get("ip_address")
    )


def _image_name(raw: dict[str, Any]) -> str:
    return str(raw.get("slug") or raw.get("name") or "")


def _micro(price: Any) -> int | None:
    return Money.of(price, CURRENCY).micro if isinstance(price, (int, float)) else None


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
    except ValueError:
        return None
