"""The jobs on provider accounts: add, verify, remove. A token reaches them as a reference only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import delete, select

from backend.accounts.before import AccountBefore
from backend.accounts.offers import keep_offers
from backend.accounts.requests import AddAccount, RemoveAccount, VerifyAccount
from backend.core.errors import Refused
from backend.core.present.text import N_, _, ngettext
from backend.core.secrets.values import SecretRef
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import from_plain
from backend.engine.scheduler import Interval, repeating, upsert_schedule
from backend.fleet.proof import prove
from backend.fleet.requests import HasAccount, RefreshInventory
from backend.providers.registry import check_endpoint, is_on_this_computer
from backend.store.schema import tables
from backend.store.schema.fleet import Account, Server
from backend.store.schema.operations import Job, JobStep, Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import Providers
    from backend.store.scope import ScopedSession


SYNC = Interval(300, grace_s=600)


class VerifyAccountJob:
    """Job ``account.verify``: verify the token, read what is on offer."""

    request: ClassVar[type[VerifyAccount]] = VerifyAccount
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Verify account")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, session: ScopedSession, request: VerifyAccount) -> Accepted:
        account = _live_account(session, request)
        return Accepted(lane=f"account:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _request: VerifyAccount) -> Sequence[Step[VerifyAccount]]:
        return self.proving_steps()

    def proving_steps(self) -> tuple[Step[HasAccount], ...]:
        """The steps every job shares that must know the token works."""
        return (
            Step("token", N_("Verify the token with the provider"), self._prove, 2, "provider"),
            Step("offers", N_("Read the regions, plans and images of the account"), self._read_offers, 4, "provider"),
        )

    def forget_token(self, ref: SecretRef) -> None:
        """For the jobs that share the proving: a token that no account has any more."""
        self._accounts.forget_token(ref)

    def _prove(self, ctx: StepContext[HasAccount]) -> StepOutcome:
        token_details = prove(ctx, self._accounts, ctx.job.request.account_id)
        return Done(token_details.holder)

    def _read_offers(self, ctx: StepContext[HasAccount]) -> StepOutcome:
        account_id = ctx.job.request.account_id
        catalogue = self._accounts.provider(account_id).catalogue()
        with ctx.store.write(ENGINE_SCOPE) as session:
            keep_offers(session, account_id, catalogue, ctx.now())
        plans, regions = len(catalogue.plans), len(catalogue.regions)
        where = ngettext("{n} region", "{n} regions", regions).format(n=regions)
        return Done(ngettext("{n} plan in {where}", "{n} plans in {where}", plans).format(n=plans, where=where))


class AddAccountJob:
    """Job ``account.add``: write the account down, then verify it. A refused token leaves the account to correct."""

    request: ClassVar[type[AddAccount]] = AddAccount
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Add account")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, providers: Providers, verify: VerifyAccountJob, *, takes_real: bool = True) -> None:
        """``takes_real`` False: only accounts at an endpoint on this computer, as the demo's are."""
        self._providers = providers
        self._verify = verify
        self._takes_real = takes_real

    def accept(self, session: ScopedSession, request: AddAccount) -> Accepted:
        if not self._takes_real and not is_on_this_computer(request.endpoint_url or ""):
            raise Refused(
                _("The demo does not accept real accounts: nothing in it is real."),
                remedy=_("Add it in the live console."),
            )
        name, account_id = request.name, request.account_id
        if not name:
            raise Refused(_("The account needs a name."))
        if request.provider not in self._providers.kinds():
            raise Refused(_("Mailyard does not know the provider {kind}.").format(kind=request.provider))
        if request.endpoint_url:
            check_endpoint(request.endpoint_url)
        same = select(Account).where(Account.name == name, Account.removed_at.is_(None), Account.id != account_id)
        if session.scalars(same).first() is not None:
            raise Refused(_("There is already an account named {name}.").format(name=name))
        return Accepted(lane=f"account:{account_id}", about=name, about_id=account_id)

    def steps(self, _request: AddAccount) -> Sequence[Step[AddAccount]]:
        return (
            Step("note", N_("Save the account"), self._write, 1, undo=self._unwrite),
            *self._verify.proving_steps(),
            Step("forget", N_("Delete the token that was replaced"), self._forget_replaced, 1),
        )

    def _write(self, ctx: StepContext[AddAccount]) -> StepOutcome:
        """A token that is replaced is kept until the new one is proved, so that there is a way back."""
        request, account_id = ctx.job.request, ctx.job.request.account_id
        with ctx.store.write(ENGINE_SCOPE) as session:
            account = session.get(Account, (AGENCY, account_id))
            before = ctx.result("note", AccountBefore) or AccountBefore.of(account, _requested_at(session, ctx))
            if account is None:
                account = Account(tenant_id=AGENCY, id=account_id, created_at=ctx.now(), state="unverified")
                session.add(account)
            if account.secret_ref != request.secret_ref:
                account.token_since = ctx.now()
            account.provider, account.name = request.provider, request.name
            account.secret_ref, account.endpoint_url = request.secret_ref, request.endpoint_url or None
            upsert_schedule(session, _sync_schedule(ctx, account_id))
        return Done("", before)

    def _unwrite(self, ctx: StepContext[AddAccount]) -> None:
        """An account that was there before is as it was; a new one goes."""
        request, before = ctx.job.request, ctx.result("note", AccountBefore)
        with ctx.store.write(ENGINE_SCOPE) as session:
            if before is None or not before.was_there:
                ref = close_account(session, request.account_id, ctx)
            else:
                before.put_back(session.get_one(Account, (AGENCY, request.account_id)))
                ref = SecretRef(request.secret_ref) if request.secret_ref != before.secret_ref else None
        if ref is not None:
            self._verify.forget_token(ref)

    def _forget_replaced(self, ctx: StepContext[AddAccount]) -> StepOutcome:
        """Those of earlier tries, too, that were never proved."""
        account_id, current = ctx.job.request.account_id, ctx.job.request.secret_ref
        earlier = (
            select(JobStep.result)
            .join(Job, (Job.tenant_id == JobStep.tenant_id) & (Job.id == JobStep.job_id))
            .where(Job.kind == AddAccount.kind, Job.about_id == account_id, JobStep.key == "note")
        )
        with ctx.store.read(ENGINE_SCOPE) as session:
            left = [from_plain(AccountBefore, result).secret_ref for result in session.scalars(earlier) if result]
        for ref in {*left} - {"", current}:
            self._verify.forget_token(SecretRef(ref))
        return Done()


class RemoveAccountJob:
    """Job ``account.remove``: refused while it has servers; then the token and the catalogue are forgotten."""

    request: ClassVar[type[RemoveAccount]] = RemoveAccount
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove account")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, secrets: SecretStore) -> None:
        self._accounts = accounts
        self._secrets = secrets

    def accept(self, session: ScopedSession, request: RemoveAccount) -> Accepted:
        account = _live_account(session, request)
        ours = select(Server).where(Server.account_id == account.id, Server.gone_at.is_(None), Server.is_ours)
        count = len(session.scalars(ours).all())
        if count:
            words = ngettext(
                "{name} still has {count} server created by Mailyard.",
                "{name} still has {count} servers created by Mailyard.",
                count,
            )
            raise Refused(
                words.format(name=account.name, count=count),
                remedy=_("Destroy them first: Mailyard cannot reach them without the account."),
            )
        return Accepted(lane=f"account:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _request: RemoveAccount) -> Sequence[Step[RemoveAccount]]:
        return (Step("remove", N_("Delete the token and the account"), self._remove, 1),)

    def _remove(self, ctx: StepContext[RemoveAccount]) -> StepOutcome:
        account_id = ctx.job.request.account_id
        with ctx.store.write(ENGINE_SCOPE) as session:
            ref = close_account(session, account_id, ctx)
        if ref is not None:
            self._secrets.forget(ref)
        self._accounts.forget(account_id)
        return Done()


def close_account(session: ScopedSession, account_id: UUID, ctx: StepContext[object]) -> SecretRef | None:
    """Mark the account removed, drop its offers and schedules; the reference of its token."""
    account = session.get(Account, (AGENCY, account_id))
    if account is None:
        return None
    for table in tables():
        if table.dropped_with_account:
            session.execute(delete(table).where(table.__table__.c["account_id"] == account_id))
    for schedule in session.scalars(select(Schedule).where(Schedule.subject == str(account_id))):
        session.delete(schedule)
    for server in session.scalars(select(Server).where(Server.account_id == account_id, Server.gone_at.is_(None))):
        server.gone_at = ctx.now()
    if account.removed_at is None:
        account.removed_at = ctx.now()
        account.name = f"{account.name} ({str(account_id)[:8]})"[:120]
    return SecretRef(account.secret_ref)


def _requested_at(session: ScopedSession, ctx: StepContext[AddAccount]) -> datetime:
    return session.get_one(Job, (AGENCY, ctx.job.id)).requested_at


def _live_account(session: ScopedSession, request: HasAccount) -> Account:
    account = session.get(Account, (AGENCY, request.account_id))
    if account is None or account.removed_at is not None:
        raise Refused(_("This account no longer exists."))
    return account


def _sync_schedule(ctx: StepContext[object], account_id: UUID) -> Schedule:
    first = ctx.now() + timedelta(seconds=SYNC.seconds)
    return repeating(RefreshInventory(account_id), SYNC, first, subject=account_id)
