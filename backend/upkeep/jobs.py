"""The nightly job: check every database whole, throw old rows away, pack finished days of samples."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from backend.core.present.text import N_, _, ngettext
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.scheduler import Interval, repeating
from backend.store.integrity import check_integrity
from backend.store.maintenance import maintain
from backend.store.schema.operations import Schedule
from backend.upkeep.requests import MaintainStore

if TYPE_CHECKING:
    from backend.core.metrics import MetricGroup
    from backend.engine.context import StepContext
    from backend.store.metrics import MetricStore
    from backend.store.retention import RetentionRule
    from backend.store.scope import ScopedSession

EVERY = Interval(86_400, grace_s=86_400)
AT_HOUR = 3


class MaintainStoreJob:
    """Job ``store.maintain``."""

    request: ClassVar[type[MaintainStore]] = MaintainStore
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Maintain the database")
    priority: ClassVar[int] = 80
    owner: ClassVar[Owner] = "agency"

    def __init__(self, metrics: MetricStore, rules: Sequence[RetentionRule], groups: Collection[MetricGroup]) -> None:
        self._metrics = metrics
        self._rules = rules
        self._groups = groups

    def accept(self, _session: ScopedSession, _request: MaintainStore) -> Accepted:
        return Accepted(lane="store", about="")

    def steps(self, _request: MaintainStore) -> Sequence[Step[MaintainStore]]:
        return (Step("tidy", N_("Delete expired records, compress the metrics of past days"), self._tidy, 5),)

    def _tidy(self, ctx: StepContext[MaintainStore]) -> StepOutcome:
        for path in ctx.store.address.files:
            check_integrity(path, ctx.is_cancelled)
            ctx.stop_if_cancelled()
        done = maintain(ctx.store, self._metrics, ctx.clock, self._rules, self._groups, between=ctx.stop_if_cancelled)
        rows, days = done.rows_removed, done.days_packed
        removed = ngettext("{n} record deleted", "{n} records deleted", rows).format(n=rows)
        packed = ngettext("{n} day compressed", "{n} days compressed", days).format(n=days)
        return Done(_("{one}, {other}").format(one=removed, other=packed))


def nightly(now: datetime) -> Schedule:
    """Every night at 03:00 UTC; a night missed is caught up within the day."""
    return repeating(MaintainStore(), EVERY, next_at(AT_HOUR, now))


def next_at(hour: int, now: datetime) -> datetime:
    """The next full hour of that name, in UTC."""
    first = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return first if first > now else first + timedelta(days=1)
