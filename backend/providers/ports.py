"""The compute contract: what every cloud driver must do, in words an outsider can implement from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from backend.core.prices import RegionalPrice
from backend.core.secrets.values import Secret

PowerAction = Literal["on", "off", "shutdown", "reboot", "power_cycle"]
Power = Literal["on", "off", "unknown"]
MachineState = Literal["creating", "active", "off", "gone", "unknown"]

#: Every resource we create carries this tag, and one more with the id of its intent.
OUR_TAG = "mailyard"


def intent_tag(intent: UUID) -> str:
    """The tag that finds a resource again after a lost answer."""
    return f"{OUR_TAG}:intent:{intent}"


@dataclass(frozen=True)
class Standing:
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

    ``overrides`` are the regions that cost something else. ``price_source`` is empty where the price came with the
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
    """What must be paid at the provider before an order is carried out; None where it does not tell."""

    number: str
    due: date | None
    total_micro: int | None
    currency: str


@dataclass(frozen=True)
class ActionState:
    """An asynchronous action: ``done``, ``running`` or ``failed`` (with the provider's words).

    Of a :class:`StagedResize` also: ``unpaid`` (with its invoice), ``paid`` and ``unconfirmed``: it waits for us.
    """

    id: str
    state: Literal["running", "done", "failed", "unpaid", "paid", "unconfirmed"]
    note: str = ""
    invoice: Invoice | None = None


@dataclass(frozen=True)
class MachineMarks:
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
class Charges:
    """What the account owes: micro-units of ``currency``, None where the provider does not tell.

    ``balance_micro`` above 0 is owed, below 0 is credit; ``so_far_micro`` is this month's use, not yet invoiced.
    """

    balance_micro: int | None
    so_far_micro: int | None
    currency: str
    source: str


class ComputeProvider(Protocol):
    """One account at one cloud. Thread-safe; closed by whoever opened it.

    Every call raises only errors of :mod:`backend.core.errors`: ``NoNetwork`` when nothing was sent,
    ``AnswerUnknown`` when a request may have been carried out, ``RateLimited``, ``Unauthorized``, ``NotFound``,
    ``LimitReached``, ``ProviderRefused`` with the provider's own reason, ``ProviderUnavailable``, ``BadAnswer``.
    Unknown fields and enum values in answers are read past, never fatal. What the capability matrix
    (:mod:`backend.providers.capabilities`) says a provider cannot do raises ``Refused`` before anything is sent.
    """

    kind: str

    def verify(self) -> Standing:
        """Prove the token with a call that changes nothing."""
        ...

    def catalogue(self) -> Catalogue:
        """Regions, plans with price, images on offer now."""
        ...

    def login_keys(self) -> Sequence[LoginKey]:
        """All login keys of the account, by list calls only; none where the matrix says it holds none."""
        ...

    def register_key(self, name: str, public_key: str) -> str:
        """Put a login key into the account; returns its id. Not idempotent: look with :meth:`find_key` first."""
        ...

    def find_key(self, name: str) -> str | None:
        """The id of the key with exactly this name, or None."""
        ...

    def remove_key(self, key_id: str) -> None:
        """Remove a key; no error when it is gone already."""
        ...

    def create(self, order: Order) -> Machine:
        """Order a server. Not idempotent: the caller holds an intent, tags with it, and looks first."""
        ...

    def find(self, intent: UUID) -> Sequence[Machine]:
        """All servers that carry the intent's tag: none, one, or (a fault) more."""
        ...

    def get(self, machine_id: str) -> Machine:
        """:raises NotFound: it is gone."""
        ...

    def machines(self) -> Sequence[Machine]:
        """All servers of the account, by list calls only."""
        ...

    def delete(self, machine_id: str) -> None:
        """Delete a server for good; no error when it is gone already."""
        ...

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        """Start a power action; follow it with :meth:`action`."""
        ...

    def action(self, machine_id: str, action_id: str) -> ActionState:
        """How far an action is. Ids are the driver's own: they hold whatever it needs to look, also after a restart."""
        ...

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:
        """Give a server another plan. ``grow_disk`` takes the plan's larger disk too, where that is a choice.

        Whether the way back is open, and whether the server must be off, stands in the capability matrix.
        """
        ...

    def take_snapshot(self, machine_id: str, name: str) -> ActionState:
        """Begin an image of the disk. Not idempotent: the caller's ``name`` is unique, and it looks first."""
        ...

    def snapshots(self) -> Sequence[Snapshot]:
        """All snapshots of the account, by list calls only."""
        ...

    def restore(self, machine_id: str, snapshot_id: str) -> ActionState:
        """Put a snapshot onto the server's disk; what was on it is lost."""
        ...

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Delete it for good; no error when it is gone already."""
        ...

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        """The PTR name of each public address of a server, None where it has none or the provider does not tell."""
        ...

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        """Give an address its PTR name. Some providers look first whether the name leads to the address.

        :raises ProviderRefused: it does not, or the address is not this server's.
        """
        ...

    def charges(self) -> Charges:
        """What the account owes now."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class StagedResize(Protocol):
    """What a provider adds whose larger plan is ordered, paid and confirmed in stages (row ``resize_in_stages``).

    There :meth:`ComputeProvider.resize` orders, and a person pays; :meth:`ComputeProvider.action` tells the stage.
    """

    def continue_resize(self, machine_id: str, action_id: str) -> ActionState:
        """Apply a change that is ``paid``; in any other state nothing is sent, and the state is returned."""
        ...

    def settle_resize(self, machine_id: str, *, keep: bool) -> ActionState:
        """Keep an ``unconfirmed`` change, or take it back.

        :raises ProviderRefused: there is none.
        """
        ...


@runtime_checkable
class BoundContact(Protocol):
    """What a provider adds whose machines are entered first with a password, bound to marks it tells."""

    def enter(self, machine_id: str, meet: Callable[[str, Secret, MachineMarks], str]) -> str:
        """Call ``meet`` once, with address, root password and marks; returns the host key it accepted.

        The password lives in this call only. :raises ProviderUnavailable: the machine is not made yet.
        """
        ...


class Providers(Protocol):
    """Opens accounts: the one door from features to drivers."""

    def kinds(self) -> Sequence[str]:
        """The providers this program can drive."""
        ...

    def open(self, kind: str, token: Secret, *, endpoint_url: str | None = None) -> ComputeProvider:
        """A driver for the account with this token.

        :raises Refused: the kind is unknown, or the endpoint is not an http(s) address.
        """
        ...
