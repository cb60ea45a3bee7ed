"""The rows a server's jobs write: its own, its addresses, its intervals, its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.checks import Verdict
from backend.core.present.text import _
from backend.core.secrets.values import SecretRef
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.history import close_all, note_addresses, note_event, note_interval
from backend.fleet.prices import OfferPrices
from backend.fleet.verdicts import record_verdict
from backend.store.schema.fleet import Address, Server, ServerEvent, Snapshot
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.providers import ports
    from backend.providers.ports import Machine
    from backend.store.database import Store


class ServerRepository:
    """Writes what steps found out. Each method is one transaction and may be repeated. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def created(self, ctx: StepContext[object], server_id: UUID, machine_id: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            if server.provider_id != machine_id:
                server.provider_id = machine_id
                words = _("Created at the provider, ID {id}").format(id=machine_id)
                _event(session, ctx, server_id, "created", words)

    def active(self, ctx: StepContext[object], server_id: UUID, machine: Machine) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            server.power, server.seen_at, server.address = machine.power, ctx.now(), machine.ipv4[0]
            note_addresses(session, server_id, machine, ctx.now())
            note_interval(session, server, _priced(session, server, machine), ctx.now(), source="provisioning")

    def pinned(self, server_id: UUID, host_key: str, key: SecretRef, first_contact: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            server.host_key, server.ssh_key_ref, server.ssh_user = host_key, key.path, "root"
            server.first_contact = first_contact

    def login_key_renewed(self, ctx: StepContext[object], server_id: UUID, ref: SecretRef, key: str) -> None:
        """``key`` is its fingerprint. A step that runs again finds it noted."""
        noted = select(ServerEvent.id).where(ServerEvent.job_id == ctx.job.id, ServerEvent.kind == "key")
        with self._store.write(ENGINE_SCOPE) as session:
            if session.scalars(noted).first() is None:
                server = session.get_one(Server, (AGENCY, server_id))
                server.ssh_key_ref, server.login_key_since = ref.path, ctx.now()
                _event(session, ctx, server_id, "key", _("SSH key renewed: {key}").format(key=key))

    def sampled(self, ctx: StepContext[object], server_id: UUID) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            server.sampled_at = ctx.now()
            record_verdict(session, server_subject(server_id), SERVER_SAMPLE, Verdict("ok"), ctx.now())

    def ready(self, ctx: StepContext[object], server_id: UUID) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            if server.life != "active":
                server.life = "active"
                _event(session, ctx, server_id, "ready", _("Verified and ready"))

    def power_is(self, ctx: StepContext[object], server_id: UUID, machine: Machine, words: str) -> None:
        """It was switched by us: known from now on, not only from the next look at the account."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            server.power, server.seen_at = machine.power, ctx.now()
            note_interval(session, server, _priced(session, server, machine), ctx.now(), source="power")
            _event(session, ctx, server_id, "power", words)

    def reached_at(self, ctx: StepContext[object], server_id: UUID, machine: Machine) -> None:
        """Where it can be reached now: at some providers a stop takes the address away, and none has one while off."""
        if not machine.ipv4:
            return
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            if server.address != machine.ipv4[0]:
                words = _("Address changed: {before} to {after}").format(before=server.address, after=machine.ipv4[0])
                _event(session, ctx, server_id, "address", words)
            server.address = machine.ipv4[0]
            note_addresses(session, server_id, machine, ctx.now())

    def size_is(self, ctx: StepContext[object], server_id: UUID, machine: Machine, words: str) -> None:
        """It was resized by us."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            machine = _priced(session, server, machine)
            if note_interval(session, server, machine, ctx.now(), source="resize"):
                _event(session, ctx, server_id, "resized", words)
            server.plan, server.power, server.seen_at = machine.plan, machine.power, ctx.now()
            server.vcpus, server.memory_mb, server.disk_gb = machine.vcpus, machine.memory_mb, machine.disk_gb
            server.monthly_micro = machine.monthly_micro  # unknown is unknown: it is another plan

    def reverse_is(self, ctx: StepContext[object], server_id: UUID, ip: str, name: str, words: str) -> None:
        """An address got its reverse DNS name from us."""
        rows = select(Address).where(Address.server_id == server_id, Address.ip == ip, Address.until.is_(None))
        with self._store.write(ENGINE_SCOPE) as session:
            for row in session.scalars(rows):
                if row.ptr != name:
                    row.ptr = name
                    _event(session, ctx, server_id, "reverse", words)

    def handed(self, ctx: StepContext[object], server_id: UUID, *, to_us: bool) -> None:
        """A server we did not make came into our hands, or is left alone again."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            if server.is_ours != to_us:
                server.is_ours = to_us
                words = _("Management started by {author}") if to_us else _("Management stopped by {author}")
                _event(session, ctx, server_id, "adopted" if to_us else "released", words.format(author=ctx.job.author))

    def snapshot_taken(self, ctx: StepContext[object], server_id: UUID, taken: ports.Snapshot) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, server_id))
            row = session.get(Snapshot, (AGENCY, server.account_id, taken.id))
            if row is None:
                row = Snapshot(tenant_id=AGENCY, account_id=server.account_id, provider_id=taken.id)
                row.server_id, row.name, row.created_at = server_id, taken.name, taken.created_at or ctx.now()
                session.add(row)
                words = _("Snapshot taken: {name}").format(name=taken.name)
                _event(session, ctx, server_id, "snapshot", words)
            row.size_gb = taken.size_gb

    def snapshot_gone(self, ctx: StepContext[object], account_id: UUID, number: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(Snapshot, (AGENCY, account_id, number))
            if row is not None and row.gone_at is None:
                row.gone_at = ctx.now()
                words = _("Snapshot deleted: {name}").format(name=row.name)
                _event(session, ctx, row.server_id, "snapshot", words)

    def end(self, ctx: StepContext[object], server_id: UUID, *, life: str) -> None:
        """The server is no more: its row stays for history, its open intervals and uses close."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, server_id))
            if server is None or server.gone_at is not None:
                return
            server.life, server.power, server.gone_at = life, "off", ctx.now()
            close_all(session, server_id, ctx.now())
            _event(session, ctx, server_id, "gone", _("Removed by {author}").format(author=ctx.job.author))


def _priced(session: ScopedSession, server: Server, machine: Machine) -> Machine:
    return OfferPrices(session, server.account_id).fill(machine)


def _event(session: ScopedSession, ctx: StepContext[object], server_id: UUID, kind: str, text: str) -> None:
    note_event(session, server_id, ctx.now(), kind, text, job_id=ctx.job.id)
