"""What the samples of the last hours say of a server: text, threshold and small line of a cell."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status, life
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.servers.queries import ServerRow
    from backend.servers.sparks import Spark, Sparks

STALE_S = 900
LIMITS = {"cpu": (80, 95), "memory": (85, 95), "disk": (80, 90)}


class Figures:
    """Shared by the metric columns of one table. Until the first answer of a scope nothing is claimed.

    A value older than 15 minutes says nothing of now: it stands greyed with its age, without a line or a threshold.
    """

    def __init__(self) -> None:
        self.known: Sparks | None = None

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
        """The value, with its age when it is old; else why there is none."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None:
            return _why_unseen(row, is_read=spark is not None)
        value = words.percent(spark.now)
        if not _is_stale(spark):
            return value
        return _("{value}, {age}").format(value=value, age=words.short_duration(time.time() - spark.points[-1][0]))

    def tooltip(self, row: ServerRow, metric: str) -> str:
        """The value and when it was observed."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None:
            return self.text(row, metric)
        age = words.age(datetime.fromtimestamp(spark.points[-1][0], UTC), datetime.now(UTC))
        return _("{value} %, {age}").format(value=words.percent(spark.now), age=age)

    def over(self, row: ServerRow, metric: str) -> Status | None:
        """A cell above a threshold is marked; a normal one is not."""
        spark = self._spark(row, metric)
        warning, critical = LIMITS[metric]
        if spark is None or spark.now is None or spark.now < warning or _is_stale(spark):
            return None
        return Status.CRITICAL if spark.now >= critical else Status.WARNING

    def _spark(self, row: ServerRow, metric: str) -> Spark | None:
        return None if self.known is None else self.known.of(row.id)[metric]


def _is_stale(spark: Spark) -> bool:
    """Also where nothing was observed at all."""
    return not spark.points or time.time() - spark.points[-1][0] > STALE_S


def _why_unseen(row: ServerRow, *, is_read: bool) -> str:
    """Why there is no value: a server that is off or not ours is not *unobserved by accident*."""
    if row.life == "provisioning":
        return life(row.life)
    if not row.can_enter:
        return _("not ours")
    if row.power == "off":
        return _("off")
    return _("not observed") if is_read else ""
