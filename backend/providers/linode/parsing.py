"""Linode's answers as our rows: unknown fields are read past, unknown words become *unknown*; times have no zone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Literal
from uuid import UUID

from backend.core.prices import RegionalPrice
from backend.core.rest.values import count, micro, moment, record, share, sized, words
from backend.providers.ports import (
    OUR_TAG,
    ActionState,
    Charges,
    Image,
    Machine,
    MachineState,
    Plan,
    Power,
    Region,
    Snapshot,
    TokenDetails,
    intent_tag,
)
from backend.wires.linode import SERVICE

CURRENCY = "USD"
#: What is under way is neither on nor off for us: whoever waits for one of them waits on.
STATES: dict[str, tuple[MachineState, Power]] = {
    "running": ("active", "on"),
    "offline": ("off", "off"),
    "stopped": ("off", "off"),
    "billing_suspension": ("off", "off"),
    "provisioning": ("creating", "unknown"),
    "deleting": ("gone", "off"),
}
#: Addresses between servers of one region, https://techdocs.akamai.com/cloud-computing/docs/managing-ip-addresses.
BETWEEN_SERVERS = ip_network("192.168.128.0/17")
INTENT = re.compile(rf"{OUR_TAG}:intent:([0-9a-f]{{32}})\Z")
SOURCE = f"{OUR_TAG}:server:"
#: What a region must have before servers can stand there: user data come by the metadata service.
NEEDED = frozenset({"Linodes", "Metadata"})
#: Classes of plans that only some regions have, and how a region says so.
SPECIAL = {"premium": "Premium Plans", "gpu": "GPU Linodes", "accelerated": "NETINT Quadra T1U"}
FIRST_BOOT = "cloud-init"
NO_SWAP = ("swap", "initrd")
#: What a token needs to make servers, images of them and firewalls before them, to keep addresses, and to see what
#: became of it; ``*`` stands for all. No more: whoever may write to the account may make tokens.
WRITING = frozenset(
    {
        "linodes:read_write",
        "images:read_write",
        "ips:read_write",
        "firewall:read_write",
        "account:read_only",
        "events:read_only",
    }
)
ENDED = ("finished", "notification")
GONE = "linode_delete"
UNDER_WAY = ("scheduled", "started")


@dataclass(frozen=True)
class TokenNote:
    """What the account's own list says of a token."""

    scopes: tuple[str, ...]
    expiry: Any = None


def token_details(profile: Any, token: TokenNote | None) -> TokenDetails:
    """``token`` None: the list could not be read, or it is not in it (that of an app is not)."""
    user = record(SERVICE, profile)
    can_write = None
    if token is not None and token.scopes:
        can_write = "*" in token.scopes or _with_reading(token.scopes) >= WRITING
    if can_write and user.get("restricted"):  # then the user's grants decide
        can_write = None
    return TokenDetails(
        holder=str(user.get("email") or user.get("username") or ""),
        can_write=can_write,
        scopes=token.scopes if token else (),
        expires_at=moment(token.expiry) if token else None,
    )


def _with_reading(scopes: Iterable[str]) -> frozenset[str]:
    """Who may write a part may read it."""
    held = frozenset(scopes)
    return held | {scope.replace(":read_write", ":read_only") for scope in held}


def token_note(tokens: Iterable[Any], secret: str) -> TokenNote | None:
    """The entry about the token ``secret``: the list tells only the first 16 letters of each."""
    for each in tokens:
        start = each.get("token")
        if isinstance(start, str) and len(start) >= 16 and secret.startswith(start):
            scopes = str(each.get("scopes") or "").replace(",", " ").split()
            return TokenNote(tuple(scopes), each.get("expiry"))
    return None


def tag_on_wire(tag: str) -> str:
    """Tags have 50 letters at most: an intent is written without its hyphens."""
    start = f"{OUR_TAG}:intent:"
    return start + tag.removeprefix(start).replace("-", "") if tag.startswith(start) else tag


def machine(raw: Any) -> Machine:
    """:raises BadResponse: it has no id: not a Linode."""
    linode = record(SERVICE, raw, "id")
    state, power = STATES.get(str(linode.get("status")), ("unknown", "unknown"))
    specs = _inner(linode, "specs")
    return Machine(
        id=str(linode["id"]),
        name=str(linode.get("label") or linode["id"]),
        region=str(linode.get("region") or ""),
        plan=str(linode.get("type") or ""),
        state=state,
        power=power,
        ipv4=_public(words(linode.get("ipv4"))),
        ipv6=_public([linode.get("ipv6")]),
        tags=tuple(_our_tag(tag) for tag in words(linode.get("tags"))),
        vcpus=sized(specs.get("vcpus")),
        memory_mb=sized(specs.get("memory")),
        disk_gb=sized(specs.get("disk")) // 1024,
        image=str(linode.get("image") or ""),
        currency=CURRENCY,
        created_at=moment(linode.get("created")),
    )


def region(raw: Any) -> Region:
    """Distributed regions have plans and images of their own, which the lists do not tell apart."""
    found = record(SERVICE, raw, "id")
    site = found.get("site_type") or found.get("site-type") or "core"  # the document has a hyphen, answers do not
    is_open = found.get("status") == "ok" and site == "core" and set(words(found.get("capabilities"))) >= NEEDED
    return Region(str(found["id"]), str(found.get("label") or found["id"]), is_open)


def places(regions: Iterable[Any], closed: Iterable[Any]) -> dict[str, frozenset[str]]:
    """Region by region what it says it can do; with ``-PLAN`` for each plan the list of exceptions says it lacks."""
    found = {str(raw["id"]): set(words(raw.get("capabilities"))) for raw in regions if region(raw).available}
    for each in closed:
        if each.get("available") is False and str(each.get("region")) in found:
            found[str(each["region"])].add(f"-{each.get('plan')}")
    return {slug: frozenset(able) for slug, able in found.items()}


def plan(raw: Any, places: Mapping[str, frozenset[str]]) -> Plan:
    """Where it can be had follows from what the regions can do and from the list of exceptions."""
    found = record(SERVICE, raw, "id")
    price, slug = _inner(found, "price"), str(found["id"])
    needed = SPECIAL.get(str(found.get("class")), "Linodes")
    regions = tuple(place for place, able in places.items() if needed in able and f"-{slug}" not in able)
    return Plan(
        slug=slug,
        name=str(found.get("label") or slug),
        vcpus=sized(found.get("vcpus")),
        memory_mb=sized(found.get("memory")),
        disk_gb=sized(found.get("disk")) // 1024,
        transfer_gb=count(found.get("transfer")),
        hourly_micro=micro(price.get("hourly")),
        monthly_micro=micro(price.get("monthly")),
        currency=CURRENCY,
        regions=regions,
        available=bool(regions),
        overrides=_overrides(found.get("region_prices")),
    )


def images(raws: Iterable[Any]) -> tuple[Image, ...]:
    """Public systems that take user data at first boot; every region has them all."""
    found = [record(SERVICE, raw, "id") for raw in raws]
    return tuple(
        Image(
            slug=str(raw["id"]),
            name=str(raw.get("label") or raw["id"]),
            distribution=str(raw.get("vendor") or ""),
            regions=(),
            minimum_disk_gb=-(-sized(raw.get("size")) // 1024),
        )
        for raw in found
        if not raw.get("deprecated") and FIRST_BOOT in words(raw.get("capabilities"))
    )


def snapshots(raws: Iterable[Any]) -> list[Snapshot]:
    """Private images that somebody had made; Linode keeps one of a deleted server for a while by itself."""
    found = [record(SERVICE, raw, "id") for raw in raws]
    return [snapshot(raw) for raw in found if raw.get("is_public") is not True and raw.get("type") != "automatic"]


def snapshot(raw: Any) -> Snapshot:
    found = record(SERVICE, raw, "id")
    source = next((tag for tag in words(found.get("tags")) if tag.startswith(SOURCE)), "")
    return Snapshot(
        id=str(found["id"]),
        name=str(found.get("label") or found["id"]),
        machine_id=source.removeprefix(SOURCE) or None,
        size_gb=share(found.get("size"), 1024),
        is_ready=found.get("status") == "available",
        created_at=moment(found.get("created")),
    )


def main_disk(disks: Iterable[Mapping[str, Any]]) -> str | None:
    """The disk with the system: the largest that is no swap."""
    found = [disk for disk in disks if disk.get("id") and disk.get("filesystem") not in NO_SWAP]
    return str(max(found, key=lambda disk: sized(disk.get("size")))["id"]) if found else None


def outcome(action_id: str, action: str, events: Sequence[Mapping[str, Any]]) -> ActionState:
    """How far an action is by what happened to its server since.

    Linode may go on by itself: a server that was resized or rebuilt is booted afterwards, which is an event of its own.
    """
    ours = next((event for event in events if event.get("action") == action), None)
    if any(event.get("action") == GONE for event in events):
        return ActionState(action_id, "failed", GONE)
    if ours is None:
        return ActionState(action_id, "running")
    if ours.get("status") == "failed":
        return ActionState(action_id, "failed", str(ours.get("message") or action))
    goes_on = any(event.get("status") in UNDER_WAY for event in events)
    state: Literal["running", "done"] = "done" if ours.get("status") in ENDED and not goes_on else "running"
    return ActionState(action_id, state)


def reverse_names(raw: Any) -> dict[str, str | None]:
    """The names of a server's public addresses."""
    v4, v6 = _inner(raw, "ipv4"), _inner(raw, "ipv6")
    listed = [each for kind in ("public", "reserved") for each in v4.get(kind) or ()]
    names: dict[str, str | None] = {}
    for each in [*listed, v6.get("slaac")]:
        if isinstance(each, dict):
            names |= {ip: each.get("rdns") or None for ip in _public([each.get("address")])}
    return names


def charges(account: Mapping[str, Any]) -> Charges:
    """A balance below 0 is credit, as with us."""
    return Charges(micro(account.get("balance")), micro(account.get("balance_uninvoiced")), CURRENCY, "account")


def _our_tag(tag: str) -> str:
    found = INTENT.match(tag)
    return intent_tag(UUID(found[1])) if found else tag


def _overrides(prices: Any) -> tuple[RegionalPrice, ...]:
    return tuple(
        RegionalPrice(str(price["id"]), micro(price.get("hourly")), micro(price.get("monthly")))
        for price in prices or ()
        if isinstance(price, dict) and price.get("id")
    )


def _public(texts: Iterable[Any]) -> tuple[str, ...]:
    """Each address once, without the length of its prefix."""
    found: list[str] = []
    for text in texts:
        try:
            address = ip_address(str(text or "").partition("/")[0])
        except ValueError:
            continue
        if str(address) not in found and address not in BETWEEN_SERVERS:
            found.append(str(address))
    return tuple(found)


def _inner(raw: Any, key: str) -> dict[str, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}
