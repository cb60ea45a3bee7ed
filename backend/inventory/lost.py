"""Which things at a provider carry our mark and belong to nothing here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from backend.core.errors import NotFound
from backend.fleet.marks import PREFIX, is_marked, mark, mark_in
from backend.fleet.prices import OfferPrices
from backend.providers.capabilities import demand
from backend.providers.ports import OUR_TAG, LoginKey, Machine
from backend.store.schema.fleet import Account, Orphan, Server, Snapshot
from backend.store.schema.holdings import Firewall, ReservedAddress
from backend.store.schema.operations import IntentRow, Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.fleet.accounts import AccountAccess
    from backend.providers import network, ports
    from backend.providers.ports import ComputeProvider
    from backend.store.database import Store
    from backend.store.scope import ScopedSession

INTENT_MARK = f"{OUR_TAG}:intent:"
SERVER, KEY, SNAPSHOT, ADDRESS, FIREWALL = RESOURCES = ("server", "ssh_key", "snapshot", "address", "firewall")


class Lost:
    """Looks at one class of things of one account, by list calls only. The list is read before our own rows are: what
    is made meanwhile is never taken for lost. Thread-safe.
    """

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts
        self._looks: Mapping[str, Callable[[Store, UUID], list[Orphan]]] = {
            SERVER: self._servers,
            KEY: self._keys,
            SNAPSHOT: self._snapshots,
            ADDRESS: self._addresses,
            FIREWALL: self._firewalls,
        }

    def find(self, store: Store, account: UUID, resource: str) -> list[Orphan]:
        """Rows that are not in the store yet.

        :raises MailyardError: the list could not be read.
        """
        return self._looks[resource](store, account)

    def _servers(self, store: Store, account: UUID) -> list[Orphan]:
        """With our tag, but no server of ours, and no order that is still somebody's."""
        machines = self._accounts.provider(account).machines()
        with store.read(ENGINE_SCOPE) as session:
            ours = select(Server.provider_id).where(Server.account_id == account, Server.gone_at.is_(None))
            known = set(session.scalars(ours.where(Server.is_ours)))
            live, prices = _live_intents(session), OfferPrices(session, account)
        lost = [each for each in machines if OUR_TAG in each.tags and each.id not in known]
        return [_of_machine(account, prices.fill(each)) for each in lost if not _intents(each) & live]

    def _keys(self, store: Store, account: UUID) -> list[Orphan]:
        """Named as we name login keys, but no server with that id is being made."""
        keys = self._accounts.provider(account).login_keys()
        with store.read(ENGINE_SCOPE) as session:
            making = select(Server.id).where(Server.life == "provisioning", Server.gone_at.is_(None))
            wanted = {f"{PREFIX}{server}" for server in session.scalars(making)}
        return [_of_key(account, key) for key in keys if _is_our_key(key.name) and key.name not in wanted]

    def _snapshots(self, store: Store, account: UUID) -> list[Orphan]:
        """With our mark in the name, but of no server that is still there, and of no job that is to write it down."""
        self._demand(store, account, "snapshot")
        found = self._accounts.provider(account).snapshots()
        with store.read(ENGINE_SCOPE) as session:
            ours = select(Snapshot.provider_id).join(Server, Server.id == Snapshot.server_id)
            there = Snapshot.gone_at.is_(None), Server.gone_at.is_(None)
            known = set(session.scalars(ours.where(Snapshot.account_id == account, *there)))
            live = _live_marks(session)
        lost = [each for each in found if is_marked(each.name) and each.id not in known]
        return [_of_snapshot(account, each) for each in lost if mark_in(each.name) not in live]

    def _addresses(self, store: Store, account: UUID) -> list[Orphan]:
        """That no server has: with our mark, or known as ours where the provider keeps no names. One that a server has
        is that server's, also where the server is known to another installation alone.
        """
        self._demand(store, account, "reserved_address")
        found = self._accounts.provider(account).reserved.held()
        with store.read(ENGINE_SCOPE) as session:
            there = ReservedAddress.account_id == account, ReservedAddress.gone_at.is_(None)
            rows = {row.provider_id: row.server_id for row in session.scalars(select(ReservedAddress).where(*there))}
            live = _live_marks(session)
        lost = [each for each in found if is_marked(each.name) or each.id in rows]
        free = [each for each in lost if not each.machine_id and not rows.get(each.id) and each.name not in live]
        return [_of_address(account, each) for each in free]

    def _firewalls(self, store: Store, account: UUID) -> list[Orphan]:
        """With our mark in the name, but before no server at all, and of none of ours."""
        self._demand(store, account, "firewall")
        found = self._accounts.provider(account).firewalls.all()
        with store.read(ENGINE_SCOPE) as session:
            ours = select(Firewall.provider_id).join(Server, Server.id == Firewall.server_id)
            there = Firewall.gone_at.is_(None), Server.gone_at.is_(None)
            known = set(session.scalars(ours.where(Firewall.account_id == account, *there)))
            live = _live_marks(session)
        lost = [each for each in found if is_marked(each.name) and each.id not in known and not each.machine_ids]
        return [_of_firewall(account, each) for each in lost if each.name not in live]

    def _demand(self, store: Store, account: UUID, row: str) -> None:
        """:raises Refused: the account's provider has no such things: there is nothing to look at."""
        with store.read(ENGINE_SCOPE) as session:
            demand(session.get_one(Account, (AGENCY, account)).provider, row)


def is_gone(provider: ComputeProvider, resource: str, number: str) -> bool:
    """Whether the provider no longer knows it."""
    if resource == KEY:
        return all(key.id != number for key in provider.login_keys())
    if resource == SNAPSHOT:
        return all(each.id != number for each in provider.snapshots())
    if resource == ADDRESS:
        return all(each.id != number for each in provider.reserved.held())
    if resource == FIREWALL:
        return all(each.id != number for each in provider.firewalls.all())
    try:
        provider.get(number)
    except NotFound:
        return True
    return False


def _live_intents(session: ScopedSession) -> set[UUID]:
    """Intents not settled, and those whose job has not come to a good end: what they stand for is that job's."""
    is_unfinished = (IntentRow.state == "created") & Job.state.not_in(("succeeded", "rolled_back"))
    statement = (
        select(IntentRow.id)
        .outerjoin(Job, (Job.tenant_id == IntentRow.tenant_id) & (Job.id == IntentRow.job_id))
        .where(or_(IntentRow.state == "open", is_unfinished))
    )
    return set(session.scalars(statement))


def _live_marks(session: ScopedSession) -> set[str]:
    return {mark(intent) for intent in _live_intents(session)}


def _of_machine(account: UUID, machine: Machine) -> Orphan:
    found = _orphan(account, SERVER, machine.id, machine.name)
    found.region, found.plan = machine.region, machine.plan
    found.monthly_micro, found.currency = machine.monthly_micro, machine.currency
    return found


def _of_key(account: UUID, key: LoginKey) -> Orphan:
    """Keys cost nothing, but they let somebody in."""
    found = _orphan(account, KEY, key.id, key.name)
    found.monthly_micro = 0
    return found


def _of_snapshot(account: UUID, taken: ports.Snapshot) -> Orphan:
    """What it costs is not known: providers charge by size, at prices their API does not tell."""
    return _orphan(account, SNAPSHOT, taken.id, taken.name)


def _of_address(account: UUID, held: network.ReservedAddress) -> Orphan:
    found = _orphan(account, ADDRESS, held.id, held.ip)
    found.region, found.monthly_micro, found.currency = held.region, held.monthly_micro, held.currency
    return found


def _of_firewall(account: UUID, firewall: network.Firewall) -> Orphan:
    """Firewalls cost nothing."""
    found = _orphan(account, FIREWALL, firewall.id, firewall.name)
    found.monthly_micro = 0
    return found


def _orphan(account: UUID, resource: str, number: str, name: str) -> Orphan:
    """Whole, also before the store fills in what is left out: a row that is known takes these values over."""
    found = Orphan(tenant_id=AGENCY, account_id=account, resource=resource, provider_id=number, name=name)
    found.region, found.plan, found.monthly_micro, found.currency = "", "", None, "USD"
    return found


def _intents(machine: Machine) -> set[UUID]:
    marks = [tag.removeprefix(INTENT_MARK) for tag in machine.tags if tag.startswith(INTENT_MARK)]
    return {UUID(mark) for mark in marks if _is_uuid(mark)}


def _is_our_key(name: str) -> bool:
    return name.startswith(PREFIX) and _is_uuid(name.removeprefix(PREFIX))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
