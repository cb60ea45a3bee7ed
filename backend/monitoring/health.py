"""What samples say about a server: thresholds of product.md, held for their time; too few samples are inconclusive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backend.core.checks import Verdict
from backend.core.present.message import Message
from backend.core.present.text import N_


@dataclass(frozen=True)
class Threshold:
    """``metric`` in percent is a warning from ``warning`` on, critical from ``critical``, when held ``for_s``."""

    metric: str
    warning: float
    critical: float
    for_s: int
    words: str

    def said_of(self, value: float) -> Verdict | None:
        """What a value says that was held; None where it is no matter."""
        if value < self.warning:
            return None
        verdict, limit = ("critical", self.critical) if value >= self.critical else ("warning", self.warning)
        return Verdict(verdict, Message(self.words, {"limit": round(limit)}))


THRESHOLDS = (
    Threshold("cpu", 80, 95, 900, N_("CPU over {limit} %")),
    Threshold("memory", 85, 95, 900, N_("memory over {limit} %")),
    Threshold("disk", 80, 90, 0, N_("disk over {limit} %")),
    Threshold("inodes", 80, 90, 0, N_("inodes over {limit} %")),
)
SPAN_S = 900


def threshold_of(metric: str) -> Threshold:
    """The limits of a metric that has some.

    :raises KeyError: it has none.
    """
    return {threshold.metric: threshold for threshold in THRESHOLDS}[metric]


def health_of(samples: Sequence[tuple[int, Mapping[str, float]]], now: int) -> Verdict:
    """Judge (epoch seconds, values) pairs in ascending order, up to now.

    A threshold that must hold counts only when samples at both ends of its time, and all between, are above it.
    """
    recent = [(at, values) for at, values in samples if at > now - 2 * SPAN_S]
    if not recent:
        return Verdict("inconclusive", Message(N_("no data in the last 30 minutes")))
    found = [verdict for threshold in THRESHOLDS if (verdict := _judge(threshold, recent, now)) is not None]
    critical = [verdict for verdict in found if verdict.word == "critical"]
    return (critical or found or [Verdict("ok")])[0]


def _judge(threshold: Threshold, samples: Sequence[tuple[int, Mapping[str, float]]], now: int) -> Verdict | None:
    held = _lowest_held(threshold, samples, now)
    return None if held is None else threshold.said_of(held)


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
