"""Hostwinds' answers as our rows: of each record only what is named here is taken, whatever its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import ip_address
from typing import Any

from backend.core.present.text import _
from backend.core.rest.refusals import unreadable
from backend.core.rest.values import count, micro, moment, month_of, record, sized, whole
from backend.providers.hostwinds import labels
from backend.providers.hostwinds.wire import SERVICE
from backend.providers.ports import Invoice, Machine, MachineIdentity, MachineState, Power, Usage

CURRENCY = "USD"
NOT_YET = ("0.0.0.0", "::")  # noqa: S104 - what stands in for an address until there is one
#: Memory is told in MB with a server and in GB with a plan, without a word about which; no server has so few MB.
MOST_GB = 256
#: Traffic is told in GB with a server (hostwinds-tool 1.0.0 of 2020-02 on PyPI, module alert, takes it times 10^9 to
#: compare it with the bytes used) and in TB with a plan, without a word about which; no plan has so few GB.
MOST_TB = 100
GB = 10**9
POWER: dict[int, Power] = {1: "on", 4: "off"}
#: The words are OpenStack's; small letters have been seen for some.
STATES: dict[str, MachineState] = {
    "BUILD": "creating",
    "REBUILD": "creating",
    "ACTIVE": "active",
    "REBOOT": "active",
    "HARD_REBOOT": "active",
    "RESIZE": "active",
    "RESIZED": "active",
    "VERIFY_RESIZE": "active",
    "SHUTOFF": "off",
    "SUSPENDED": "off",
    "DELETED": "gone",
    "SOFT_DELETED": "gone",
}
CHANGING, UNCONFIRMED, AT_REST = ("RESIZE",), ("RESIZED", "VERIFY_RESIZE"), ("ACTIVE", "SHUTOFF")
NO_TASK = ("", "none", "null", "-")


@dataclass(frozen=True)
class Size:
    """What tells plans apart: a server does not name its own."""

    vcpus: int
    memory_mb: int
    disk_gb: int


@dataclass(frozen=True)
class Instance:
    """A server as Hostwinds tells of it, without its secrets. ``status`` in capitals, ``task`` empty at rest."""

    id: str
    label: str
    host_name: str
    location: str
    product: str
    image: str
    status: str
    task: str
    power: Power
    is_suspended: bool
    is_locked: bool
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    size: Size
    holder: str
    mac: str
    uuid: str
    created_at: datetime | None
    used_bytes: int | None
    transfer_gb: int | None

    @property
    def is_gone(self) -> bool:
        return STATES.get(self.status) == "gone"

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being done with it."""
        return not self.task and self.status in AT_REST

    @property
    def is_being_resized(self) -> bool:
        return self.status in CHANGING or self.task.startswith("resize")

    @property
    def awaits_confirmation(self) -> bool:
        return self.status in UNCONFIRMED and not self.task

    def identity(self) -> MachineIdentity:
        return MachineIdentity(self.mac, self.uuid, (*self.ipv4, *self.ipv6))


def instance(raw: Any) -> Instance:
    """:raises BadResponse: it has no service id: not a server."""
    found = record(SERVICE, raw, "serviceid")
    told = (found.get("main_ip"), *several(found.get("ips")), found.get("ip_v6"))
    addresses = [each for each in _addresses(told) if each != str(found.get("private_ip"))]
    return Instance(
        id=str(found["serviceid"]),
        label=_text(found.get("srvrname")),
        host_name=_text(found.get("hostname")),
        location=_text(found.get("location_id")),
        product=_text(found.get("product_name")),
        image=_text(found.get("template_uuid")),
        status=_text(found.get("status")).upper().replace(" ", "_"),
        task=_task(found.get("task_state")),
        power=POWER.get(sized(found.get("power_state")), "unknown"),
        is_suspended=is_set(found.get("is_suspended")),
        is_locked=is_set(found.get("locked")),
        ipv4=tuple(each for each in addresses if ":" not in each),
        ipv6=tuple(each for each in addresses if ":" in each),
        size=size(found),
        holder=_text(found.get("userid")),
        mac=_text(found.get("mac_address")).lower(),
        uuid=_text(found.get("server_uuid")).lower(),
        created_at=moment(found.get("created_at")),
        used_bytes=count(found.get("bandwidth_used")),
        transfer_gb=transfer_gb(found.get("bandwidth")),
    )


def instances(payload: Any) -> list[Instance]:
    """:raises BadResponse: it is no list, or not one of servers."""
    if not isinstance(payload, list):
        raise unreadable(SERVICE, "no list of servers")
    return [found for found in map(instance, payload) if not found.is_gone]


def machine(found: Instance, plan: str) -> Machine:
    """``plan`` is known from the price list alone."""
    name, tags = labels.read(found.label)
    state, power = _state(found)
    return Machine(
        id=found.id,
        name=name or found.host_name or found.id,
        region=found.location,
        plan=plan,
        state=state,
        power=power,
        ipv4=found.ipv4,
        ipv6=found.ipv6,
        tags=tags,
        vcpus=found.size.vcpus,
        memory_mb=found.size.memory_mb,
        disk_gb=found.size.disk_gb,
        image=found.image,
        currency=CURRENCY,
        created_at=found.created_at,
    )


def usage(found: Instance, now: datetime) -> Usage:
    """Traffic is one figure. That it is of both directions and of this month is assumed: no source says so.

    An included 0 is taken as not told, never as a limit of nothing. The charts
    (``get_server_charts``) are left alone: what stands in them is not documented.
    """
    return Usage(
        since=month_of(now),
        received_bytes=None,
        sent_bytes=None,
        counted_bytes=found.used_bytes,
        included_bytes=count(found.transfer_gb * GB) if found.transfer_gb else None,
        source=_("Hostwinds API, start of the period not stated"),
    )


def invoice(payload: Any) -> Invoice | None:
    """The bill of an open upgrade order; None where there is no such order, however that is told."""
    if not isinstance(payload, dict) or not payload.get("invoiceid"):
        return None
    total = micro(payload.get("total"), CURRENCY)
    return Invoice(str(payload["invoiceid"]), _day(payload.get("duedate")), total, CURRENCY)


def addresses_of(payload: Any) -> tuple[str, ...]:
    """The addresses in a list of them; what else is told with each is not documented."""
    found = payload.get("IP Addresses") if isinstance(payload, dict) else payload
    return _addresses(each.get("ip") if isinstance(each, dict) else each for each in several(found))


def size(raw: Mapping[str, Any]) -> Size:
    """Of a server or a plan; 0 for what is not told."""
    memory = sized(raw.get("ram"))
    memory_mb = memory * 1024 if memory <= MOST_GB else memory
    return Size(sized(raw.get("cpu")), memory_mb, sized(raw.get("disk")))


def transfer_gb(value: Any) -> int | None:
    """Traffic that a server or a plan includes in a month."""
    told = count(value)
    return told * 1000 if told is not None and told <= MOST_TB else told


def is_set(flag: Any) -> bool:
    """A flag as 0 or 1, as text, or as true and false."""
    return bool(whole(flag)) or str(flag).casefold() in ("true", "yes")


def several(value: Any) -> list[Any]:
    """A list as it is, a map's values, or the words of a text."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return value if isinstance(value, list) else []


def _state(found: Instance) -> tuple[MachineState, Power]:
    if found.is_suspended or found.status == "SUSPENDED":
        return "off", "off"
    state = STATES.get(found.status, "unknown")
    if state == "creating":
        return state, "unknown"
    return ("off", "off") if state == "active" and found.power == "off" and not found.task else (state, found.power)


def _addresses(told: Iterable[Any]) -> tuple[str, ...]:
    """Each once, in the usual short form; IPv6 may come with the length of its network."""
    found: list[str] = []
    for text in told:
        try:
            address = str(ip_address(str(text or "").partition("/")[0].strip()))
        except ValueError:
            continue
        if address not in (*NOT_YET, *found):
            found.append(address)
    return tuple(found)


def _day(text: Any) -> date | None:
    read = moment(text)
    return read.date() if read else None


def _task(value: Any) -> str:
    task = _text(value).casefold()
    return "" if task in NO_TASK else task


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
