"""DigitalOcean's monitoring: rates of traffic added up, and counters of CPU time as percent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal

from backend.core.rest.values import count, finite, moment_of, month_of
from backend.providers.ports import Machine, Reading, Usage
from backend.wires.digitalocean import DigitalOceanWire

Samples = dict[int, float]

METRICS = "/v2/monitoring/metrics/droplet"
DAY = timedelta(days=1)
#: "The metrics in the response body are in megabits per second (Mbps)":
#: https://docs.digitalocean.com/reference/pydo/reference/monitoring/get_droplet_bandwidth_metrics (2025-10-20).
BYTES_PER_MEGABIT = 125_000
#: Time in which a CPU had nothing to do, as Linux counts it.
IDLE = ("idle", "iowait")
#: A sample stands for the time since the one before; a server that was off left none for longer.
MOST_STEPS = 2
#: Traffic is of the whole month only where samples begin with it, or with the server.
LATEST_BEGIN_S = 3600


class Metrics:
    """What a droplet used. Series are empty where its agent is not installed."""

    def __init__(self, wire: DigitalOceanWire) -> None:
        self._wire = wire

    def usage(self, machine: Machine, now: datetime) -> Usage:
        """Since the month of ``now`` began. What is charged comes from one pool of the account."""
        since = month_of(now)
        begun = max(since, machine.created_at or since)
        received, sent = (
            _bytes(self._traffic(machine.id, direction, since, now), begun) for direction in ("inbound", "outbound")
        )
        return Usage(
            since=since,
            received_bytes=received,
            sent_bytes=sent,
            counted_bytes=None,
            included_bytes=None,
            source="DigitalOcean Monitoring",
            readings=_readings(self._modes(machine.id, now - DAY, now)),
        )

    def _traffic(self, machine_id: str, direction: str, start: datetime, end: datetime) -> Samples:
        """On the public interface, in megabits a second."""
        wanted = {"interface": "public", "direction": direction}
        series = self._series("bandwidth", machine_id, start, end, **wanted)
        return series[0][1] if series else {}

    def _modes(self, machine_id: str, start: datetime, end: datetime) -> dict[str, Samples]:
        """Seconds since the droplet started, by what its CPUs did."""
        series = self._series("cpu", machine_id, start, end)
        return {str(labels.get("mode")): samples for labels, samples in series}

    def _series(
        self, name: Literal["bandwidth", "cpu"], machine_id: str, start: datetime, end: datetime, **wanted: str
    ) -> list[tuple[Mapping[str, Any], Samples]]:
        window = {"start": str(int(start.timestamp())), "end": str(int(end.timestamp()))}
        path = f"{METRICS}/{name}"
        answer = self._wire.call("GET", path, params={"host_id": machine_id, **wanted, **window})
        found = self._wire.listed(self._wire.one(answer, "data"), "result", path)
        return [(each.get("metric") or {}, _samples(each.get("values"))) for each in found]


def _samples(values: Any) -> Samples:
    """Pairs of a moment and a number written as text, in the order of time; others are read past."""
    read: Samples = {}
    for pair in values if isinstance(values, list) else ():
        told, value = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        at, number = moment_of(told), finite(value)
        if at is not None and number is not None:
            read[int(at.timestamp())] = float(number)
    return dict(sorted(read.items()))


def _bytes(rates: Samples, begun: datetime) -> int | None:
    """None where they do not begin with the time in question."""
    moments = [*rates]
    if len(moments) < 2 or moments[0] > begun.timestamp() + LATEST_BEGIN_S:
        return None
    longest = MOST_STEPS * median(after - before for before, after in pairwise(moments))
    megabits = sum(rates[after] * min(after - before, longest) for before, after in pairwise(moments))
    return count(megabits * BYTES_PER_MEGABIT)


def _readings(modes: Mapping[str, Samples]) -> tuple[Reading, ...]:
    """From one moment to the next. Counters that went back began anew: that time is left out."""
    read = []
    for before, after in pairwise(modes.get("idle", {})):
        spent = {mode: samples.get(after, 0.0) - samples.get(before, 0.0) for mode, samples in modes.items()}
        total = sum(spent.values())
        if total > 0 and min(spent.values()) >= 0:
            busy = 1 - sum(spent.get(mode, 0.0) for mode in IDLE) / total
            read.append(Reading(datetime.fromtimestamp(after, UTC), 100 * busy))
    return tuple(read)
