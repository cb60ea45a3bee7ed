"""The charts of a server's detail: what they show and at which scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.monitoring.health import threshold_of

if TYPE_CHECKING:
    from widgets.charts.plot import PlotSpec
    from widgets.charts.stack import ChartStack

LIVE_SPAN_S, DAY_S = 300.0, 86_400.0
#: How old the last sample may be and still be told as of now: samples come every five minutes.
LONGEST_S = 750.0


def live_charts() -> ChartStack:
    """Five minutes at one sample a second."""
    return _stack(LIVE_SPAN_S)


def history_charts() -> ChartStack:
    """A day; the range that is chosen changes that."""
    return _stack(DAY_S)


def _stack(span_s: float) -> ChartStack:
    from widgets.charts.plot import PlotSpec
    from widgets.charts.spec import Line
    from widgets.charts.stack import ChartStack

    both = (Line("network_in", _("in")), Line("network_out", _("out")))
    specs = (
        _share("cpu", _("CPU")),
        _share("memory", _("Memory")),
        _share("disk", _("Disk")),
        PlotSpec("network", _("Network"), _("B/s"), words.rate, top=None, lines=both, scaled=words.rate_unit),
        PlotSpec("load", _("Load"), "", lambda value: words.number(value, 1), top=None),
    )
    return ChartStack(specs, span_s=span_s, longest_s=LONGEST_S)


def _share(metric: str, title: str) -> PlotSpec:
    """In percent, with the lines from which it is a warning, and critical."""
    from widgets.charts.plot import PlotSpec
    from widgets.charts.spec import Limit

    limits = threshold_of(metric)
    warning, critical = words.number(limits.warning), words.number(limits.critical)
    lines = (
        Limit(limits.warning, _("{limit} warning").format(limit=warning)),
        Limit(limits.critical, _("{limit} critical").format(limit=critical), Status.CRITICAL),
    )
    return PlotSpec(metric, title, "%", words.number, limits=lines)
