"""What the emulated account was billed: by what its servers used, or a list that is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.demo.emulator.charges import Bill

Record = dict[str, Any]
#: Number, month, day and amount.
Invoice = tuple[str, str, str, str]
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FIRST_NUMBER = 512_345_678

#: Of an account whose servers were all made just now; the newest first.
INVOICES: Sequence[Invoice] = (
    ("512345678", "October 2026", "2026-11-01T08:44:38Z", "27.13"),
    ("498765432", "September 2026", "2026-10-01T08:41:02Z", "25.86"),
)


def history(bills: Sequence[Bill]) -> list[Record]:
    """Invoices, the newest first, and the payment of each on the day after."""
    invoices = [_invoice(FIRST_NUMBER + number, bill) for number, bill in enumerate(bills)]
    return [entry for each in reversed(invoices or INVOICES[::-1]) for entry in _entries(*each)]


def _invoice(number: int, bill: Bill) -> Invoice:
    """A number stays its month's."""
    month = f"{MONTHS[bill.month.month - 1]} {bill.month.year}"
    return str(number), month, f"{bill.at.date().isoformat()}T08:44:38Z", f"{bill.total:.2f}"


def _entries(number: str, month: str, at: str, amount: str) -> tuple[Record, Record]:
    uuid = f"22737513-0ea7-4206-8ceb-{int(number):012d}"
    named = {"invoice_id": number, "invoice_uuid": uuid}
    paid = at.replace("-01T", "-02T")
    return (
        {"description": "Payment (MC 2018)", "amount": f"-{amount}", "date": paid, "type": "Payment"},
        {"description": f"Invoice for {month}", "amount": amount, **named, "date": at, "type": "Invoice"},
    )
