"""The jobs on orphans: what carries our ownership tag and belongs to nothing here is found, and removed on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError, ProviderRefused, Refused
from backend.core.present.text import N_, _, ngettext
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.scheduler import Interval, repeating
from backend.inventory.requests import RemoveOrphan, ScanOrphans
from backend.providers.models import closed_in, is_closed
from backend.store.schema.fleet import Account, Orphan, OrphanScan
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.inventory.orphan_scan import OrphanScanner
    from backend.store.scope import ScopedSession

EVERY = Interval(6 * 3600, grace_s=30 * 86_400)
GONE_LIMIT_S, LOOK_EVERY_S = 120.0, 1.0


class ScanOrphansJob:
    """Job ``orphans.scan``, every six hours (caught up at the next start): each account, by list calls only."""

    request: ClassVar[type[ScanOrphans]] = ScanOrphans
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Scan for orphaned resources")
    priority: ClassVar[int] = 60
    owner: ClassVar[Owner] = "agency"

    def __init__(self, scanner: OrphanScanner) -> None:
        self._scanner = scanner

    def accept(self, _session: ScopedSession, _request: ScanOrphans) -> Accepted:
        return Accepted(lane="orphans", about="")

    def steps(self, _request: ScanOrphans) -> Sequence[Step[ScanOrphans]]:
        return (Step("look", N_("Scan each account for orphaned resources"), self._look, 3, "provider"),)

    def _look(self, ctx: StepContext[ScanOrphans]) -> StepOutcome:
        with ctx.store.read(ENGINE_SCOPE) as session:
            accounts = list(session.scalars(select(Account.id).where(Account.removed_at.is_(None))))
        found = troubles = 0
        for account, resource in ((account, resource) for account in accounts for resource in self._scanner.kinds):
            ctx.stop_if_cancelled()
            seen = self._seen(ctx, account, resource)
            troubles += bool(seen.trouble)
            with ctx.store.write(ENGINE_SCOPE) as session:
                found += _keep(session, account, seen, ctx.now())
        words = ngettext("{n} orphaned resource", "{n} orphaned resources", found).format(n=found)
        unread = ngettext("{n} list could not be read", "{n} lists could not be read", troubles).format(n=troubles)
        return Done(_("{one}, {other}").format(one=words, other=unread) if troubles else words)

    def _seen(self, ctx: StepContext[ScanOrphans], account: UUID, resource: str) -> _Seen:
        try:
            return _Seen(resource, self._scanner.find(ctx.store, account, resource))
        except MailyardError as error:
            return _Seen(resource, trouble=error.title)


class RemoveOrphanJob:
    """Job ``orphan.remove``: for good; the request carries the orphan's name, typed by the person."""

    request: ClassVar[type[RemoveOrphan]] = RemoveOrphan
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove orphaned resource")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, scanner: OrphanScanner) -> None:
        self._accounts = accounts
        self._scanner = scanner

    def accept(self, session: ScopedSession, request: RemoveOrphan) -> Accepted:
        row = session.get(Orphan, _row_key(request))
        if row is None:
            raise Refused(_("This orphaned resource is no longer listed."), remedy=_("Scan again."))
        if request.typed_name != row.name:
            raise Refused(
                _("The name typed is not {name}.").format(name=row.name), remedy=_("Type the full name to remove it.")
            )
        return Accepted(lane="orphans", about=row.name)

    def steps(self, _request: RemoveOrphan) -> Sequence[Step[RemoveOrphan]]:
        return (
            Step("delete", N_("Delete the resource at the provider"), self._delete, 3, "provider"),
            Step("gone", N_("Verify that the resource is gone"), self._see_gone, 10, "provider"),
        )

    def _delete(self, ctx: StepContext[RemoveOrphan]) -> StepOutcome:
        """Looked at again first: meanwhile it may have become a server's, or somebody's."""
        _agency, account, resource, number = _row_key(ctx.job.request)
        provider, kind = self._accounts.provider(account), self._scanner.kind(resource)
        if kind.is_gone(provider, number):
            return Done(_("already deleted"))
        if number not in [each.provider_id for each in self._scanner.find(ctx.store, account, resource)]:
            raise Refused(_("It is no longer orphaned."), remedy=_("Mailyard does not change it. Scan again."))
        kind.delete(provider, number)
        return Done()

    def _see_gone(self, ctx: StepContext[RemoveOrphan]) -> StepOutcome:
        _agency, account, resource, number = _row_key(ctx.job.request)
        provider, kind = self._accounts.provider(account), self._scanner.kind(resource)

        def look() -> bool | None:
            return kind.is_gone(provider, number) or None

        if ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=GONE_LIMIT_S) is None:
            raise ProviderRefused(_("The provider still lists it."), remedy=_("Retry: it may still be billed."))
        with ctx.store.write(ENGINE_SCOPE) as session:
            row = session.get(Orphan, _row_key(ctx.job.request))
            if row is not None:
                session.delete(row)
        return Done(_("no longer known to the provider"))


def six_hourly(now: datetime) -> Schedule:
    """When accounts are looked at by themselves; a look that was missed is caught up."""
    return repeating(ScanOrphans(), EVERY, now)


@dataclass(frozen=True)
class _Seen:
    """One list of one account: what was found, or why it could not be looked at."""

    resource: str
    orphans: Sequence[Orphan] = ()  # without those of regions that the list leaves out
    trouble: str = ""


def _keep(session: ScopedSession, account: UUID, seen: _Seen, now: datetime) -> int:
    """Bring the rows of one list to what was found; after trouble what is listed stays. How many are listed."""
    statement = select(Orphan).where(Orphan.account_id == account, Orphan.resource == seen.resource)
    present = {row.provider_id: row for row in session.scalars(statement)}
    _note_scan(session, account, seen, now)
    if seen.trouble:
        return len(present)
    fresh = {row.provider_id: row for row in seen.orphans}
    for number, row in present.items():
        if number not in fresh and not is_closed(closed_in(seen.orphans), number):
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


def _note_scan(session: ScopedSession, account: UUID, seen: _Seen, now: datetime) -> None:
    row = session.get(OrphanScan, (AGENCY, account, seen.resource))
    if row is None:
        row = OrphanScan(tenant_id=AGENCY, account_id=account, resource=seen.resource)
        session.add(row)
    row.trouble = seen.trouble
    if not seen.trouble:
        row.checked_at = now


def _row_key(request: RemoveOrphan) -> tuple[UUID, UUID, str, str]:
    return AGENCY, request.account_id, request.resource, request.provider_id
