"""What was observed of the demo's servers so far: ninety whole days, and today up to now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from backend.core.checks import Verdict
from backend.demo.fleet.load_profile import LoadProfile, seed_of
from backend.demo.fleet.servers import CLIENTS, DAYS, TROUBLES, DemoServer, client_id, demo_servers
from backend.fleet.metrics import server_series
from backend.monitoring.fleet_load import SHOWN, fleet_samples, fleet_series
from backend.monitoring.health import THRESHOLDS
from backend.store.backfill import backfill
from backend.store.rollups import DAY
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.store.series_key import SeriesKey

if TYPE_CHECKING:
    from backend.demo.fleet.context import DemoContext

Sample = tuple[SeriesKey, int, Mapping[str, float]]

EVERY_S = 300
#: This computer was off, or its network was: nobody knows what happened then. From this long after the beginning.
UNOBSERVED_FROM, UNOBSERVED_FOR = timedelta(days=58, hours=19), timedelta(hours=7)

#: A night in which the one that is silent now did not answer for a while: so many days ago, from then (UTC) on.
SILENT_DAYS, SILENT_FROM, SILENT_FOR = 23, timedelta(hours=2, minutes=10), timedelta(minutes=15)


def silent_night(now: datetime) -> datetime:
    """When that silence began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=SILENT_DAYS) + SILENT_FROM


def observe_today(context: DemoContext, servers: Mapping[UUID, DemoServer], since: datetime, now: datetime) -> None:
    """From midnight on, as it lies while the day lasts: what the first page shows is there with its rows."""
    import numpy as np

    end = int(now.timestamp()) // EVERY_S * EVERY_S
    today = np.arange(end - end % DAY, end + 1, EVERY_S)
    batch = []
    for server_id, demo_server in servers.items():
        seen, key = load_profile_of(demo_server, since).at(today.astype(float)), server_series(server_id)
        batch += [
            (key, int(at), {name: float(column[row]) for name, column in seen.items()})
            for row, at in enumerate(today)
            if at <= end - demo_server.silent_for_s
        ]
    context.metrics.add_many(ENGINE_SCOPE, [*batch, *_together(servers.values(), since, end)])


def _together(servers: Collection[DemoServer], since: datetime, end: int) -> Iterator[Sample]:
    """The load of the last day of all members, and of each client's."""
    import numpy as np

    times = np.arange(end - DAY, end + 1, EVERY_S)
    seen = {each.name: load_profile_of(each, since).at(times.astype(float)) for each in servers}
    groups = {AGENCY: list(seen)} | {
        client_id(client): [each.name for each in servers if each.client == client] for client in CLIENTS
    }
    for workspace, names in groups.items():
        found = fleet_samples({metric: np.array([seen[name][metric] for name in names]) for metric in SHOWN})
        for row, at in enumerate(times):
            yield fleet_series(workspace), int(at), {name: float(column[row]) for name, column in found.items()}


def observe_past(context: DemoContext) -> None:
    """The ninety whole days before, from the same load profiles that the hosts go on with; what nobody saw is a gap.

    Goes on where it was cut off: a server that has its first day has them all.
    """
    import numpy as np

    known = {demo_server.name: demo_server for demo_server in demo_servers()}
    with context.store.read(ENGINE_SCOPE) as session:
        rows = session.scalars(select(Server).where(Server.gone_at.is_(None), Server.name.in_(known)))
        servers = {row.id: (known[row.name], row.created_at) for row in rows}
    now = context.clock.now()
    for server_id, (demo_server, since) in servers.items():
        if now - since < timedelta(days=DAYS - 1):
            continue  # another one of that name, made since
        key, begin = server_series(server_id), int(since.timestamp()) // DAY * DAY
        if len(context.metrics.raw(ENGINE_SCOPE, key, begin, begin + DAY).times):
            continue
        times = np.arange(begin, begin + DAYS * DAY, EVERY_S)
        unseen = (since + UNOBSERVED_FROM).timestamp()
        gap = (times >= unseen) & (times < unseen + UNOBSERVED_FOR.total_seconds())
        if demo_server.silent_for_s:
            night = silent_night(since + timedelta(days=DAYS)).timestamp()
            gap |= (times >= night) & (times < night + SILENT_FOR.total_seconds())
        seen = load_profile_of(demo_server, since).at(times.astype(float))
        values = {name: np.where(gap, np.nan, column) for name, column in seen.items()}
        backfill(context.store, ENGINE_SCOPE, key, times, values, every_s=EVERY_S, spans=(DAY,))


def load_profile_of(demo_server: DemoServer, since: datetime) -> LoadProfile:
    """That of the member's host."""
    return LoadProfile(seed_of(demo_server.name), **{"since": since.timestamp(), **demo_server.load})


def verdicts_until(demo_server: DemoServer, since: datetime, now: datetime) -> list[tuple[datetime, Verdict]]:
    """What its samples said of a member's health from the beginning on, each time that something else was said."""
    import numpy as np

    if demo_server.name not in TROUBLES:
        return [(since, Verdict("ok"))]
    times = np.arange(int(since.timestamp()) // EVERY_S * EVERY_S, int(now.timestamp()), EVERY_S)
    seen = load_profile_of(demo_server, since).at(times.astype(float))
    said = np.zeros(len(times), dtype=int)
    held = [_held(seen[threshold.metric], threshold.for_s // EVERY_S) for threshold in THRESHOLDS]
    for level in ("warning", "critical"):
        for number, threshold in reversed(list(enumerate(THRESHOLDS, 1))):
            is_over = held[number - 1] >= getattr(threshold, level)
            said[is_over] = number if level == "warning" else -number
    changes = [0, *(np.flatnonzero(np.diff(said)) + 1).tolist()]
    return [(datetime.fromtimestamp(int(times[at]), UTC), _said(int(said[at]), held, at)) for at in changes]


def _said(number: int, held: Sequence[Any], at: int) -> Verdict:
    """``number`` is a threshold's, from one on; below zero where it is critical."""
    if number == 0:
        return Verdict("ok")
    threshold = THRESHOLDS[abs(number) - 1]
    return threshold.said_of(float(held[abs(number) - 1][at])) or Verdict("ok")


def _held(values: Any, samples: int) -> Any:
    """The lowest value of this many samples before each, and of itself."""
    import numpy as np

    padded = np.concatenate([np.full(samples, -np.inf), values])
    return np.min([padded[at : at + len(values)] for at in range(samples + 1)], axis=0)
