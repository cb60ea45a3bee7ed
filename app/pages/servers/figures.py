"""What the samples of the last hours say of a server: text, threshold and small line of a cell."""

from __future__ import annotations

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
    """Shared by the metric columns of one table. Until the first answer of a scope nothing is claimed."""

    def __init__(self) -> None:
        self.known: Sparks | None = None

    def points(self, row: ServerRow, metric: str) -> tuple[tuple[int, float], ...]:
        spark = self._spark(row, metric)
        return spark.points if spark else ()

    def now(self, row: ServerRow, metric: str) -> float | None:
        spark = self._spark(row, metric)
        return spark.now if spark else None

    def text(self, row: ServerRow, metric: str) -> str:
        """The value, with its age when it is old; else why there is none."""
        spark = self._spark(row, metric)
        if spark is None or spark.now is None:
            return _why_unseen(row, is_read=spark is not None)
        at, value = spark.points[-1]
        now = datetime.now(UTC)
        if now.timestamp() - at <= STALE_S:
            return words.percent(value)
        age = words.age(datetime.fromtimestamp(at, UTC), now)
        return _("{value}, {age}").format(value=words.percent(value), age=age)

    def over(self, row: ServerRow, metric: str) -> Status | None:
        """A cell above a threshold is marked; a normal one is not."""
        value = self.now(row, metric)
        warning, critical = LIMITS[metric]
        if value is None or value < warning:
            return None
        return Status.CRITICAL if value >= critical else Status.WARNING

    def _spark(self, row: ServerRow, metric: str) -> Spark | None:
        return None if self.known is None else self.known.of(row.id)[metric]


def _why_unseen(row: ServerRow, *, is_read: bool) -> str:
    """Why there is no value: a server that is off or not ours is not *unobserved by accident*."""
    if row.life == "provisioning":
        return life(row.life)
    if not row.can_enter:
        return _("not ours")
    if row.power == "off":
        return _("off")
    return _("not observed") if is_read else ""
