"""Moments as the service writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

INVOICE_DAYS = 7


def stamp() -> str:
    """Now, without a zone."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def due_day() -> date:
    """When an invoice of today is due."""
    return datetime.now(UTC).date() + timedelta(days=INVOICE_DAYS)
