"""What samples say about a server: thresholds of product.md, held for their time; too few samples are inconclusive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.core.present.text import _


@dataclass(frozen=True)
class Threshold:
    """``metric`` in percent is a warning from ``warning`` on, critical from ``critical``, when held ``for_s``."""

    metric: str
    warning: float
    critical: float
    for_s: int


THRESHOLDS = (
    Threshold("cpu", 80, 95, 900),
    Threshold("memory", 85, 95, 900),
    Threshold("disk", 80, 90, 0),
    Threshold("inodes", 80, 90, 0),
)
SPAN_S = 900


@dataclass(frozen=True)
class Health:
    """``verdict`` is ok, warning, critical or inconclusive; ``why`` names the metric that decided."""

    verdict: str
    why: str = ""


def health_of(samples: Sequence[tuple[int, Mapping[str, float]]], now: int) -> Health:
    """Judge (epoch seconds, values) pairs in ascending order, up to now.

    A threshold that must hold counts only when samples at both ends of its time, and all between, are above it.
    """
    recent = [(at, values) for at, values in samples if at > now - 2 * SPAN_S]
    if not recent:
        return Health("inconclusive", _("nothing was observed in the last 30 minutes"))
    found = [health for threshold in THRESHOLDS if (health := _judge(threshold, recent, now)) is not None]
    critical = [health for health in found if health.verdict == "critical"]
    return (critical or found or [Health("ok")])[0]


def _judge(threshold: Threshold, samples: Sequence[tuple[int, Mapping[str, float]]], now: int) -> Health | None:
    held = _lowest_held(threshold, samples, now)
    if held is None or held < threshold.warning:
        return None
    verdict = "critical" if held >= threshold.critical else "warning"
    words = {
        "cpu": _("CPU over {limit} %"),
        "memory": _("memory over {limit} %"),
        "disk": _("disk over {limit} %"),
        "inodes": _("inodes over {limit} %"),
    }
    limit = threshold.critical if verdict == "critical" else threshold.warning
    return Health(verdict, words[threshold.metric].format(limit=round(limit)))


def _lowest_held(threshold: Threshold, samples: Sequence[tuple[int, Mapping[str, float]]], now: int) -> float | None:
    """The value that was never undercut during the threshold's time; None when that time was not observed."""
    seen = [(at, values[threshold.metric]) for at, values in samples if threshold.metric in values]
    if not seen:
        return None
    if threshold.for_s == 0:
        return seen[-1][1]
    since = now - threshold.for_s
    before = [value for at, value in seen if at <= since]
    inside = [value for at, value in seen if at > since]
    if not before or not inside:
        return None
    return min(before[-1], *inside)
