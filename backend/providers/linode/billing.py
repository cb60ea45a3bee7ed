"""What Linode counts and bills, as our rows: traffic, its own chart, invoices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from backend.core.rest.values import count, finite, micro, moment, moment_of, month_of, record
from backend.providers.ports import Invoice, Reading, Usage
from backend.wires.linode import SERVICE

CURRENCY = "USD"
GB = 1_000_000_000


def usage(transfer: Any, stats: Any, vcpus: int, now: datetime) -> Usage:
    """``used`` is what left by public addresses since the month began: nothing else counts, says
    https://www.linode.com/community/questions/18918 (2026-11-25), by Linode's own staff. ``quota`` is what the server
    adds to the pool of its account, in part where it is younger than the month; only the pool is ever billed.

    The call for one month tells both directions, but of the last 30 days where it is the present one:
    https://techdocs.akamai.com/linode-api/reference/get-linode-transfer-by-year-month (2026-11-25).
    """
    found = record(SERVICE, transfer)
    used, quota = count(found.get("used")), count(found.get("quota"))
    return Usage(
        since=month_of(now),
        received_bytes=None,
        sent_bytes=used,
        counted_bytes=used,
        included_bytes=None if quota is None else count(quota * GB),
        source="Linode API v4",
        readings=readings(stats, vcpus),
    )


def readings(stats: Any, vcpus: int) -> tuple[Reading, ...]:
    """Moments come in milliseconds, and each CPU as 100 percent: 200 where two of two are busy, as the alerts of a
    server have it in the Linode OpenAPI document 4.189.0.
    """
    told = stats.get("cpu") if isinstance(stats, dict) else None
    found = [each for each in map(_pair, told if isinstance(told, list) else ()) if each is not None]
    return tuple(Reading(at, min(100.0, max(0.0, percent / max(1, vcpus)))) for at, percent in sorted(found))


def invoices(raws: Iterable[Any]) -> list[Invoice]:
    """Newest first; totals after tax."""
    found = [_invoice(record(SERVICE, raw, "id")) for raw in raws]
    return sorted(found, key=lambda each: (each.issued or date.min, each.number), reverse=True)


def _invoice(raw: dict[str, Any]) -> Invoice:
    at = moment(raw.get("date"))
    return Invoice(str(raw["id"]), None, micro(raw.get("total")), CURRENCY, at.date() if at else None)


def _pair(raw: Any) -> tuple[datetime, float] | None:
    told, value = raw if isinstance(raw, list) and len(raw) == 2 else (None, None)
    milliseconds, percent = finite(told), finite(value)
    at = None if milliseconds is None else moment_of(milliseconds / 1000)
    return None if at is None or percent is None else (at, float(percent))
