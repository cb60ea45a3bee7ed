"""Reading values out of answers leniently: what is missing or of another type is unknown, never fatal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from backend.core.http import MOST
from backend.core.money import Money
from backend.core.rest.refusals import unreadable

#: Who asks for a longer pause is asked again tomorrow.
MOST_PAUSE_S = 86_400.0
WRITTEN = re.compile(r"\s*[+-]?(?=[.]?[0-9])[0-9]{0,64}(?:[.][0-9]{0,64})?(?:[eE][+-]?[0-9]{1,4})?\s*")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def record(service: str, raw: Any, *needed: str) -> dict[str, Any]:
    """:raises BadResponse: it is no record, or lacks what makes it one of its kind."""
    if not isinstance(raw, dict) or any(raw.get(key) in (None, "") for key in needed):
        raise unreadable(service, f"lacks {' or '.join(needed)}")
    return raw


def finite(value: Any) -> Decimal | None:
    """The number that was told, as one or written as text; None where there is none that can be kept.

    Flags are no numbers, and neither are NaN, the infinities and what is larger than any figure of ours (64 bits).
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        if isinstance(value, str) and not WRITTEN.fullmatch(value):
            return None
        read = Decimal(value) if isinstance(value, (int, Decimal)) else Decimal(str(value).strip())
    except ArithmeticError:
        return None
    return read if read.is_finite() and abs(read) < MOST else None


def whole(value: Any) -> int | None:
    """A number without what is behind its point; None where there is none."""
    read = finite(value)
    return None if read is None else int(read)


def count(value: Any) -> int | None:
    """How many there are of something; None where there is no number, or one below 0."""
    read = whole(value)
    return None if read is None or read < 0 else read


def sized(value: Any) -> int:
    """How much a server, a plan or a system has or needs; 0 stands for what is not told."""
    return count(value) or 0


def share(value: Any, unit: int = 1) -> float | None:
    """A size in so large units, to two places; None where there is no number."""
    read = finite(value)
    return None if read is None or read < 0 else round(float(read) / unit, 2)


def micro(price: Any, currency: str = "USD") -> int | None:
    """A price or an amount, as a number or as text ("23.44"), in micro-units of ``currency``; None where it is none."""
    read = finite(price)
    return None if read is None else whole(Money.of(read, currency).micro)


def pause_s(text: Any) -> float | None:
    """The seconds of a header ``Retry-After``, a day at most; None where it names none."""
    read = finite(text)
    return None if read is None or read < 0 else min(float(read), MOST_PAUSE_S)


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
        if read is None:
            return None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def moment_of(seconds: Any) -> datetime | None:
    """A moment told in seconds since 1970; None where there is none."""
    read = finite(seconds)
    try:
        return None if read is None else EPOCH + timedelta(seconds=float(read))
    except OverflowError:
        return None
