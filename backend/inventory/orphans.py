"""The jobs on orphans: what carries our mark and belongs to nothing here is found, and removed on a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.engine.timetable import Every, repeating
from backend.inventory.lost import ADDRESS, FIREWALL, KEY, RESOURCES, SNAPSHOT, Lost, is_gone
from backend.providers.ports import OUR_TAG
from backend.store.schema.fleet import Account, Orphan, OrphanLook
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import ComputeProvider
    from backend.store.scope import ScopedSession

EVERY = Every(6 * 3600, grace_s=30 * 86_400)
GONE_LIMIT_S, LOOK_EVERY_S = 120.0, 1.0


class LookForOrphans:
    """Job ``orphans.look``, every six hours (caught up at the next start): each account, by list calls only."""

    name: ClassVar[str] = "orphans.look"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Look for orphans")
    priority: ClassVar[int] = 60

    def __init__(self, lost: Lost) -> None:
        self._lost = lost

    def accept(self, _session: ScopedSession, _wish: Mapping[str, Any]) -> Accepted:
        return Accepted(lane="orphans", about="")

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("look", N_("Look at each account"), self._look, 3, "provider"),)

    def _look(self, ctx: StepContext) -> StepOutcome:
        with ctx.store.read(ENGINE_SCOPE) as session:
            accounts = list(session.scalars(select(Account.id).where(Account.removed_at.is_(None))))
        found = troubles = 0
        for account, resource in ((account, resource) for account in accounts for resource in RESOURCES):
            ctx.stop_if_cancelled()
            seen = self._seen(ctx, account, resource)
            troubles += bool(seen.trouble)
            with ctx.store.write(ENGINE_SCOPE) as session:
                found += _keep(session, account, seen, ctx.now())
        words = _("{found} orphans, {troubles} lists could not be looked at")
        return Done(words.format(found=found, troubles=troubles))

    def _seen(self, ctx: StepContext, account: UUID, resource: str) -> _Seen:
        try:
            return _Seen(resource, self._lost.find(ctx.store, account, resource))
        except MailyardError as error:
            return _Seen(resource, trouble=error.title)


class RemoveOrphan:
    """Job ``orphan.remove``: for good; the wish carries the orphan's name, typed by the person."""

    name: ClassVar[str] = "orphan.remove"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove orphan")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, lost: Lost) -> None:
        self._accounts = accounts
        self._lost = lost

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
        """Looked at again first: meanwhile it may have become a server's, or somebody's."""
        _agency, account, resource, number = _row_key(ctx.job.wish)
        provider = self._accounts.provider(account)
        if is_gone(provider, resource, number):
            return Done(_("it was gone already"))
        if number not in [each.provider_id for each in self._lost.find(ctx.store, account, resource)]:
            raise Refused(_("It is no orphan any more."), remedy=_("Mailyard leaves it alone. Look again."))
        if resource == KEY:
            provider.remove_key(number)
        elif resource == SNAPSHOT:
            provider.delete_snapshot(number)
        elif resource == ADDRESS:
            provider.reserved.release(number)
        elif resource == FIREWALL:
            provider.firewalls.delete(number)
        else:
            _delete_server(provider, number)
        return Done()

    def _see_gone(self, ctx: StepContext) -> StepOutcome:
        _agency, account, resource, number = _row_key(ctx.job.wish)
        provider = self._accounts.provider(account)

        def look() -> bool | None:
            return is_gone(provider, resource, number) or None

        if ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=GONE_LIMIT_S) is None:
            raise ProviderRefused(_("The provider still shows it."), remedy=_("Try again; it may still cost money."))
        with ctx.store.write(ENGINE_SCOPE) as session:
            row = session.get(Orphan, _row_key(ctx.job.wish))
            if row is not None:
                session.delete(row)
        return Done(_("the provider no longer knows it"))


def six_hourly(now: datetime) -> Schedule:
    """When accounts are looked at by themselves; a look that was missed is caught up."""
    return repeating(LookForOrphans.name, EVERY, now)


@dataclass(frozen=True)
class _Seen:
    """One list of one account: what was found, or why it could not be looked at."""

    resource: str
    orphans: Sequence[Orphan] = ()
    trouble: str = ""


def _delete_server(provider: ComputeProvider, number: str) -> None:
    """:raises Refused: the server itself says now that it is not marked as ours."""
    if OUR_TAG not in provider.get(number).tags:
        raise Refused(_("It does not carry our mark any more."), remedy=_("Mailyard leaves it alone."))
    provider.delete(number)


def _keep(session: ScopedSession, account: UUID, seen: _Seen, now: datetime) -> int:
    """Bring the rows of one list to what was found; after trouble what is listed stays. How many are listed."""
    statement = select(Orphan).where(Orphan.account_id == account, Orphan.resource == seen.resource)
    present = {row.provider_id: row for row in session.scalars(statement)}
    _note_look(session, account, seen, now)
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


def _note_look(session: ScopedSession, account: UUID, seen: _Seen, now: datetime) -> None:
    row = session.get(OrphanLook, (AGENCY, account, seen.resource))
    if row is None:
        row = OrphanLook(tenant_id=AGENCY, account_id=account, resource=seen.resource)
        session.add(row)
    row.trouble = seen.trouble
    if not seen.trouble:
        row.looked_at = now


def _row_key(wish: Mapping[str, Any]) -> tuple[UUID, UUID, str, str]:
    """:raises Refused: the wish names nothing."""
    try:
        return AGENCY, UUID(str(wish["account_id"])), str(wish["resource"]), str(wish["provider_id"])
    except (KeyError, ValueError) as error:
        raise Refused(_("The wish names no orphan.")) from error
