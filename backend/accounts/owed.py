"""What accounts owe and were billed, as the settings and the command line show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.store.query import Source
from backend.store.schema.fleet import Account
from backend.store.schema.resources import AccountCharge, AccountInvoice
from backend.store.scope import AGENCY, Scope


@dataclass(frozen=True)
class InvoiceRow:
    """One bill; the total in micro-units of ``currency``."""

    number: str
    issued: date | None
    total_micro: int | None
    currency: str


@dataclass(frozen=True)
class OwedRow:
    """What one account owes: a balance above 0 is owed, below 0 is credit; ``so_far`` is this month's use.

    ``read_at`` None: it was never asked; ``trouble`` is why it could not be asked the last time.
    """

    account_id: UUID
    account: str
    provider: str
    balance_micro: int | None
    so_far_micro: int | None
    currency: str
    source: str
    read_at: datetime | None
    trouble: str
    invoices: tuple[InvoiceRow, ...]


@dataclass(frozen=True)
class Owed:
    """Query: every account that is there; three statements however many there are."""

    topics: ClassVar[tuple[str, ...]] = ("charges", "accounts")

    def run(self, source: Source) -> tuple[OwedRow, ...]:
        with source.store.read(Scope.of(AGENCY)) as session:
            accounts = session.scalars(select(Account).where(Account.removed_at.is_(None)).order_by(Account.name)).all()
            charges = {row.account_id: row for row in session.scalars(select(AccountCharge))}
            bills: dict[UUID, list[InvoiceRow]] = {}
            newest = select(AccountInvoice).order_by(AccountInvoice.issued.desc(), AccountInvoice.number.desc())
            for row in session.scalars(newest):
                bill = InvoiceRow(row.number, row.issued, row.total_micro, row.currency)
                bills.setdefault(row.account_id, []).append(bill)
        return tuple(_row(each, charges.get(each.id), tuple(bills.get(each.id, ()))) for each in accounts)


def _row(account: Account, charge: AccountCharge | None, invoices: tuple[InvoiceRow, ...]) -> OwedRow:
    return OwedRow(
        account_id=account.id,
        account=account.name,
        provider=account.provider,
        balance_micro=charge.balance_micro if charge else None,
        so_far_micro=charge.so_far_micro if charge else None,
        currency=charge.currency if charge else "USD",
        source=charge.source if charge else "",
        read_at=charge.read_at if charge else None,
        trouble=charge.trouble if charge else "",
        invoices=invoices,
    )
