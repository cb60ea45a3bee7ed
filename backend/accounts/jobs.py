"""The jobs on provider accounts: add, verify, remove. A token reaches them as a reference only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import delete, select

from backend.accounts.offers import keep_offers
from backend.core.errors import MailyardError, Refused, Unauthorized
from backend.core.present.text import N_, _
from backend.core.secrets.tripwire import tripwire
from backend.core.secrets.values import SecretRef
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.engine.timetable import Every, keep_schedule, repeating
from backend.providers.registry import check_endpoint, is_on_this_computer
from backend.store.schema.fleet import Account, Offer, Orphan, OrphanLook, Server
from backend.store.schema.holdings import AccountCharge
from backend.store.schema.operations import Schedule
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import ComputeProvider, Providers, Standing
    from backend.store.scope import ScopedSession

SYNC = Every(300, grace_s=600)


class VerifyAccount:
    """Job ``account.verify``: prove the token, read what is on offer."""

    name: ClassVar[str] = "account.verify"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Verify account")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        account = _live_account(session, wish)
        return Accepted(lane=f"account:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return self.proving_steps()

    def proving_steps(self) -> tuple[Step, ...]:
        """The steps every job shares that must know the token works."""
        return (
            Step("token", N_("Prove the token"), self._prove, 2, "provider"),
            Step("offers", N_("Read regions, plans and images"), self._read_offers, 4, "provider"),
        )

    def forget_token(self, ref: SecretRef) -> None:
        """For the jobs that share the proving: a token that no account has any more."""
        self._accounts.forget_token(ref)

    def _prove(self, ctx: StepContext) -> StepOutcome:
        account_id = UUID(str(ctx.job.wish["account_id"]))
        try:
            provider = self._accounts.provider(account_id)
            standing = provider.verify()
            _check_same_account(ctx, account_id, provider)
        except Unauthorized as error:
            _note_state(ctx, account_id, "refused", error.title)
            raise
        except MailyardError as error:
            _note_state(ctx, account_id, "unreachable", error.title)
            raise
        _note_state(ctx, account_id, "verified", standing.note, standing)
        return Done(standing.holder)

    def _read_offers(self, ctx: StepContext) -> StepOutcome:
        account_id = UUID(str(ctx.job.wish["account_id"]))
        catalogue = self._accounts.provider(account_id).catalogue()
        with ctx.store.write(ENGINE_SCOPE) as session:
            keep_offers(session, account_id, catalogue, ctx.now())
        return Done(
            _("{plans} plans in {regions} regions").format(plans=len(catalogue.plans), regions=len(catalogue.regions))
        )


class AddAccount:
    """Job ``account.add``: write the account down, then verify it. A refused token leaves the account to correct."""

    name: ClassVar[str] = "account.add"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Add account")
    priority: ClassVar[int] = 3

    def __init__(self, providers: Providers, verify: VerifyAccount, *, takes_real: bool = True) -> None:
        """``takes_real`` False: only accounts at an endpoint on this computer, as the demo's are."""
        self._providers = providers
        self._verify = verify
        self._takes_real = takes_real

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        if not self._takes_real and not is_on_this_computer(str(wish.get("endpoint_url") or "")):
            raise Refused(
                _("The demo takes no real account: nothing in it is real."),
                remedy=_("Add it in the live window."),
            )
        name, account_id = str(wish.get("name", "")).strip(), UUID(str(wish["account_id"]))
        if not name:
            raise Refused(_("The account needs a name."))
        if wish.get("provider") not in self._providers.kinds():
            raise Refused(_("Mailyard does not know the provider {kind}.").format(kind=wish.get("provider")))
        if wish.get("endpoint_url"):
            check_endpoint(str(wish["endpoint_url"]))
        same = select(Account).where(Account.name == name, Account.removed_at.is_(None), Account.id != account_id)
        if session.scalars(same).first() is not None:
            raise Refused(_("There is already an account named {name}.").format(name=name))
        return Accepted(lane=f"account:{account_id}", about=name, about_id=account_id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("note", N_("Write the account down"), self._write, 1, undo=self._unwrite),
            *self._verify.proving_steps(),
        )

    def _write(self, ctx: StepContext) -> StepOutcome:
        """A token that is replaced is forgotten."""
        wish, account_id = ctx.job.wish, UUID(str(ctx.job.wish["account_id"]))
        before = ""
        with ctx.store.write(ENGINE_SCOPE) as session:
            account = session.get(Account, (AGENCY, account_id))
            if account is None:
                account = Account(tenant_id=AGENCY, id=account_id, created_at=ctx.now(), state="unverified")
                session.add(account)
            before = account.secret_ref or ""
            account.provider, account.name = str(wish["provider"]), str(wish["name"]).strip()
            account.secret_ref, account.endpoint_url = str(wish["secret_ref"]), wish.get("endpoint_url") or None
            keep_schedule(session, _sync_schedule(ctx, account_id))
        if before not in ("", str(wish["secret_ref"])):
            self._verify.forget_token(SecretRef(before))
        return Done()

    def _unwrite(self, ctx: StepContext) -> None:
        with ctx.store.write(ENGINE_SCOPE) as session:
            ref = close_account(session, UUID(str(ctx.job.wish["account_id"])), ctx)
        if ref is not None:
            self._verify.forget_token(ref)


class RemoveAccount:
    """Job ``account.remove``: refused while it has servers; then the token and the catalogue are forgotten."""

    name: ClassVar[str] = "account.remove"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Remove account")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, secrets: SecretStore) -> None:
        self._accounts = accounts
        self._secrets = secrets

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        account = _live_account(session, wish)
        ours = select(Server).where(Server.account_id == account.id, Server.gone_at.is_(None), Server.is_ours)
        count = len(session.scalars(ours).all())
        if count:
            raise Refused(
                _("{name} still has {count} servers made by Mailyard.").format(name=account.name, count=count),
                remedy=_("Destroy them first; without the account Mailyard cannot reach them."),
            )
        return Accepted(lane=f"account:{account.id}", about=account.name, about_id=account.id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("remove", N_("Forget the token and the account"), self._remove, 1),)

    def _remove(self, ctx: StepContext) -> StepOutcome:
        account_id = UUID(str(ctx.job.wish["account_id"]))
        with ctx.store.write(ENGINE_SCOPE) as session:
            ref = close_account(session, account_id, ctx)
        if ref is not None:
            self._secrets.forget(ref)
        self._accounts.forget(account_id)
        return Done()


def close_account(session: ScopedSession, account_id: UUID, ctx: StepContext) -> SecretRef | None:
    """Mark the account removed, drop its offers and schedule; the reference of its token."""
    account = session.get(Account, (AGENCY, account_id))
    if account is None:
        return None
    for table in (Offer, Orphan, OrphanLook, AccountCharge):
        session.execute(delete(table).where(table.account_id == account_id))
    for schedule in session.scalars(select(Schedule).where(Schedule.subject == str(account_id))):
        schedule.enabled = False
    for server in session.scalars(select(Server).where(Server.account_id == account_id, Server.gone_at.is_(None))):
        server.gone_at = ctx.now()
    if account.removed_at is None:
        account.removed_at = ctx.now()
        account.name = f"{account.name} ({str(account_id)[:8]})"[:120]
    return SecretRef(account.secret_ref)


def _live_account(session: ScopedSession, wish: Mapping[str, Any]) -> Account:
    account = session.get(Account, (AGENCY, UUID(str(wish.get("account_id")))))
    if account is None or account.removed_at is not None:
        raise Refused(_("This account no longer exists."))
    return account


def _check_same_account(ctx: StepContext, account_id: UUID, provider: ComputeProvider) -> None:
    """A token of another account would make every server of this one look deleted.

    :raises Refused: none of the servers of ours that it holds is listed.
    """
    ours = select(Server.provider_id).where(Server.account_id == account_id, Server.gone_at.is_(None), Server.is_ours)
    with ctx.store.read(ENGINE_SCOPE) as session:
        known = set(session.scalars(ours.where(Server.provider_id.is_not(None), Server.life == "active")))
    if known and known.isdisjoint(machine.id for machine in provider.machines()):
        raise Unauthorized(
            _("None of this account's servers is there: the token seems to be of another account."),
            remedy=_("Paste a token of the same account, or add the other one as an account of its own."),
        )


def _note_state(ctx: StepContext, account_id: UUID, state: str, note: str, found: Standing | None = None) -> None:
    with ctx.store.write(ENGINE_SCOPE) as session:
        account = session.get_one(Account, (AGENCY, account_id))
        account.state, account.note, account.looked_at = state, tripwire.redact(note), ctx.now()
        if found is not None:
            account.verified_at, account.holder = ctx.now(), found.holder
            account.scopes, account.can_write = list(found.scopes), found.can_write
            account.token_ends_at = found.expires_at


def _sync_schedule(ctx: StepContext, account_id: UUID) -> Schedule:
    first = ctx.now() + timedelta(seconds=SYNC.seconds)
    return repeating("inventory.refresh", SYNC, first, subject=account_id, account_id=str(account_id))
