"""Requests about servers and what an account holds for them. ``typed_name`` is what a person typed to confirm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from backend.engine.payload import Request
from backend.providers.models import PowerAction
from backend.providers.network import MAIL, Allowed


def plain_name(text: str) -> str:
    """A host name as it is written and compared here: trimmed, in small letters, without the final dot."""
    return text.strip().lower().rstrip(".")


def plain_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept and compared: in small letters, each once, in order."""
    return tuple(sorted({" ".join(word.split()).lower() for word in words} - {""}))


@dataclass(frozen=True)
class ProvisionServer(Request, kind="server.provision"):
    """A server somebody wants. ``order_id`` is chosen freshly by the client, so that a repeated request is the same
    server; ``seen_monthly_micro`` is the price on the preview, None where none was shown.
    """

    order_id: str
    name: str
    account_id: UUID
    region: str
    plan: str
    image: str
    workspaces: tuple[UUID, ...] = ()
    seen_monthly_micro: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", plain_name(self.name))

    @property
    def server_id(self) -> UUID:
        """The id of the server the order makes: it follows from the order, so that a run after a kill finds it."""
        return uuid5(NAMESPACE_URL, f"mailyard:server:{self.order_id}")


@dataclass(frozen=True)
class PowerServer(Request, kind="server.power", changes_server=True):
    """Switch a server."""

    server_id: UUID
    action: PowerAction


@dataclass(frozen=True)
class ResizeServer(Request, kind="server.resize", changes_server=True):
    """Give a server another plan; ``grow_disk`` where that is a choice, and the monthly price the person saw."""

    server_id: UUID
    plan: str
    grow_disk: bool = False
    seen_monthly_micro: int | None = None


@dataclass(frozen=True)
class RotateLoginKey(Request, kind="server.rotate_key"):
    """Another SSH login key; the old one stays valid for ``overlap_hours``, so that nobody who holds it is shut out."""

    server_id: UUID
    overlap_hours: int = 24


@dataclass(frozen=True)
class DestroyServer(Request, kind="server.destroy", changes_server=True):
    """For good."""

    server_id: UUID
    typed_name: str = ""


@dataclass(frozen=True)
class ManageServer(Request, kind="server.manage"):
    """Take a server that was not made here into our hands."""

    server_id: UUID
    typed_name: str = ""


@dataclass(frozen=True)
class UnmanageServer(Request, kind="server.unmanage"):
    """Leave it alone again."""

    server_id: UUID


@dataclass(frozen=True)
class TagServer(Request, kind="server.tags"):
    """Give a server tags, and take others from it; what it has already, or lacks already, stays so."""

    server_id: UUID
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "add", plain_tags(self.add))
        object.__setattr__(self, "remove", plain_tags(self.remove))


@dataclass(frozen=True)
class NoteServer(Request, kind="server.note"):
    """Write down what people should know of a server; empty takes the note away."""

    server_id: UUID
    note: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "note", self.note.strip())


@dataclass(frozen=True)
class MaintainServer(Request, kind="server.maintenance"):
    """Until then nobody is told that the server is not well; None ends it now."""

    server_id: UUID
    until: datetime | None = None


@dataclass(frozen=True)
class SetReverseDns(Request, kind="server.reverse_dns"):
    """Give an address of a server its reverse DNS name."""

    server_id: UUID
    ip: str
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", plain_name(self.name))


@dataclass(frozen=True)
class TakeSnapshot(Request, kind="server.snapshot"):
    """``name`` in the person's words."""

    server_id: UUID
    name: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name.strip())


@dataclass(frozen=True)
class RestoreSnapshot(Request, kind="server.restore", changes_server=True):
    """Put a snapshot onto the server's disk; ``snapshot_id`` as the provider names it."""

    server_id: UUID
    snapshot_id: str
    typed_name: str = ""


@dataclass(frozen=True)
class DeleteSnapshot(Request, kind="snapshot.delete"):
    """For good."""

    server_id: UUID
    snapshot_id: str
    typed_name: str = ""


@dataclass(frozen=True)
class ReserveAddress(Request, kind="server.address.reserve"):
    """Hold an address for the server that outlives it."""

    server_id: UUID


@dataclass(frozen=True)
class AssignAddress(Request, kind="server.address.assign"):
    """Give it one that no server has; ``address_id`` as the provider names it."""

    server_id: UUID
    address_id: str


@dataclass(frozen=True)
class ReleaseAddress(Request, kind="server.address.release"):
    """Hold an address of the server no longer."""

    server_id: UUID
    address_id: str
    typed_name: str = ""


@dataclass(frozen=True)
class SetFirewall(Request, kind="server.firewall"):
    """Put a firewall before the server, or change what it lets in."""

    server_id: UUID
    allowed: tuple[Allowed, ...] = ()

    @property
    def rules(self) -> tuple[Allowed, ...]:
        """What it lets in; what mail needs where nothing is said."""
        return self.allowed or MAIL


@dataclass(frozen=True)
class RemoveFirewall(Request, kind="server.firewall.remove"):
    """From then on the server stands open to the network."""

    server_id: UUID


@dataclass(frozen=True)
class ReadUsage(Request, kind="server.usage"):
    """Ask the provider what the server used this month."""

    server_id: UUID


@dataclass(frozen=True)
class ReconcileIntents(Request, kind="intents.reconcile"):
    """Look at the providers for each order that was left open."""
