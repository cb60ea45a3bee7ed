"""The rows of what an account holds for a server: its reserved address, its firewall, its usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.present.text import _, ngettext
from backend.fleet.history import note_event
from backend.providers.network import Allowed
from backend.store.schema.fleet import Server
from backend.store.schema.resources import Firewall, ReservedAddress, ServerUsage
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.providers import network
    from backend.providers.ports import Machine, Usage
    from backend.servers.repository import ServerRepository
    from backend.store.database import Store


class AttachedResourceRepository:
    """Writes what steps found out. Each method is one transaction and may be repeated. Thread-safe."""

    def __init__(self, store: Store, repository: ServerRepository) -> None:
        self._store = store
        self._repository = repository

    def address_reserved(
        self, ctx: StepContext[object], server_id: UUID, address: network.ReservedAddress, machine: Machine
    ) -> None:
        """The address is this server's, and where the server can be reached now."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            row = session.get(ReservedAddress, (AGENCY, server.account_id, address.id))
            if row is None:
                row = ReservedAddress(tenant_id=AGENCY, account_id=server.account_id, provider_id=address.id)
                row.reserved_at = ctx.now()
                session.add(row)
            if row.server_id != server_id or row.gone_at is not None:
                _event(session, ctx, server_id, "address", _("Address reserved: {ip}").format(ip=address.ip))
            row.ip, row.region, row.server_id, row.gone_at = address.ip, server.region, server_id, None
            row.monthly_micro, row.currency = address.monthly_micro, address.currency
        self.reached_at(ctx, server_id, machine)

    def reached_at(self, ctx: StepContext[object], server_id: UUID, machine: Machine) -> None:
        """What addresses it has now."""
        self._repository.reached_at(ctx, server_id, machine)

    def address_unassigned(self, ctx: StepContext[object], account_id: UUID, number: str) -> None:
        """It is held still, but no server has it."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(ReservedAddress, (AGENCY, account_id, number))
            if row is not None and row.server_id is not None:
                words = _("Address removed: {ip}").format(ip=row.ip)
                _event(session, ctx, row.server_id, "address", words)
                row.server_id = None

    def address_released(self, ctx: StepContext[object], account_id: UUID, number: str) -> None:
        """It is held no longer."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(ReservedAddress, (AGENCY, account_id, number))
            if row is not None and row.gone_at is None:
                row.gone_at = ctx.now()
                if row.server_id is not None:
                    words = _("Address released: {ip}").format(ip=row.ip)
                    _event(session, ctx, row.server_id, "address", words)

    def firewall_of(self, server: Server) -> str | None:
        """The id of the firewall that is attached to a server; None: none of ours is."""
        there = select(Firewall.provider_id).where(Firewall.server_id == server.id, Firewall.gone_at.is_(None))
        with self._store.read(ENGINE_SCOPE) as session:
            return session.scalars(there).first()

    def attached(self, ctx: StepContext[object], server: Server, number: str, allowed: Sequence[Allowed]) -> None:
        """The firewall with this number is attached to the server and lets in what is allowed."""
        with self._store.write(ENGINE_SCOPE) as session:
            earlier = select(Firewall).where(Firewall.server_id == server.id, Firewall.provider_id != number)
            for other in session.scalars(earlier.where(Firewall.gone_at.is_(None))):
                other.gone_at = ctx.now()
            row = session.get(Firewall, (AGENCY, server.account_id, number))
            if row is None:
                row = Firewall(tenant_id=AGENCY, account_id=server.account_id, provider_id=number)
                row.server_id, row.made_at = server.id, ctx.now()
                session.add(row)
            rules = records_of(allowed)
            if row.allowed != rules or row.gone_at is not None:
                words = ngettext("Firewall set with {n} rule", "Firewall set with {n} rules", len(rules)).format(
                    n=len(rules)
                )
                _event(session, ctx, server.id, "firewall", words)
            row.allowed, row.gone_at = rules, None

    def detached(self, ctx: StepContext[object], server: Server, number: str, words: str) -> None:
        """The firewall is not attached to the server any more."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(Firewall, (AGENCY, server.account_id, number))
            if row is not None and row.gone_at is None:
                row.gone_at = ctx.now()
                _event(session, ctx, server.id, "firewall", words)

    def used(self, ctx: StepContext[object], server_id: UUID, usage: Usage) -> None:
        """What the provider counted. Of its readings the mean is kept: the charts are ours."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(ServerUsage, (AGENCY, server_id))
            if row is None:
                row = ServerUsage(tenant_id=AGENCY, server_id=server_id)
                session.add(row)
            row.since, row.source, row.read_at = usage.since, usage.source, ctx.now()
            row.received_bytes, row.sent_bytes = usage.received_bytes, usage.sent_bytes
            row.counted_bytes, row.included_bytes = usage.counted_bytes, usage.included_bytes
            busy = [reading.cpu_percent for reading in usage.readings]
            row.cpu_percent = sum(busy) / len(busy) if busy else None


def records_of(allowed: Sequence[Allowed]) -> list[dict[str, Any]]:
    """Rules as a row keeps them."""
    return [{**asdict(each), "sources": list(each.sources)} for each in allowed]


def _event(session: ScopedSession, ctx: StepContext[object], server_id: UUID, kind: str, text: str) -> None:
    note_event(session, server_id, ctx.now(), kind, text, job_id=ctx.job.id)
