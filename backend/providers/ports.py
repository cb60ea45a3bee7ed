"""The compute contract: what every cloud driver must do, in words an outsider can implement from.

What crosses it is in :mod:`backend.providers.models`, and can be had from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable
from uuid import UUID

from backend.core.secrets.values import Secret
from backend.providers.models import (
    OUR_TAG,
    ActionState,
    Catalogue,
    Charges,
    Image,
    Invoice,
    Listed,
    LoginKey,
    Machine,
    MachineIdentity,
    MachineState,
    Order,
    Plan,
    Power,
    PowerAction,
    Reading,
    Region,
    Snapshot,
    TokenDetails,
    Usage,
    closed_in,
    intent_tag,
    intents_in,
    is_closed,
)
from backend.providers.network import Firewalls, ReservedAddresses

__all__ = [
    "OUR_TAG",
    "ActionState",
    "BoundContact",
    "Catalogue",
    "Charges",
    "ComputeProvider",
    "Image",
    "Invoice",
    "Listed",
    "LoginKey",
    "Machine",
    "MachineIdentity",
    "MachineState",
    "Order",
    "PaidResize",
    "Plan",
    "Power",
    "PowerAction",
    "Providers",
    "Reading",
    "Region",
    "Snapshot",
    "TokenDetails",
    "Usage",
    "closed_in",
    "intent_tag",
    "intents_in",
    "is_closed",
]


class ComputeProvider(Protocol):
    """One account at one cloud. Thread-safe; closed by whoever opened it.

    Every call raises only errors of :mod:`backend.core.errors`: ``NoNetwork`` when nothing was sent,
    ``OutcomeUnknown`` when a request may have been carried out, ``RateLimited``, ``Unauthorized``, ``NotFound``,
    ``LimitReached``, ``ProviderRefused`` with the provider's own reason, ``ProviderUnavailable``, ``BadResponse``.
    Unknown fields and enum values in answers are read past, never fatal. A list without all regions is an error, or a
    :class:`backend.providers.models.Listed` that names those where the account may do nothing. What the matrix
    (:mod:`backend.providers.capabilities`) says a provider cannot do raises ``Refused`` before anything is sent.
    """

    kind: str
    #: Whether an order of a server that looking does not find may go out again at once: only where it carries a token
    #: that makes a second one the first.
    repeats_orders: bool

    @property
    def reserved(self) -> ReservedAddresses:
        """Addresses that outlive a server."""
        ...

    @property
    def firewalls(self) -> Firewalls:
        """Firewalls before servers."""
        ...

    def verify(self) -> TokenDetails:
        """Verify the token with a call that changes nothing."""
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

    def usage(self, machine_id: str) -> Usage:
        """Traffic of a server this month, and the provider's own readings of its last day.

        :raises NotFound: it is gone.
        """
        ...

    def charges(self) -> Charges:
        """What the account owes now."""
        ...

    def invoices(self) -> Sequence[Invoice]:
        """The bills sent so far, newest first, by list calls only; none where the matrix says they are not told."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


@runtime_checkable
class PaidResize(Protocol):
    """What a provider adds whose larger plan is ordered, paid and confirmed in stages (row ``resize_in_stages``).

    There :meth:`ComputeProvider.resize` orders, and a person pays; :meth:`ComputeProvider.action` tells the stage.
    """

    def ordered(self, plan: str) -> str:
        """The id of the action that an order for this plan is, whether or not its answer came."""
        ...

    def continue_resize(self, machine_id: str, action_id: str) -> ActionState:
        """Apply a change that is ``paid``; in any other state nothing is sent, and the state is returned."""
        ...

    def settle_resize(self, machine_id: str, *, keep: bool) -> ActionState:
        """Keep an ``unconfirmed`` change, or take it back. :raises ProviderRefused: there is none."""
        ...


@runtime_checkable
class BoundContact(Protocol):
    """What a provider adds whose machines are entered first with a password, bound to marks it tells."""

    def enter(self, machine_id: str, meet: Callable[[str, Secret, MachineIdentity], str]) -> str:
        """Call ``meet`` once, with address, root password and marks; returns the host key it accepted.

        :raises ProviderUnavailable: the machine is not made yet.
        """
        ...


class Providers(Protocol):
    """Opens accounts: the one way from features to drivers."""

    def kinds(self) -> Sequence[str]:
        """The providers this program can drive."""
        ...

    def open(self, kind: str, token: Secret, *, endpoint_url: str | None = None) -> ComputeProvider:
        """A driver for the account with this token.

        :raises Refused: the kind is unknown, or the endpoint is not an http(s) address.
        """
        ...
