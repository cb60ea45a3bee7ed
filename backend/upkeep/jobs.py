"""The nightly job: throw old rows away, pack finished days of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.engine.timetable import Every, repeating
from backend.store.maintenance import maintain
from backend.store.schema.operations import Schedule

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.store.metrics import MetricStore
    from backend.store.scope import ScopedSession

EVERY = Every(86_400, grace_s=86_400)
AT_HOUR = 3


class TidyStore:
    """Job ``store.tidy``."""

    name: ClassVar[str] = "store.tidy"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Tidy the database")
    priority: ClassVar[int] = 80

    def __init__(self, metrics: MetricStore) -> None:
        self._metrics = metrics

    def accept(self, _session: ScopedSession, _wish: Mapping[str, Any]) -> Accepted:
        return Accepted(lane="store", about="")

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("tidy", N_("Remove what is old, pack what is done"), self._tidy, 5),)

    def _tidy(self, ctx: StepContext) -> StepOutcome:
        done = maintain(ctx.store, self._metrics, ctx.clock)
        return Done(_("{rows} rows removed, {days} days packed").format(rows=done.rows_removed, days=done.days_packed))


def nightly(now: datetime) -> Schedule:
    """Every night at 03:00 UTC; a night missed is caught up within the day."""
    first = now.replace(hour=AT_HOUR, minute=0, second=0, microsecond=0)
    return repeating(TidyStore.name, EVERY, first if first > now else first + timedelta(days=1))
