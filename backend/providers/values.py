"""Reading values out of answers leniently: what is missing or of another type is unknown, never fatal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from backend.core.money import Money
from backend.providers.refusals import unreadable


def record(service: str, raw: Any, *needed: str) -> dict[str, Any]:
    """:raises BadAnswer: it is no record, or lacks what makes it one of its kind."""
    if not isinstance(raw, dict) or any(raw.get(key) in (None, "") for key in needed):
        raise unreadable(service, f"lacks {' or '.join(needed)}")
    return raw


def micro(price: Any, currency: str = "USD") -> int | None:
    """A price as the API writes it, in micro-units of ``currency``; None where there is no number."""
    if isinstance(price, bool) or not isinstance(price, (int, float)):
        return None
    return Money.of(price, currency).micro


def amount(text: Any, currency: str = "USD") -> int | None:
    """An amount written as text ("23.44"), as a number too, in micro-units; None where it is neither."""
    if isinstance(text, str):
        try:
            return Money.of(text.strip(), currency).micro
        except (ArithmeticError, ValueError):  # no number, or none that is finite
            return None
    return micro(text, currency)


def whole(value: Any) -> int:
    """0 where there is no number."""
    return int(value) if isinstance(value, (int, float)) else 0


def words(values: Any) -> tuple[str, ...]:
    """A list of words; empty where there is none."""
    return tuple(str(value) for value in values) if isinstance(values, (list, tuple)) else ()


def month_of(now: datetime) -> datetime:
    """The beginning of the month of a moment, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def moment(text: Any) -> datetime | None:
    """An ISO 8601 moment; one without a zone is UTC (Linode writes them so); None where it cannot be read."""
    try:
        read = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    if read is None:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
