"""The charts of a server's detail: what they show and at which scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.text import _

if TYPE_CHECKING:
    from widgets.charts.stack import ChartStack

LIVE_SPAN_S, LIVE_GAP_S = 300.0, 5.0
DAY_S, DAY_GAP_S = 86_400.0, 750.0


def live_charts() -> ChartStack:
    """Five minutes at one sample a second."""
    return _stack(LIVE_SPAN_S, LIVE_GAP_S)


def day_charts() -> ChartStack:
    """A day at one sample in five minutes."""
    return _stack(DAY_S, DAY_GAP_S)


def _stack(span_s: float, longest_s: float) -> ChartStack:
    from widgets.charts.plot import PlotSpec
    from widgets.charts.stack import ChartStack

    specs = (
        PlotSpec("cpu", _("CPU"), "%", words.number, threshold=80.0, threshold_word=_("80 warning")),
        PlotSpec("memory", _("Memory"), "%", words.number, threshold=85.0, threshold_word=_("85 warning")),
        PlotSpec("disk", _("Disk"), "%", words.number, threshold=80.0, threshold_word=_("80 warning")),
        PlotSpec("network_in", _("Network in"), _("B/s"), words.rate, top=None, axis_form=words.short),
        PlotSpec("load", _("Load"), "", lambda value: words.number(value, 1), top=None),
    )
    return ChartStack(specs, span_s=span_s, longest_s=longest_s)
