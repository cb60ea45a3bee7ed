"""The job that asks each provider what its account owes and was billed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.accounts.requests import ReadBilling
from backend.core.errors import MailyardError
from backend.core.present.text import N_, ngettext
from backend.core.secrets.redactor import redactor
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.scheduler import Interval, repeating
from backend.store.schema.fleet import Account
from backend.store.schema.operations import Schedule
from backend.store.schema.resources import AccountCharge, AccountInvoice
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import Charges, Invoice
    from backend.store.scope import ScopedSession

EVERY = Interval(86_400, grace_s=7 * 86_400)


class ReadBillingJob:
    """Job ``billing.read``, every day (caught up at the next start): each account.

    One that cannot be asked is named; what was known of it stays, with its age.
    """

    request: ClassVar[type[ReadBilling]] = ReadBilling
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Refresh billing")
    priority: ClassVar[int] = 60
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess) -> None:
        self._accounts = accounts

    def accept(self, _session: ScopedSession, _request: ReadBilling) -> Accepted:
        return Accepted(lane="charges", about="")

    def steps(self, _request: ReadBilling) -> Sequence[Step[ReadBilling]]:
        return (Step("ask", N_("Read the balance and invoices of each account"), self._ask, 3, "provider"),)

    def _ask(self, ctx: StepContext[ReadBilling]) -> StepOutcome:
        wanted, troubles = _accounts(ctx), 0
        for account in wanted:
            ctx.stop_if_cancelled()
            try:
                provider = self._accounts.provider(account)
                charges, invoices = provider.charges(), provider.invoices()
            except MailyardError as error:
                troubles += 1
                _note_trouble(ctx, account, error)
                continue
            with ctx.store.write(ENGINE_SCOPE) as session:
                keep_billing(session, account, charges, invoices, ctx.now())
        words = ngettext(
            "{count} account queried, {troubles} failed", "{count} accounts queried, {troubles} failed", len(wanted)
        )
        return Done(words.format(count=len(wanted), troubles=troubles))


def daily(now: datetime) -> Schedule:
    """When accounts are asked by themselves; a day missed is caught up within the week."""
    return repeating(ReadBilling(), EVERY, now)


def _accounts(ctx: StepContext[object]) -> list[UUID]:
    with ctx.store.read(ENGINE_SCOPE) as session:
        return list(session.scalars(select(Account.id).where(Account.removed_at.is_(None))))


def keep_billing(
    session: ScopedSession, account: UUID, charges: Charges, invoices: Sequence[Invoice], now: datetime
) -> None:
    """Write down what an account was asked at ``now``."""
    row = _row(session, account)
    row.balance_micro, row.so_far_micro = charges.balance_micro, charges.so_far_micro
    row.currency, row.source, row.read_at, row.trouble = charges.currency, charges.source, now, ""
    bills = session.scalars(select(AccountInvoice).where(AccountInvoice.account_id == account))
    present = {bill.number: bill for bill in bills}
    for invoice in invoices:
        bill = present.get(invoice.number)
        if bill is None:
            bill = AccountInvoice(tenant_id=AGENCY, account_id=account, number=invoice.number)
            session.add(bill)
        bill.issued, bill.total_micro, bill.currency = invoice.issued, invoice.total_micro, invoice.currency


def _note_trouble(ctx: StepContext[object], account: UUID, error: MailyardError) -> None:
    ctx.say(error.sentence(), level="warning")
    with ctx.store.write(ENGINE_SCOPE) as session:
        _row(session, account).trouble = redactor.redact(error.title)


def _row(session: ScopedSession, account: UUID) -> AccountCharge:
    row = session.get(AccountCharge, (AGENCY, account))
    if row is None:
        row = AccountCharge(tenant_id=AGENCY, account_id=account, currency="USD", source="", trouble="")
        session.add(row)
    return row
