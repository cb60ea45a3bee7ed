"""The job that compares our rows with what really stands at a provider, by list calls only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.fleet.history import close_all, note_addresses, note_event, note_interval
from backend.fleet.prices import OfferPrices
from backend.store.schema.fleet import Account, Server, ServerEvent, ServerUse
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import Machine
    from backend.store.scope import ScopedSession

SOURCE = "inventory"
#: Our own jobs after which a server looks different.
CHANGING = ("server.power", "server.resize", "server.restore")


class RefreshInventory:
    """Job ``inventory.refresh``: one account's servers as they stand now. Nothing at the provider is touched."""

    name: ClassVar[str] = "inventory.refresh"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Refresh inventory")
    priority: ClassVar[int] = 50

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        account = session.get(Account, (AGENCY, UUID(str(wish.get("account_id")))))
        if account is None or account.removed_at is not None:
            raise Refused(_("This account no longer exists."))
        return Accepted(lane=f"inventory:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("read", N_("Read and compare"), self._refresh, 3, "provider"),)

    def _refresh(self, ctx: StepContext) -> StepOutcome:
        account_id = UUID(str(ctx.job.wish["account_id"]))
        with ctx.store.read(ENGINE_SCOPE) as session:
            if session.get_one(Account, (AGENCY, account_id)).state == "refused":
                return Done(_("nothing was compared: the token was refused, verify the account first"))
        machines = {machine.id: machine for machine in self._accounts.provider(account_id).machines()}
        with ctx.store.write(ENGINE_SCOPE) as session:
            note = compare(session, account_id, machines, ctx.now())
            session.get_one(Account, (AGENCY, account_id)).looked_at = ctx.now()
        return Done(note)


def compare(session: ScopedSession, account_id: UUID, machines: Mapping[str, Machine], now: datetime) -> str:
    """Bring the account's rows to what was listed; says what was found in words.

    A server under way (no number yet, or still *provisioning*), or one that a job of ours is changing, is left to it.
    """
    statement = select(Server).where(Server.account_id == account_id, Server.gone_at.is_(None))
    changing, prices = _under_change(session), OfferPrices(session, account_id)
    machines = {key: prices.fill(machine) for key, machine in machines.items()}
    present = {row.provider_id: row for row in session.scalars(statement) if row.provider_id}
    lost = _lost_before(session, account_id, machines.keys() - present.keys())
    for machine_id, machine in machines.items():
        server = present.get(machine_id)
        if server is None:
            if machine_id in lost:
                _take_back(session, lost[machine_id], machine, now)
            elif not _is_under_way(session, account_id, machine):
                _add_foreign(session, account_id, machine, now)
        elif server.life != "provisioning" and server.id not in changing:
            _follow(session, server, machine, now)
    gone = [row for key, row in present.items() if key not in machines and row.life != "provisioning"]
    for server in gone:
        server.life, server.power, server.gone_at = "decommissioned", "off", now
        close_all(session, server.id, now)
        note_event(session, server.id, now, "drift", _("Deleted outside Mailyard"))
    return _("{count} servers, {gone} gone").format(count=len(machines), gone=len(gone))


def _follow(session: ScopedSession, server: Server, machine: Machine, now: datetime) -> None:
    """A change we did not make is drift, and stands in the timeline."""
    before = (server.plan, server.power)
    if note_interval(session, server, machine, now, source=SOURCE) and before[0] != machine.plan:
        words = _("Resized outside Mailyard: {before} to {after}").format(before=before[0], after=machine.plan)
        note_event(session, server.id, now, "drift", words)
    if machine.power != "unknown" and before[1] not in ("unknown", machine.power):
        words = _("Switched outside Mailyard: {power}").format(power=machine.power)
        note_event(session, server.id, now, "drift", words)
    server.plan, server.power, server.seen_at = machine.plan, machine.power, now
    server.vcpus, server.memory_mb, server.disk_gb = machine.vcpus, machine.memory_mb, machine.disk_gb
    if machine.monthly_micro is not None or before[0] != machine.plan:
        server.monthly_micro = machine.monthly_micro  # of another plan nothing is known until it is told
    server.address = machine.ipv4[0] if machine.ipv4 else server.address
    note_addresses(session, server.id, machine, now)


def _under_change(session: ScopedSession) -> frozenset[UUID]:
    """Servers that we ourselves switch or resize now: what differs is no drift."""
    jobs = select(Job.about_id).where(Job.ended_at.is_(None), Job.kind.in_(CHANGING))
    return frozenset(each for each in session.scalars(jobs) if each is not None)


def _is_under_way(session: ScopedSession, account_id: UUID, machine: Machine) -> bool:
    """A machine with our tag whose job has not learnt its number yet is not foreign."""
    if not any(tag.startswith("mailyard:intent:") for tag in machine.tags):
        return False
    statement = select(Server).where(Server.account_id == account_id, Server.name == machine.name)
    return (
        session.scalars(statement.where(Server.life == "provisioning", Server.provider_id.is_(None))).first()
        is not None
    )


def _lost_before(session: ScopedSession, account_id: UUID, numbers: Set[str]) -> Mapping[str, Server]:
    """The rows of servers that were once not listed, and that nobody here destroyed; the latest of each number."""
    if not numbers:
        return {}
    gone = select(Server).where(Server.account_id == account_id, Server.gone_at.is_not(None))
    destroyed = select(ServerEvent.server_id).where(ServerEvent.kind == "gone")
    lost = gone.where(Server.id.not_in(destroyed)).order_by(Server.gone_at)
    return {str(row.provider_id): row for row in session.scalars(lost) if row.provider_id in numbers}


def _take_back(session: ScopedSession, server: Server, machine: Machine, now: datetime) -> None:
    """Ours still, with its key and its history; whoever used it when it was lost uses it again, from now on."""
    lost_at = server.gone_at
    for use in session.scalars(select(ServerUse).where(ServerUse.server_id == server.id, ServerUse.until == lost_at)):
        again = ServerUse(tenant_id=use.tenant_id, id=uuid4(), server_tenant_id=AGENCY, server_id=server.id, since=now)
        session.add(again)
    server.life, server.power, server.gone_at = "active", "unknown", None
    note_event(session, server.id, now, "drift", _("Is listed by its provider again"))
    _follow(session, server, machine, now)


def _add_foreign(session: ScopedSession, account_id: UUID, machine: Machine, now: datetime) -> None:
    """A server we did not make is shown, and never touched."""
    server = Server(
        tenant_id=AGENCY,
        id=uuid4(),
        account_id=account_id,
        name=machine.name,
        provider_id=machine.id,
        region=machine.region,
        plan=machine.plan,
        image=machine.image,
        vcpus=machine.vcpus,
        memory_mb=machine.memory_mb,
        disk_gb=machine.disk_gb,
        life="active",
        power=machine.power,
        is_ours=False,
        address=machine.ipv4[0] if machine.ipv4 else None,
        monthly_micro=machine.monthly_micro,
        currency=machine.currency,
        created_at=machine.created_at or now,
        seen_at=now,
    )
    session.add(server)
    session.flush()
    note_addresses(session, server.id, machine, now)
    note_interval(session, server, machine, now, source=SOURCE)
    note_event(session, server.id, now, "found", _("Found at the provider; not made by Mailyard"))
