"""The job that compares our rows with what really stands at a provider, by list calls only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import Refused, Unauthorized
from backend.core.present.status import power
from backend.core.present.text import N_, _, ngettext
from backend.engine import intents
from backend.engine.jobs import GOES_ON, Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.history import close_all, note_addresses, note_event, note_interval
from backend.fleet.prices import OfferPrices
from backend.fleet.proof import prove
from backend.fleet.requests import RefreshInventory
from backend.inventory.missing import AskedFor, ask_for_missing
from backend.providers.models import closed_in, intents_in, is_closed
from backend.store.schema.fleet import Account, Server, ServerEvent, ServerUse
from backend.store.schema.operations import IntentRow, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.engine.jobs import JobKinds
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import Machine
    from backend.store.scope import ScopedSession

SOURCE = "inventory"


class RefreshInventoryJob:
    """Job ``inventory.refresh``: one account's servers as they stand now. Nothing at the provider is touched."""

    request: ClassVar[type[RefreshInventory]] = RefreshInventory
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Refresh inventory")
    priority: ClassVar[int] = 50
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, kinds: Callable[[], JobKinds]) -> None:
        """``kinds`` gives all kinds of jobs: which of them explain why a server looks different."""
        self._accounts = accounts
        self._kinds = kinds

    def accept(self, session: ScopedSession, request: RefreshInventory) -> Accepted:
        account = session.get(Account, (AGENCY, request.account_id))
        if account is None or account.removed_at is not None:
            raise Refused(_("This account no longer exists."))
        return Accepted(lane=f"inventory:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _request: RefreshInventory) -> Sequence[Step[RefreshInventory]]:
        return (Step("read", N_("Compare the servers here with those at the provider"), self._refresh, 3, "provider"),)

    def _refresh(self, ctx: StepContext[RefreshInventory]) -> StepOutcome:
        account_id = ctx.job.request.account_id
        with ctx.store.read(ENGINE_SCOPE) as session:
            is_proved = session.get_one(Account, (AGENCY, account_id)).state == "verified"
        if not is_proved:  # what kept it from being so may be over: a clock, a provider's bad hour
            try:
                prove(ctx, self._accounts, account_id)
            except Unauthorized as error:
                return Done(_("not compared: {reason}").format(reason=error.title))
        provider = self._accounts.provider(account_id)
        listed = provider.machines()
        asked = ask_for_missing(ctx, account_id, provider, listed)
        changing = self._kinds().changing_server
        with ctx.store.write(ENGINE_SCOPE) as session:
            note = compare(session, account_id, listed, ctx.now(), since=ctx.since, changing=changing, asked=asked)
            account = session.get_one(Account, (AGENCY, account_id))
            account.checked_at, account.closed_regions = ctx.now(), sorted(closed_in(listed))
        return Done(note)


def compare(
    session: ScopedSession,
    account_id: UUID,
    listed: Sequence[Machine],
    now: datetime,
    *,
    since: Callable[[datetime], timedelta],
    changing: Set[str] = frozenset(),
    asked: AskedFor | None = None,
) -> str:
    """Bring the account's rows to what was listed; says what was found in words.

    Of a region that the list leaves out nothing is known: servers there are not observed, and not gone. What the list
    lacks is gone where the provider, ``asked`` for it by its number, does not know it.
    A server under way (no number yet, or still *provisioning*), or one that a job of ours is changing, is left to it.
    ``since`` tells how long ago something was ordered, by time that passed.
    """
    asked = asked or AskedFor()
    statement = select(Server).where(Server.account_id == account_id, Server.gone_at.is_(None))
    busy, prices = _under_change(session, changing), OfferPrices(session, account_id)
    machines = {machine.id: prices.fill(machine) for machine in (*listed, *asked.there)}
    present = {row.provider_id: row for row in session.scalars(statement) if row.provider_id}
    _meet_new(session, account_id, [machines[number] for number in machines.keys() - present.keys()], now)
    for machine in (machines[number] for number in machines.keys() & present.keys()):
        server = present[machine.id]
        if server.life != "provisioning" and server.id not in busy:
            _follow(session, server, machine, now)
    unlisted = present.keys() - machines.keys()
    missing = [present[key] for key in sorted(unlisted - _just_ordered(session, account_id, unlisted, since))]
    unseen = [row for row in missing if is_closed(closed_in(listed), str(row.provider_id))]
    for server in unseen:
        _lose_sight(session, server, now)
    settled = (row for row in missing if row.life != "provisioning" and row not in unseen and row.id not in busy)
    gone = [row for row in settled if row.provider_id in asked.gone]
    for server in gone:
        _close(session, server, now)
    words = ngettext("{count} server, {gone} missing", "{count} servers, {gone} missing", len(machines))
    told = words.format(count=len(machines), gone=len(gone))
    return _("{one}, {other}").format(one=told, other=asked.words) if asked.words else told


def _meet_new(session: ScopedSession, account_id: UUID, machines: Sequence[Machine], now: datetime) -> None:
    """Servers without an open row: one that was lost is taken back, any other is somebody else's."""
    lost = _lost_before(session, account_id, {machine.id for machine in machines})
    for machine in machines:
        if machine.id in lost:
            _take_back(session, lost[machine.id], machine, now)
        elif not _is_under_way(session, account_id, machine):
            _add_foreign(session, account_id, machine, now)


def _close(session: ScopedSession, server: Server, now: datetime) -> None:
    server.life, server.power, server.gone_at = "decommissioned", "off", now
    close_all(session, server.id, now)
    note_event(session, server.id, now, "drift", _("Deleted outside Mailyard"))


def _lose_sight(session: ScopedSession, server: Server, now: datetime) -> None:
    """Said once: from then on its power is not known."""
    if server.life != "provisioning" and server.power != "unknown":
        server.power = "unknown"
        words = _("Not observed: the account has no permissions in {region}").format(region=server.region)
        note_event(session, server.id, now, "drift", words)


def _follow(session: ScopedSession, server: Server, machine: Machine, now: datetime) -> None:
    """A change we did not make is drift, and stands in the timeline."""
    before = (server.plan, server.power)
    if note_interval(session, server, machine, now, source=SOURCE) and before[0] != machine.plan:
        words = _("Resized outside Mailyard: {before} to {after}").format(before=before[0], after=machine.plan)
        note_event(session, server.id, now, "drift", words)
    if machine.power != "unknown" and before[1] not in ("unknown", machine.power):
        words = _("Power changed outside Mailyard: {power}").format(power=power(machine.power))
        note_event(session, server.id, now, "drift", words)
    server.plan, server.power, server.seen_at = machine.plan, machine.power, now
    server.vcpus, server.memory_mb, server.disk_gb = machine.vcpus, machine.memory_mb, machine.disk_gb
    if machine.monthly_micro is not None or before[0] != machine.plan:
        server.monthly_micro = machine.monthly_micro  # of another plan nothing is known until it is told
    server.address = machine.ipv4[0] if machine.ipv4 else server.address
    note_addresses(session, server.id, machine, now)


def _under_change(session: ScopedSession, changing: Set[str]) -> frozenset[UUID]:
    """Servers that we ourselves switch, resize or destroy now: what differs is no drift.

    A job that waits for a person has not begun: it asks before it changes anything.
    """
    jobs = select(Job.about_id).where(Job.state.in_(sorted(GOES_ON)), Job.kind.in_(changing))
    return frozenset(each for each in session.scalars(jobs) if each is not None)


def _just_ordered(
    session: ScopedSession, account_id: UUID, numbers: Set[str], since: Callable[[datetime], timedelta]
) -> frozenset[str]:
    """Which of these were ordered so recently that lists may lack them still: they are not called gone."""
    if not numbers:
        return frozenset()
    ordered = select(IntentRow.provider_id, IntentRow.written_at).where(
        IntentRow.account_id == account_id, IntentRow.resource == "server", IntentRow.provider_id.in_(numbers)
    )
    young = (number for number, sent_at in session.execute(ordered) if since(sent_at) < intents.SHOWN_WITHIN)
    return frozenset(number for number in young if number is not None)


def _is_under_way(session: ScopedSession, account_id: UUID, machine: Machine) -> bool:
    """A machine of our order whose job has not learnt its number yet is not foreign, whatever it is called."""
    intents = intents_in(machine.tags)
    if not intents:
        return False
    orders = select(Job.about_id).join(IntentRow, IntentRow.job_id == Job.id).where(IntentRow.id.in_(intents))
    coming = select(Server.id).where(Server.account_id == account_id, Server.life == "provisioning")
    unknown = coming.where(Server.provider_id.is_(None), Server.id.in_(orders))
    return session.scalars(unknown).first() is not None


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
    note_event(session, server.id, now, "drift", _("Listed by its provider again"))
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
    note_event(session, server.id, now, "found", _("Found at the provider; not created by Mailyard"))
