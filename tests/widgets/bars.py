"""Example bars: a year of costs by type, and a warm-up of 42 days."""

from __future__ import annotations

from datetime import date, timedelta

from backend.core.present import format as words
from backend.core.present.text import _
from widgets.bar_data import Bar, BarData, BarLimit

MONTHS = (222, 240, 250, 268, 281, 284, 296, 325, 328, 340, 372, 326)
SHARES = (0.56, 0.14, 0.13, 0.09, 0.05, 0.03)
START = date(2026, 11, 3)


def months() -> BarData:
    """Twelve months in six parts, the last one with its projection over the budget."""
    parts = (_("Compute"), _("Storage"), _("Backup"), _("Addresses"), _("Traffic"), _("Other"))
    bars = []
    for at, total in enumerate(MONTHS):
        month = date(2025 + (at + 11) // 12, (at + 11) % 12 + 1, 1)
        head = _(words.MONTHS[month.month - 1])
        values = tuple(round(total * share, 2) for share in SHARES)
        bars.append(Bar(f"{head} {month.year}", values, head, planned=431.0 if at == 11 else None))
    limit = BarLimit(384.0, _("budget {amount}").format(amount=words.number(384)))
    return BarData(parts, tuple(bars), _("projected"), (limit,), has_outlines=True)


def warm_up() -> BarData:
    """42 days: 17 done, two of them held, the rest planned."""
    bars = []
    for at in range(42):
        planned = 10 * 1.1**at
        held = _("held, bounces 5.4 %") if at in (11, 12) else ""
        done = (0.0,) if held else ((round(planned * 0.95),) if at < 17 else ())
        day = START + timedelta(days=at)
        head = words.full_day(day).rpartition(" ")[0] if at % 7 == 0 else ""
        bars.append(Bar(words.full_day(day), done, head, planned=planned, held=held))
    return BarData((_("done"),), tuple(bars), _("planned"), today=16, today_word=_("today 44 of 46"))


def days_of_parts(count: int) -> BarData:
    """As many bars of six parts, for who measures."""
    bars = tuple(Bar(f"day {at}", tuple((at * 7 + part * 3) % 11 + 1.0 for part in range(6))) for at in range(count))
    return BarData(("a", "b", "c", "d", "e", "f"), bars)
