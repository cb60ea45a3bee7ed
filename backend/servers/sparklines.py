"""The last two hours of every server, for sparklines; an earlier answer makes the next one cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.fleet.metrics import SERVER_METRICS
from backend.fleet.use import samples_seen_since
from backend.store.query import Source
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.store.metrics import Series

SPAN = timedelta(hours=2)
SHOWN = ("cpu", "memory", "disk")
LATE_S = 120  # how much later than its moment a sample may be committed and still be seen by a reader that goes on
SLACK_S = 600  # how far a line may reach beyond the span before it is cut


@dataclass(frozen=True)
class Sparkline:
    """One metric in percent as (epoch seconds, value), oldest first; ``now`` is None when not observed lately."""

    points: tuple[tuple[int, float], ...] = ()

    @property
    def now(self) -> float | None:
        return self.points[-1][1] if self.points else None


NOTHING: Mapping[str, Sparkline] = {metric: Sparkline() for metric in SHOWN}


@dataclass(frozen=True)
class Sparklines:
    """``lines`` by server and metric, of the servers that were observed; ``until`` the newest sample's epoch second."""

    lines: Mapping[UUID, Mapping[str, Sparkline]]
    until: int

    def of(self, server: UUID) -> Mapping[str, Sparkline]:
        """The lines of a server, empty ones where nothing was observed."""
        return self.lines.get(server, NOTHING)


@dataclass(frozen=True)
class RecentSparklines:
    """Query: the sparklines of the scope's servers. With ``known``, an earlier answer, only what came since is read;
    lines that did not change are the same objects again."""

    scope: Scope
    known: Sparklines | None = None
    topics: ClassVar[tuple[str, ...]] = ("servers", "ages")

    def run(self, source: Source) -> Sparklines:
        with source.store.read(self.scope) as session:
            seen = set(session.scalars(select(Server.id).where(Server.gone_at.is_(None))))
            since_use = samples_seen_since(session, self.scope) or {}
        start = int((source.now - SPAN).timestamp())
        since = start if self.known is None else max(start, self.known.until - LATE_S)
        fresh = source.metrics.recent(Scope.of(AGENCY), SERVER_METRICS, since, SHOWN)
        old = {} if self.known is None else self.known.lines
        lines: dict[UUID, Mapping[str, Sparkline]] = {}
        for server in seen:
            line = _joined(old.get(server), fresh.get(server), start)
            if line is not None and server in since_use:
                line = _begun_at(line, since_use[server])
            if line is not None:
                lines[server] = line
        newest = [int(series.times[-1]) for series in fresh.values()]
        return Sparklines(lines, max(newest, default=since))


def _joined(old: Mapping[str, Sparkline] | None, fresh: Series | None, start: int) -> Mapping[str, Sparkline] | None:
    """What is known and what came since; None where nothing of the span was observed."""
    if fresh is None or not len(fresh.times):
        return old if old is None or _reaches(old, start) else _cut(old, start)
    times = fresh.times.tolist()
    columns = {metric: list(zip(times, fresh.values[metric].tolist(), strict=True)) for metric in SHOWN}
    if old is None:
        return {metric: Sparkline(_observed(points)) for metric, points in columns.items()}
    merged = {metric: _merged(old[metric], columns[metric]) for metric in SHOWN}
    if all(merged[metric] is old[metric] for metric in SHOWN):
        return old if _reaches(old, start) else _cut(old, start)
    return merged if _reaches(merged, start) else _cut(merged, start)


def _merged(old: Sparkline, pairs: list[tuple[int, float]]) -> Sparkline:
    """The old line itself where nothing new came; a late sample takes its place in time."""
    known = dict(old.points)
    added = [pair for pair in _observed(pairs) if pair[0] not in known]
    if not added:
        return old
    if not known or added[0][0] > old.points[-1][0]:
        return Sparkline((*old.points, *added))
    return Sparkline(tuple(sorted((*old.points, *added))))


def _observed(pairs: list[tuple[int, float]]) -> tuple[tuple[int, float], ...]:
    return tuple(pair for pair in pairs if pair[1] == pair[1])  # NaN is not observed


def _reaches(lines: Mapping[str, Sparkline], start: int) -> bool:
    """Whether no line is longer than it should be, or wholly of the past."""
    ends = [(spark.points[0][0], spark.points[-1][0]) for spark in lines.values() if spark.points]
    return all(first >= start - SLACK_S and last >= start for first, last in ends)


def _begun_at(lines: Mapping[str, Sparkline], first: int) -> Mapping[str, Sparkline] | None:
    """Nothing from before ``first``."""
    is_within = all(spark.points[0][0] >= first for spark in lines.values() if spark.points)
    return lines if is_within else _cut(lines, first)


def _cut(lines: Mapping[str, Sparkline], start: int) -> Mapping[str, Sparkline] | None:
    cut: dict[str, Any] = {
        metric: Sparkline(tuple(point for point in spark.points if point[0] >= start))
        for metric, spark in lines.items()
    }
    return cut if any(spark.points for spark in cut.values()) else None
