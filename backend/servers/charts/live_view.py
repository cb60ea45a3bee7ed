"""What the live view shows: live samples, and where there are none (yet) the ones of every five minutes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend.core.present.decimate import Gap
from backend.servers.charts.queries import SAMPLE_GAP_S, ChartSeries

if TYPE_CHECKING:
    import numpy as np

#: Live samples so far apart are joined; one so old may still be on its way.
LIVE_GAP_S, LIVE_LATE_S = 5.0, 15.0
VIEW_S = 1500.0


def live_view(live: ChartSeries, before: ChartSeries, now: float, span_s: float = VIEW_S) -> ChartSeries:
    """``live`` with samples of ``before`` where no live one is near; what neither observed is a gap with its reason.

    Samples of the last ``span_s`` seconds and the one before; a gap may have begun long before that.
    """
    import numpy as np

    far = _far_from(before.times, live.times)
    times = np.concatenate([live.times, before.times[far]]).astype(float)
    order = np.argsort(times, kind="stable")
    times, is_live = times[order], (np.arange(len(times)) < len(live.times))[order]
    gaps = _gaps(times, is_live, before, now) if len(times) else _nothing(before, now)
    keys = live.values if len(live.times) else before.values
    empty = np.full(len(before.times), np.nan)
    values = {
        key: np.concatenate([live.values.get(key, np.empty(0)), before.values.get(key, empty)[far]])[order]
        for key in keys
    }
    first = max(0, int(np.searchsorted(times, now - span_s)) - 1)
    seen = {key: column[first:] for key, column in values.items()}
    since = max(before.since, now - span_s)
    return replace(live, times=times[first:], values=seen, gaps=gaps, since=since, until=now)


def _far_from(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which of ``times`` have none of ``others`` near."""
    import numpy as np

    if not len(others) or not len(times):
        return np.ones(len(times), dtype=bool)
    after = np.clip(np.searchsorted(others, times), 0, len(others) - 1)
    nearest = np.minimum(np.abs(others[after] - times), np.abs(others[np.maximum(after - 1, 0)] - times))
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = nearest > LIVE_GAP_S
    return found


def _gaps(times: np.ndarray, is_live: np.ndarray, before: ChartSeries, now: float) -> tuple[Gap, ...]:
    """Two live samples are joined over seconds, others over minutes."""
    import numpy as np

    reach = np.where(is_live[1:] & is_live[:-1], LIVE_GAP_S, SAMPLE_GAP_S)
    inner = np.flatnonzero(np.diff(times) > reach)
    found = [Gap(float(times[at]), float(times[at + 1])) for at in inner]
    if now - times[-1] > (LIVE_LATE_S if is_live[-1] else SAMPLE_GAP_S):
        found.append(Gap(float(times[-1]), now))
    if times[0] - before.since > SAMPLE_GAP_S:
        found.insert(0, Gap(before.since, float(times[0])))
    return tuple(replace(gap, why=_why(gap, before)) for gap in found)


def _nothing(before: ChartSeries, now: float) -> tuple[Gap, ...]:
    """What was not observed a moment ago still is not."""
    if not before.gaps:
        return (Gap(before.since, now),)
    return (*before.gaps[:-1], replace(before.gaps[-1], until=now))


def _why(gap: Gap, before: ChartSeries) -> str:
    """What was said of the same time."""
    return next((each.why for each in before.gaps if each.since < gap.until and gap.since < each.until), "")
