"""What the emulated account was billed: a list that is always the same."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

#: Number, month, day and amount.
INVOICES = (
    ("512345678", "October 2026", "2026-11-01T08:44:38Z", "27.13"),
    ("498765432", "September 2026", "2026-10-01T08:41:02Z", "25.86"),
)


def history() -> list[Record]:
    """Invoices, and the payment of each on the day after."""
    return [entry for each in INVOICES for entry in _entries(*each)]


def _entries(number: str, month: str, at: str, amount: str) -> tuple[Record, Record]:
    uuid = f"22737513-0ea7-4206-8ceb-{int(number):012d}"
    named = {"invoice_id": number, "invoice_uuid": uuid}
    paid = at.replace("-01T", "-02T")
    return (
        {"description": "Payment (MC 2018)", "amount": f"-{amount}", "date": paid, "type": "Payment"},
        {"description": f"Invoice for {month}", "amount": amount, **named, "date": at, "type": "Invoice"},
    )
