"""A stretch of time that a person looks at: the last so many hours, or from one moment to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.present.text import N_

CUSTOM = "custom"
HOUR_S, DAY_S = 3600, 86_400
#: Seconds, the words on a button and the words a screen reader says, by key.
SPANS = {
    "1h": (HOUR_S, N_("1 h"), N_("Last hour")),
    "24h": (24 * HOUR_S, N_("24 h"), N_("Last 24 hours")),
    "7d": (7 * DAY_S, N_("7 d"), N_("Last 7 days")),
    "30d": (30 * DAY_S, N_("30 d"), N_("Last 30 days")),
    "90d": (90 * DAY_S, N_("90 d"), N_("Last 90 days")),
}


@dataclass(frozen=True)
class RangeChoice:
    """What was chosen: ``span_s`` seconds, ending at ``end`` (UTC), or at the present where there is no end.

    ``key`` is one of :data:`SPANS` or :data:`CUSTOM`.
    """

    key: str
    span_s: int
    end: datetime | None = None

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """The first and the last moment of it, seen at ``now``."""
        end = self.end or now
        return end - timedelta(seconds=self.span_s), end


def last(key: str) -> RangeChoice:
    """One of :data:`SPANS`, ending at the present."""
    return RangeChoice(key, SPANS[key][0])


def between(start: datetime, end: datetime) -> RangeChoice:
    """From one moment to a later one.

    :raises ValueError: it is not later.
    """
    if end <= start:
        raise ValueError(f"{end} is not later than {start}")
    return RangeChoice(CUSTOM, round((end - start).total_seconds()), end)
