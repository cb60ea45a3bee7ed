"""The samples of a server as its charts and the command line show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.present.decimate import Gap, unobserved
from backend.fleet.metrics import SERVER_METRICS, server_series
from backend.fleet.use import samples_seen_since
from backend.servers.charts import resampling
from backend.servers.charts.reasons import with_reasons
from backend.servers.charts.resampling import SAMPLES, Means, means_of, means_of_rollups, step_for
from backend.store.live_leases import LiveLeases, ServerKey
from backend.store.query import Source
from backend.store.rollups import DAY, HOUR
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    import numpy as np

    from backend.store.metrics import Series

    Array = np.ndarray[Any, Any]

#: Samples come every five minutes: two of them so far apart are joined, one so old is still of now.
SAMPLE_GAP_S = 750.0
#: What charts draw: only of these there are means.
DRAWN = ("cpu", "memory", "disk", "network_in", "network_out", "load")
AGENCYS = Scope.of(AGENCY)


@dataclass(frozen=True)
class ChartSeries:
    """Times in epoch seconds and values by metric, as numpy arrays; NaN where not observed.

    One value is a sample (``step_s`` 0) or the mean of so many seconds, with the 95th percentile in ``p95``.
    ``since`` and ``until`` bound what was asked for and is kept. ``newest`` has by metric the last sample, however the
    values are summed up, (moment, value). ``is_queued``: a live view that begins when another ends, because as many
    run as may.
    """

    times: Array
    values: Mapping[str, Array]
    is_queued: bool = False
    p95: Mapping[str, Array] = field(default_factory=dict)
    step_s: int = SAMPLES
    gaps: tuple[Gap, ...] = ()
    since: float = 0.0
    until: float = 0.0
    newest: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveSeries:
    """Query: the last minutes of live samples of one server."""

    scope: Scope
    server_id: UUID
    seconds: int = 600
    topics: ClassVar[tuple[str, ...]] = ("live",)

    def run(self, source: Source) -> ChartSeries:
        visible = _visible_since(source, self.scope, self.server_id)
        if visible is None:
            return empty()
        since = max(int(source.now.timestamp()) - self.seconds, visible.first)
        is_queued = LiveLeases(source.store).state(AGENCYS, ServerKey(AGENCY, self.server_id)) == "full"
        series = source.metrics.live(AGENCYS, server_series(self.server_id), since)
        return ChartSeries(series.times, series.values, is_queued)


@dataclass(frozen=True)
class HistorySeries:
    """Query: ``seconds`` up to ``until`` (epoch seconds; None is now), as far back as anything is kept.

    ``step_s`` None takes what fits: samples for a week, then means of hours, then of days. Where samples are kept no
    longer there are means of hours at the finest.
    """

    scope: Scope
    server_id: UUID
    seconds: int = DAY
    until: int | None = None
    step_s: int | None = None
    topics: ClassVar[tuple[str, ...]] = ("servers",)

    def run(self, source: Source) -> ChartSeries:
        visible = _visible_since(source, self.scope, self.server_id)
        if visible is None:
            return empty()
        now = int(source.now.timestamp())
        until = now if self.until is None else min(self.until, now)
        since, edge = until - self.seconds, _samples_since(source.now)
        step_s = step_for(self.seconds) if self.step_s is None else self.step_s
        if since < edge and step_s == SAMPLES:
            step_s = HOUR
        since = min(max(since, visible.from_whole(step_s)), until)
        raw = source.metrics.raw(AGENCYS, server_series(self.server_id), max(since, min(edge, until)), until + 1)
        older = self._older(source, since, min(edge, until), step_s) if since < edge else None
        found = _means(raw, older, step_s)
        seen = raw.times if older is None else found.times
        first = self._begin(source, since, seen, visible.made_at)
        gaps = self._gaps(source, first, until, seen, step_s)
        return ChartSeries(
            found.times,
            found.values,
            p95=found.p95,
            step_s=step_s,
            gaps=gaps,
            since=first,
            until=until,
            newest=_newest(raw),
        )

    def _older(self, source: Source, since: int, until: int, step_s: int) -> Means:
        """Of the time before the oldest sample."""
        key = server_series(self.server_id)
        first = since - since % step_s
        found = {
            metric: source.metrics.rollups(AGENCYS, key, metric, span_s=step_s, since=first, until=until)
            for metric in DRAWN
        }
        return means_of_rollups(found, step_s)

    def _begin(self, source: Source, since: int, times: Array, made_at: float) -> int:
        """Before the first of all samples there is nothing to be missed."""
        if len(times) and float(times[0]) - max(since, made_at) <= SAMPLE_GAP_S:
            return max(since, int(times[0]))
        begins = source.metrics.begins(AGENCYS, server_series(self.server_id))
        return since if begins is None else max(since, begins)

    def _gaps(self, source: Source, since: int, until: int, times: Array, step_s: int) -> tuple[Gap, ...]:
        """What is shorter than one value stands for cannot be shown."""
        longest = max(SAMPLE_GAP_S, 1.5 * step_s if times.dtype.kind == "f" else step_s)
        return with_reasons(source, self.server_id, unobserved(times, longest, since, until))


def empty() -> ChartSeries:
    """Nothing observed, or nothing that may be seen."""
    import numpy as np

    return ChartSeries(np.empty(0), {})


@dataclass(frozen=True)
class _Visible:
    """When a server was made, and from when on its samples may be seen (epoch seconds; 0 is always)."""

    made_at: float
    first: int = 0

    def from_whole(self, step_s: int) -> int:
        """The first moment of which a value that stands for ``step_s`` seconds holds nothing from before."""
        return -(-self.first // step_s) * step_s if step_s else self.first


def _visible_since(source: Source, scope: Scope, server_id: UUID) -> _Visible | None:
    """None for who may not see it: metrics are the agency's, a client reaches them through the server's own row."""
    with source.store.read(scope) as session:
        made_at = session.scalars(select(Server.created_at).where(Server.id == server_id)).first()
        since = samples_seen_since(session, scope)
    if made_at is None:
        return None
    return _Visible(made_at.timestamp(), (since or {}).get(server_id, 0))


def _samples_since(now: datetime) -> int:
    """From this midnight on all samples are kept: whole days are thrown away."""
    day = (now - SERVER_METRICS.samples_kept).astimezone(UTC).date()
    return int(datetime.combine(day, time.min, UTC).timestamp())


def _means(raw: Series, older: Means | None, step_s: int) -> Means:
    if step_s == SAMPLES:
        return Means(raw.times, raw.values)
    newer = means_of(raw.times, {metric: raw.values[metric] for metric in DRAWN}, step_s)
    return newer if older is None else resampling.joined(older, newer)


def _newest(raw: Series) -> dict[str, tuple[float, float]]:
    """By metric the last sample that has it."""
    import numpy as np

    found: dict[str, tuple[float, float]] = {}
    for metric, column in raw.values.items():
        seen = np.flatnonzero(~np.isnan(column[-3:]))
        if len(seen):
            at = len(column[-3:]) - int(seen[-1])
            found[metric] = float(raw.times[-at]), float(column[-at])
    return found
