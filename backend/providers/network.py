"""The part of the compute contract that is about networks: addresses that outlive a server, and firewalls before it.

A driver has both at hand as ``reserved`` and ``firewalls``; errors are those of
:class:`backend.providers.ports.ComputeProvider`. Where the capability matrix says no (rows ``reserved_address`` and
``firewall``), lists are empty and every other call raises ``Refused``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn, Protocol

from backend.providers.capabilities import refuse
from backend.providers.models import ActionState

Protocols = Literal["tcp", "udp", "icmp"]

#: Every address there is.
ANYWHERE = ("0.0.0.0/0", "::/0")
#: SSH, SMTP, HTTP, HTTPS, submissions, submission, IMAPS, POP3S, ManageSieve.
MAIL_PORTS = (22, 25, 80, 443, 465, 587, 993, 995, 4190)


@dataclass(frozen=True)
class ReservedAddress:
    """An address held for the account, whether or not a server has it; ``machine_id`` None: none has.

    ``name`` is empty where the provider keeps none. ``monthly_micro`` is what it costs as it stands now, in
    micro-units of ``currency``, None where that is not known.
    """

    id: str
    ip: str
    region: str
    name: str
    machine_id: str | None
    monthly_micro: int | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Allowed:
    """One thing a firewall lets in: ``ports`` is "25", or "8000-8080", and empty for icmp (which means both families'
    own); ``sources`` are networks in CIDR notation.
    """

    protocol: Protocols
    ports: str
    sources: tuple[str, ...] = ANYWHERE


@dataclass(frozen=True)
class Firewall:
    """Lets in what is ``allowed`` and nothing else; lets everything out. ``machine_ids`` are those it is attached to.

    ``name`` is what finds it again after a lost answer: callers make it unique, of at most 32 letters, digits, hyphens.
    """

    id: str
    name: str
    allowed: tuple[Allowed, ...]
    machine_ids: tuple[str, ...]


#: What a mail server needs.
MAIL = (*(Allowed("tcp", str(port)) for port in MAIL_PORTS), Allowed("icmp", ""))


class ReservedAddresses(Protocol):
    """Addresses that outlive a server and can be given to another. Thread-safe."""

    def all(self) -> Sequence[ReservedAddress]:
        """All of the account, by list calls only."""
        ...

    def reserve(self, machine_id: str, name: str) -> ReservedAddress:
        """Hold an address for a server. What that means for it stands in the row ``reserved_address``: its own address
        is kept from now on, or it is to get another.

        Not idempotent: the caller's ``name`` is unique, and it looks first. Where the provider keeps no names, what was
        reserved is found as the address that this server has. It may still have to be given to the server: see
        :meth:`assign`.
        """
        ...

    def assign(self, address_id: str, machine_id: str) -> ActionState:
        """Give it to a server, taking it from another where that has it; nothing is sent when the server has it."""
        ...

    def unassign(self, address_id: str) -> ActionState:
        """Take it from its server; nothing is sent when none has it. :raises ProviderRefused: that cannot be now."""
        ...

    def release(self, address_id: str) -> None:
        """Hold it no longer. No error when that is so already. A server that has it may keep or lose it."""
        ...


class Firewalls(Protocol):
    """Firewalls that are attached to servers, outside of them. Thread-safe."""

    def all(self) -> Sequence[Firewall]:
        """All of the account, by list calls only."""
        ...

    def make(self, machine_id: str, name: str, allowed: Sequence[Allowed]) -> str:
        """Make one where this server stands, before no server yet; its id. Not idempotent: the caller looks first.

        One call, so that the id is known as soon as there is one: where rules need calls of their own it lets nothing
        in yet, and :meth:`set_rules` puts them in.
        """
        ...

    def set_rules(self, firewall_id: str, allowed: Sequence[Allowed]) -> None:
        """Let in exactly this; nothing is sent when it is so. At no moment is less let in than before and after."""
        ...

    def attach(self, firewall_id: str, machine_id: str) -> None:
        """Stand before a server, in place of another firewall where a server has one at most; no error when it does."""
        ...

    def detach(self, firewall_id: str, machine_id: str) -> None:
        """Detach it; no error when it is attached to another, or is gone."""
        ...

    def delete(self, firewall_id: str) -> None:
        """Delete it for good; no error when it is gone already. :raises ProviderRefused: it is attached to a server."""
        ...


class NoReservedAddresses:
    """:class:`ReservedAddresses` of a provider that has none by its API."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def all(self) -> Sequence[ReservedAddress]:
        return []

    def reserve(self, _machine_id: str, _name: str) -> ReservedAddress:
        self._refuse()

    def assign(self, _address_id: str, _machine_id: str) -> ActionState:
        self._refuse()

    def unassign(self, _address_id: str) -> ActionState:
        self._refuse()

    def release(self, _address_id: str) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        refuse(self._kind, "reserved_address")


class NoFirewalls:
    """:class:`Firewalls` of a provider whose API cannot write rules."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def all(self) -> Sequence[Firewall]:
        return []

    def make(self, _machine_id: str, _name: str, _allowed: Sequence[Allowed]) -> str:
        self._refuse()

    def set_rules(self, _firewall_id: str, _allowed: Sequence[Allowed]) -> None:
        self._refuse()

    def attach(self, _firewall_id: str, _machine_id: str) -> None:
        self._refuse()

    def detach(self, _firewall_id: str, _machine_id: str) -> None:
        self._refuse()

    def delete(self, _firewall_id: str) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        refuse(self._kind, "firewall")
