"""What the samples of the last hours say of a server: text, threshold and small line of a cell."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status, life, status_of
from backend.core.present.text import _, joined
from backend.monitoring.health import threshold_of

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow
    from backend.servers.sparklines import Sparkline, Sparklines

STALE_S = 900
#: What a sample has of the time since the one before, not of its moment.
MEANS = frozenset({"cpu"})


class Figures:
    """Shared by the metric columns of one table. Until the first answer of a scope nothing is claimed.

    A value older than 15 minutes says nothing of now: it stands greyed with its age, without a line or a threshold.
    """

    def __init__(self) -> None:
        self.known: Sparklines | None = None

    def points(self, row: ServerRow, metric: str) -> tuple[tuple[int, float], ...]:
        """The line of what is observed now."""
        spark = self._spark(row, metric)
        return () if spark is None or _is_stale(spark) else spark.points

    def now(self, row: ServerRow, metric: str) -> float | None:
        """The last value, however old: what is sorted by."""
        spark = self._spark(row, metric)
        return spark.now if spark else None

    def is_muted(self, row: ServerRow, metric: str) -> bool:
        spark = self._spark(row, metric)
        return spark is None or _is_stale(spark)

    def text(self, row: ServerRow, metric: str) -> str:
        """The value, with its age when it is old, in words that fit a narrow column; else why there is none."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None:
            return _why_unseen(row, is_read=spark is not None)[0]
        value = words.percent(spark.now)
        if not _is_stale(spark):
            return value
        return _("{value}, {age}").format(value=value, age=words.short_duration(time.time() - spark.points[-1][0]))

    def tooltip(self, row: ServerRow, metric: str) -> str:
        """The value, what it is and when it was observed; under it how far the small line goes, and back to when."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None:
            return _why_unseen(row, is_read=spark is not None)[1]
        form = _("mean of 5 min: {value} %, {age}") if metric in MEANS else _("{value} %, {age}")
        said = form.format(value=words.percent(spark.now), age=words.age(_moment(spark), datetime.now(UTC)))
        points = self.points(row, metric)
        if len(points) < 2:
            return said
        values = [value for _at, value in points]
        low, high = words.percent(min(values)), words.percent(max(values))
        span = words.short_duration(points[-1][0] - points[0][0])
        return joined((said, _("line: {low} to {high} % in {span}").format(low=low, high=high, span=span)), "\n")

    def over(self, row: ServerRow, metric: str) -> Status | None:
        """A cell above a threshold is marked; a normal one is not."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None or _is_stale(spark):
            return None
        said = threshold_of(metric).said_of(spark.now)
        return None if said is None else status_of(said.word)

    def _spark(self, row: ServerRow, metric: str) -> Sparkline | None:
        return None if self.known is None else self.known.of(row.id)[metric]


def _moment(spark: Sparkline) -> datetime:
    """When the last value was observed."""
    return datetime.fromtimestamp(spark.points[-1][0], UTC)


def _is_stale(spark: Sparkline) -> bool:
    """Also where nothing was observed at all."""
    return not spark.points or time.time() - spark.points[-1][0] > STALE_S


def _why_unseen(row: ServerRow, *, is_read: bool) -> tuple[str, str]:
    """Why there is no value, in a word that a narrow column has room for, and in full; a server that is off or that
    nobody can enter is not *unobserved by accident*."""
    if row.life == "provisioning":
        return _("not yet"), life(row.life)
    if not row.can_enter:
        return _("no SSH"), _("Mailyard has no SSH key on it")
    if row.power == "off":
        return _("off"), _("powered off")
    return (_("no data"), _("no data")) if is_read else ("", "")
