"""What carries our mark at a provider and belongs to nothing here: found, shown with its cost, removed on a word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import MailyardError, NotFound, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.fleet.prices import OfferPrices
from backend.providers.capabilities import demand
from backend.providers.ports import OUR_TAG, LoginKey, Machine
from backend.store.schema.fleet import Account, Orphan, OrphanLook, Server, Snapshot
from backend.store.schema.operations import IntentRow, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers import ports
    from backend.providers.ports import ComputeProvider
    from backend.store.scope import ScopedSession

EVERY_S, GRACE_S = 6 * 3600, 6 * 3600
GONE_LIMIT_S, LOOK_EVERY_S = 120.0, 1.0
KEY_PREFIX = "mailyard-"
INTENT_MARK = f"{OUR_TAG}:intent:"
SERVER, KEY, SNAPSHOT = "server", "ssh_key", "snapshot"
MARK = re.compile(r" mailyard-[0-9a-f]{8}\Z")  # backend/servers/snapshots.py writes it


class LookForOrphans:
    """Job ``orphans.look``, wished at every start and every six hours: each account, by list calls only."""

    name: ClassVar[str] = "orphans.look"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Look for orphans")
    priority: ClassVar[int] = 60

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, _session: ScopedSession, _wish: Mapping[str, Any]) -> Accepted:
        return Accepted(lane="orphans", about="")

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("look", N_("Look at each account"), self._look, 3, "provider"),)

    def _look(self, ctx: StepContext) -> StepOutcome:
        with ctx.store.read(ENGINE_SCOPE) as session:
            accounts = list(session.scalars(select(Account.id).where(Account.removed_at.is_(None))))
        found = troubles = 0
        for account in accounts:
            ctx.stop_if_cancelled()
            looks = ((SERVER, self._servers), (KEY, self._keys), (SNAPSHOT, self._snapshots))
            for resource, look in looks:
                seen = _tried(resource, partial(look, ctx, account))
                troubles += bool(seen.trouble)
                with ctx.store.write(ENGINE_SCOPE) as session:
                    found += _keep(session, account, seen, ctx.now())
        words = _("{found} orphans, {troubles} lists could not be looked at")
        return Done(words.format(found=found, troubles=troubles))

    def _servers(self, ctx: StepContext, account: UUID) -> list[Orphan]:
        """With our tag, but no server of ours, and no order that is still under way."""
        machines = self._accounts.provider(account).machines()
        with ctx.store.read(ENGINE_SCOPE) as session:
            ours = select(Server.provider_id).where(Server.account_id == account, Server.gone_at.is_(None))
            known = set(session.scalars(ours.where(Server.is_ours)))
            under_way = set(session.scalars(select(IntentRow.id).where(IntentRow.state == "open")))
            prices = OfferPrices(session, account)
        lost = [each for each in machines if OUR_TAG in each.tags and each.id not in known]
        return [_of_machine(account, prices.fill(each)) for each in lost if not _intents(each) & under_way]

    def _keys(self, ctx: StepContext, account: UUID) -> list[Orphan]:
        """Named as we name login keys, but no server with that id is being made."""
        keys = self._accounts.provider(account).login_keys()
        with ctx.store.read(ENGINE_SCOPE) as session:
            making = select(Server.id).where(Server.life == "provisioning", Server.gone_at.is_(None))
            wanted = {f"{KEY_PREFIX}{server}" for server in session.scalars(making)}
        return [_of_key(account, key) for key in keys if _is_our_key(key.name) and key.name not in wanted]

    def _snapshots(self, ctx: StepContext, account: UUID) -> list[Orphan]:
        """With our mark in the name, but in no row of ours, and not being taken."""
        with ctx.store.read(ENGINE_SCOPE) as session:
            kind = session.get_one(Account, (AGENCY, account)).provider
            ours = select(Snapshot.provider_id).where(Snapshot.account_id == account, Snapshot.gone_at.is_(None))
            known = set(session.scalars(ours))
            open_ones = session.scalars(select(IntentRow.id).where(IntentRow.state == "open"))
            under_way = {f"{KEY_PREFIX}{intent.hex[:8]}" for intent in open_ones}
        demand(kind, "snapshot")
        found = self._accounts.provider(account).snapshots()
        lost = [each for each in found if MARK.search(each.name) and each.id not in known]
        return [_of_snapshot(account, each) for each in lost if each.name.rsplit(" ", 1)[-1] not in under_way]


class RemoveOrphan:
    """Job ``orphan.remove``: for good; the wish carries the orphan's name, typed by the person."""

    name: ClassVar[str] = "orphan.remove"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove orphan")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        row = session.get(Orphan, _row_key(wish))
        if row is None:
            raise Refused(_("This orphan is no longer listed."), remedy=_("Look again."))
        if wish.get("typed_name") != row.name:
            raise Refused(
                _("The name typed is not {name}.").format(name=row.name), remedy=_("Type the full name to remove it.")
            )
        return Accepted(lane="orphans", about=row.name)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("delete", N_("Delete it at the provider"), self._delete, 3, "provider"),
            Step("gone", N_("See that it is gone"), self._see_gone, 10, "provider"),
        )

    def _delete(self, ctx: StepContext) -> StepOutcome:
        """Looked at again first: meanwhile it may be somebody's."""
        provider, resource, number = self._thing(ctx)
        if resource in (KEY, SNAPSHOT):
            (provider.remove_key if resource == KEY else provider.delete_snapshot)(number)
            return Done()
        try:
            machine = provider.get(number)
        except NotFound:
            return Done(_("it was gone already"))
        if OUR_TAG not in machine.tags:
            raise Refused(_("It does not carry our mark any more."), remedy=_("Mailyard leaves it alone."))
        provider.delete(number)
        return Done()

    def _see_gone(self, ctx: StepContext) -> StepOutcome:
        provider, resource, number = self._thing(ctx)
        if ctx.poll(partial(GONE[resource], provider, number), every_s=LOOK_EVERY_S, limit_s=GONE_LIMIT_S) is None:
            raise ProviderRefused(_("The provider still shows it."), remedy=_("Try again; it may still cost money."))
        with ctx.store.write(ENGINE_SCOPE) as session:
            row = session.get(Orphan, _row_key(ctx.job.wish))
            if row is not None:
                session.delete(row)
        return Done(_("the provider no longer knows it"))

    def _thing(self, ctx: StepContext) -> tuple[ComputeProvider, str, str]:
        wish = ctx.job.wish
        provider = self._accounts.provider(UUID(str(wish["account_id"])))
        return provider, str(wish["resource"]), str(wish["provider_id"])


def six_hourly(now: datetime) -> Schedule:
    """When accounts are looked at by themselves."""
    return Schedule(
        tenant_id=AGENCY,
        id=uuid4(),
        kind=LookForOrphans.name,
        subject="",
        payload={},
        every_s=EVERY_S,
        grace_s=GRACE_S,
        next_at=now + timedelta(seconds=EVERY_S),
        enabled=True,
    )


@dataclass(frozen=True)
class _Seen:
    """One list of one account: what was found, or why it could not be looked at."""

    resource: str
    orphans: Sequence[Orphan] = ()
    trouble: str = ""


def _tried(resource: str, look: Callable[[], list[Orphan]]) -> _Seen:
    try:
        return _Seen(resource, look())
    except MailyardError as error:
        return _Seen(resource, trouble=error.title)


def _keep(session: ScopedSession, account: UUID, seen: _Seen, now: datetime) -> int:
    """Bring the rows of one list to what was found; after trouble what is listed stays. How many are listed."""
    statement = select(Orphan).where(Orphan.account_id == account, Orphan.resource == seen.resource)
    present = {row.provider_id: row for row in session.scalars(statement)}
    _note_look(session, account, seen.resource, None if seen.trouble else now, seen.trouble)
    if seen.trouble:
        return len(present)
    fresh = {row.provider_id: row for row in seen.orphans}
    for number, row in present.items():
        if number not in fresh:
            session.delete(row)
    for number, row in fresh.items():
        known = present.get(number)
        if known is None:
            row.found_at = now
            session.add(row)
        else:
            known.name, known.plan, known.region = row.name, row.plan, row.region
            known.monthly_micro, known.currency = row.monthly_micro, row.currency
    return len(fresh)


def _note_look(session: ScopedSession, account: UUID, resource: str, now: datetime | None, trouble: str) -> None:
    row = session.get(OrphanLook, (AGENCY, account, resource))
    if row is None:
        row = OrphanLook(tenant_id=AGENCY, account_id=account, resource=resource, trouble=trouble)
        session.add(row)
    row.trouble, row.looked_at = trouble, now or row.looked_at


def _of_machine(account: UUID, machine: Machine) -> Orphan:
    return Orphan(
        tenant_id=AGENCY,
        account_id=account,
        resource=SERVER,
        provider_id=machine.id,
        name=machine.name,
        region=machine.region,
        plan=machine.plan,
        monthly_micro=machine.monthly_micro,
        currency=machine.currency,
    )


def _of_key(account: UUID, key: LoginKey) -> Orphan:
    """Keys cost nothing, but they let somebody in."""
    return Orphan(
        tenant_id=AGENCY, account_id=account, resource=KEY, provider_id=key.id, name=key.name, monthly_micro=0
    )


def _of_snapshot(account: UUID, found: ports.Snapshot) -> Orphan:
    """What it costs is not known: providers charge by size, at prices their API does not tell."""
    return Orphan(tenant_id=AGENCY, account_id=account, resource=SNAPSHOT, provider_id=found.id, name=found.name)


def _intents(machine: Machine) -> set[UUID]:
    marks = [tag.removeprefix(INTENT_MARK) for tag in machine.tags if tag.startswith(INTENT_MARK)]
    return {UUID(mark) for mark in marks if _is_uuid(mark)}


def _is_our_key(name: str) -> bool:
    return name.startswith(KEY_PREFIX) and _is_uuid(name.removeprefix(KEY_PREFIX))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_key_gone(provider: ComputeProvider, number: str) -> bool | None:
    return None if any(key.id == number for key in provider.login_keys()) else True


def _is_server_gone(provider: ComputeProvider, number: str) -> bool | None:
    try:
        provider.get(number)
    except NotFound:
        return True
    return None


def _is_snapshot_gone(provider: ComputeProvider, number: str) -> bool | None:
    return None if any(each.id == number for each in provider.snapshots()) else True


GONE: Mapping[str, Callable[[ComputeProvider, str], bool | None]] = {
    SERVER: _is_server_gone,
    KEY: _is_key_gone,
    SNAPSHOT: _is_snapshot_gone,
}


def _row_key(wish: Mapping[str, Any]) -> tuple[UUID, UUID, str, str]:
    """:raises Refused: the wish names nothing."""
    try:
        return AGENCY, UUID(str(wish["account_id"])), str(wish["resource"]), str(wish["provider_id"])
    except (KeyError, ValueError) as error:
        raise Refused(_("The wish names no orphan.")) from error
