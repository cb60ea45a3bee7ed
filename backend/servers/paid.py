"""What we make at providers: how each kind of it is listed, known, found again and deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import NotFound, Refused
from backend.core.present.text import N_, _
from backend.engine.payload import from_plain
from backend.feature import Found, Known, PaidResource, Sought
from backend.fleet.clouds import at_same_cloud, is_not_destroyed, known_servers
from backend.fleet.ownership import PREFIX, has_ownership_tag, ownership_tag, ownership_tag_in
from backend.providers.models import as_listed, intents_in
from backend.providers.ports import OUR_TAG
from backend.servers.network.addresses import meant_address
from backend.servers.network.firewall import find_firewall
from backend.servers.provider_actions import told_of
from backend.servers.provision.naming import key_name
from backend.servers.requests import ProvisionServer
from backend.servers.snapshots import snapshot_name, snapshot_named
from backend.store.schema.fleet import Server, Snapshot
from backend.store.schema.resources import Firewall, ReservedAddress

if TYPE_CHECKING:
    from backend.providers import network, ports
    from backend.providers.ports import ComputeProvider, Machine
    from backend.store.scope import ScopedSession

T = TypeVar("T")


def _all(listed: Sequence[T], found: Callable[[T], Found]) -> Sequence[Found]:
    return as_listed(map(found, listed), listed)


def _server(machine: Machine) -> Found:
    return Found(
        machine.id,
        machine.name,
        marks=frozenset({machine.id, *map(ownership_tag, intents_in(machine.tags))}),
        is_tagged=OUR_TAG in machine.tags,
        region=machine.region,
        plan=machine.plan,
        monthly_micro=machine.monthly_micro,
        currency=machine.currency,
    )


def _known_servers(session: ScopedSession, account: UUID) -> Known:
    return Known(set(session.scalars(known_servers().where(at_same_cloud(Server.account_id, account)))))


def _find_server(provider: ComputeProvider, sought: Sought) -> str | None:
    machines = told_of(provider.find(sought.intent.id), sought.region)
    return machines[0].id if machines else None


def _has_server(provider: ComputeProvider, provider_id: str) -> bool:
    try:
        provider.get(provider_id)
    except NotFound:
        return False
    return True


def _delete_server(provider: ComputeProvider, provider_id: str) -> None:
    """:raises Refused: the server itself says now that it is not tagged as ours."""
    if OUR_TAG not in provider.get(provider_id).tags:
        raise Refused(_("It no longer carries Mailyard's ownership tag."), remedy=_("Mailyard does not change it."))
    provider.delete(provider_id)


def _keys(provider: ComputeProvider) -> Sequence[Found]:
    """Keys cost nothing, but they let somebody in."""
    return [
        Found(key.id, key.name, marks=frozenset({key.name}), is_tagged=_is_our_key(key.name), monthly_micro=0)
        for key in provider.login_keys()
    ]


def _known_keys(session: ScopedSession, _account: UUID) -> Known:
    """A key belongs to the server with its id in the key's name, while that is being made."""
    making = select(Server.id).where(Server.life == "provisioning", Server.gone_at.is_(None))
    return Known({key_name(server) for server in session.scalars(making)})


def _find_key(provider: ComputeProvider, sought: Sought) -> str | None:
    job = sought.job
    return provider.find_key(key_name(from_plain(ProvisionServer, job.request).server_id)) if job is not None else None


def _snapshot(snapshot: ports.Snapshot) -> Found:
    """What it costs is not known: providers charge by size, at prices their API does not tell."""
    name = snapshot.name
    marks = frozenset({snapshot.id, ownership_tag_in(name)})
    return Found(snapshot.id, name, marks=marks, is_tagged=has_ownership_tag(name))


def _known_of_servers(kind: type[Snapshot] | type[Firewall]) -> Callable[[ScopedSession, UUID], Known]:
    """One belongs to the server it was made of or for, until that is destroyed here."""

    def known(session: ScopedSession, account: UUID) -> Known:
        ours = select(kind.provider_id).join(Server, Server.id == kind.server_id)
        there = kind.gone_at.is_(None), is_not_destroyed()
        return Known(set(session.scalars(ours.where(at_same_cloud(kind.account_id, account), *there))))

    return known


def _find_snapshot(provider: ComputeProvider, sought: Sought) -> str | None:
    wanted = snapshot_name(sought.intent.name, sought.intent.id)
    return wanted if snapshot_named(provider, wanted, sought.region) else None


def _address(address: network.ReservedAddress) -> Found:
    """One that a server has is that server's, also where the server is known to another installation alone."""
    return Found(
        address.id,
        address.ip,
        marks=frozenset({address.id, address.name}),
        is_tagged=has_ownership_tag(address.name),
        is_used=bool(address.machine_id),
        region=address.region,
        monthly_micro=address.monthly_micro,
        currency=address.currency,
    )


def _known_addresses(session: ScopedSession, account: UUID) -> Known:
    """By our rows too: some providers keep no names of addresses."""
    there = at_same_cloud(ReservedAddress.account_id, account), ReservedAddress.gone_at.is_(None)
    rows = session.scalars(select(ReservedAddress).where(*there)).all()
    belonging = {row.provider_id for row in rows if row.server_id or row.account_id != account}
    return Known(belonging, ours={row.provider_id for row in rows})


def _find_address(provider: ComputeProvider, sought: Sought) -> str | None:
    """Its intent is named after the machine it is for."""
    return meant_address(provider.reserved, sought.intent.id, sought.intent.name)


def _firewall(firewall: network.Firewall) -> Found:
    """They cost nothing."""
    return Found(
        firewall.id,
        firewall.name,
        marks=frozenset({firewall.id, firewall.name}),
        is_tagged=has_ownership_tag(firewall.name),
        is_used=bool(firewall.machine_ids),
        monthly_micro=0,
    )


def _is_our_key(name: str) -> bool:
    return name.startswith(PREFIX) and _is_uuid(name.removeprefix(PREFIX))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


PAID = (
    PaidResource(
        "server",
        N_("server"),
        lambda provider: _all(provider.machines(), _server),
        _known_servers,
        _find_server,
        _delete_server,
        get=_has_server,
    ),
    PaidResource(
        "ssh_key", N_("SSH key"), _keys, _known_keys, _find_key, lambda provider, key: provider.remove_key(key)
    ),
    PaidResource(
        "snapshot",
        N_("snapshot"),
        lambda provider: _all(provider.snapshots(), _snapshot),
        _known_of_servers(Snapshot),
        _find_snapshot,
        lambda provider, snapshot: provider.delete_snapshot(snapshot),
        needs="snapshot",
    ),
    PaidResource(
        "address",
        N_("reserved address"),
        lambda provider: _all(provider.reserved.all(), _address),
        _known_addresses,
        _find_address,
        lambda provider, address: provider.reserved.release(address),
        needs="reserved_address",
    ),
    PaidResource(
        "firewall",
        N_("firewall"),
        lambda provider: _all(provider.firewalls.all(), _firewall),
        _known_of_servers(Firewall),
        lambda provider, sought: find_firewall(provider.firewalls, sought.intent.id, sought.region),
        lambda provider, firewall: provider.firewalls.delete(firewall),
        needs="firewall",
    ),
)
