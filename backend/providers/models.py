"""What crosses the compute contract: regions, plans, orders, machines, snapshots, charges and their states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeVar, overload
from uuid import UUID

from backend.core.prices import RegionalPrice
from backend.core.secrets.values import Secret

T = TypeVar("T")

PowerAction = Literal["on", "off", "shutdown", "reboot", "power_cycle"]
Power = Literal["on", "off", "unknown"]
MachineState = Literal["creating", "active", "off", "gone", "unknown"]

#: Every resource we create carries this tag, and one more with the id of its intent.
OUR_TAG = "mailyard"


def intent_tag(intent: UUID) -> str:
    """The tag that finds a resource again after a lost answer."""
    return f"{OUR_TAG}:intent:{intent}"


def intents_in(tags: Iterable[str]) -> tuple[UUID, ...]:
    """The intents that a resource says it was made of; what is no id is nobody's."""
    start = f"{OUR_TAG}:intent:"
    ids = (tag.removeprefix(start) for tag in tags if tag.startswith(start))
    return tuple(UUID(each) for each in ids if _is_uuid(each))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Listed(Sequence[T]):
    """What a list told of all regions but the ``closed`` ones, where the account may do nothing: of those nothing is
    known. Who leaves out regions writes ids as region, slash, number.
    """

    items: tuple[T, ...]
    closed: frozenset[str] = frozenset()

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...
    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        return self.items[place]

    def __len__(self) -> int:
        return len(self.items)


def as_listed(items: Iterable[T], source: Sequence[object]) -> Listed[T]:
    """What was made of a list, which says nothing of the regions that ``source`` says nothing of."""
    return Listed(tuple(items), closed_in(source))


def closed_in(listed: Sequence[object]) -> frozenset[str]:
    """The regions that a list says nothing of."""
    return listed.closed if isinstance(listed, Listed) else frozenset()


def is_closed(closed: frozenset[str], number: str) -> bool:
    """Whether the thing with this id stands in such a region."""
    return number.partition("/")[0] in closed


@dataclass(frozen=True)
class TokenDetails:
    """What a token turned out to be: ``holder`` as the provider names the account, and what it may do.

    ``scopes`` in the provider's own words, empty where it does not tell; ``expires_at`` None: never, or not told.
    """

    holder: str
    note: str = ""
    server_limit: int | None = None
    can_write: bool | None = None
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Region:
    """A place servers can stand; ``available`` False means: listed, but closed for new ones."""

    slug: str
    name: str
    available: bool


@dataclass(frozen=True)
class Plan:
    """A size on offer. Prices in micro-units of ``currency``, None where the provider does not tell.

    ``overrides`` are the regions that cost something else. ``brings_disk`` False: the disk belongs to no plan, and
    ``disk_gb`` is that of a new server. ``price_source`` is empty where the price came with the
    catalogue; ``price_as_of`` says of what day a price from a dated file is.
    """

    slug: str
    name: str
    vcpus: int
    memory_mb: int
    disk_gb: int
    transfer_gb: int | None
    hourly_micro: int | None
    monthly_micro: int | None
    currency: str
    regions: tuple[str, ...]
    available: bool
    overrides: tuple[RegionalPrice, ...] = ()
    price_source: str = ""
    price_as_of: datetime | None = None
    brings_disk: bool = True


@dataclass(frozen=True)
class Image:
    """A system image to start from."""

    slug: str
    name: str
    distribution: str
    regions: tuple[str, ...]
    minimum_disk_gb: int


@dataclass(frozen=True)
class Catalogue:
    """All that is on offer in an account, read at one moment from ``source``."""

    regions: tuple[Region, ...]
    plans: tuple[Plan, ...]
    images: tuple[Image, ...]
    source: str


@dataclass(frozen=True)
class Order:
    """A server to create. ``key_id`` is a login key registered at the provider, empty where it needs none;
    ``public_key`` is the key itself, ``user_data`` for first boot.
    """

    name: str
    region: str
    plan: str
    image: str
    key_id: str
    public_key: str
    user_data: Secret
    tags: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Machine:
    """A server as the provider sees it now.

    ``price_source`` and ``priced_at`` are empty where the provider states the price with the server, as of now.
    """

    id: str
    name: str
    region: str
    plan: str
    state: MachineState
    power: Power
    ipv4: tuple[str, ...]
    ipv6: tuple[str, ...]
    tags: tuple[str, ...]
    vcpus: int = 0
    memory_mb: int = 0
    disk_gb: int = 0
    image: str = ""
    hourly_micro: int | None = None
    monthly_micro: int | None = None
    currency: str = "USD"
    created_at: datetime | None = None
    price_source: str = ""
    priced_at: datetime | None = None


@dataclass(frozen=True)
class LoginKey:
    """A login key in the account."""

    id: str
    name: str


@dataclass(frozen=True)
class Invoice:
    """A bill: one that must be paid before an order is carried out, or one of those sent so far.

    Micro-units of ``currency``, before or after tax as the provider has it; None where it does not tell.
    """

    number: str
    due: date | None
    total_micro: int | None
    currency: str
    issued: date | None = None


@dataclass(frozen=True)
class ActionState:
    """An asynchronous action: ``done``, ``running`` or ``failed`` (with the provider's words).

    ``is_unknown``: failed, because the provider does not know what it is about. Just after it began that says nothing.

    Of a :class:`PaidResize` also: ``unpaid`` (with its invoice), ``paid`` and ``unconfirmed``: it waits for us.
    """

    id: str
    state: Literal["running", "done", "failed", "unpaid", "paid", "unconfirmed"]
    note: str = ""
    invoice: Invoice | None = None
    is_unknown: bool = False


@dataclass(frozen=True)
class MachineIdentity:
    """What the provider tells of a machine that the machine itself can show."""

    mac: str
    uuid: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """An image of a server's disk. ``name`` is what finds it again after a lost answer: callers make it unique.

    ``machine_id`` is None where the provider does not say whose it was; ``is_ready`` False while it is being made.
    """

    id: str
    name: str
    machine_id: str | None
    size_gb: float | None
    is_ready: bool
    created_at: datetime | None


@dataclass(frozen=True)
class Reading:
    """One moment of a provider's own chart: ``cpu_percent`` of all CPUs of a server together, 0 to 100."""

    at: datetime
    cpu_percent: float


@dataclass(frozen=True)
class Usage:
    """What a server used since ``since`` (the month's beginning, in UTC) as its provider counts it.

    Bytes, None where the provider does not tell. ``counted_bytes`` is what it sets against ``included_bytes``, the
    server's own share of a month; some set it against one pool of the account, then that is None. ``readings`` are of
    the last day at most, oldest first, empty where there are none.
    """

    since: datetime
    received_bytes: int | None
    sent_bytes: int | None
    counted_bytes: int | None
    included_bytes: int | None
    source: str
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Charges:
    """What the account owes: micro-units of ``currency``, None where the provider does not tell.

    ``balance_micro`` above 0 is owed, below 0 is credit; ``so_far_micro`` is this month's use, not yet invoiced.
    """

    balance_micro: int | None
    so_far_micro: int | None
    currency: str
    source: str
