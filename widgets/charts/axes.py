"""The axes of our charts: local time below, plain numbers at the left, a light grid at the ticks only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pyqtgraph as pg

from backend.core.present.format import day, full_day

STEPS_S = (
    1,
    5,
    10,
    30,
    60,
    120,
    300,
    600,
    1800,
    3600,
    7200,
    21_600,
    43_200,
    86_400,
    172_800,
    604_800,
    1_209_600,
    2_592_000,
)
HOUR, DAY = 3600, 86_400
ROOM_PX, ROOM_OF_DAY_PX, ROOM_OF_THREE_PX = 70, 50, 50
#: Times of the clock are counted from here.
BEGIN = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
TIME_HEIGHT, VALUE_WIDTH = 24, 40


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Epoch seconds shown as local wall-clock time, ticks on round steps."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self._covered: tuple[float, float] | None = None
        self.setHeight(TIME_HEIGHT)
        self.enableAutoSIPrefix(False)  # else the label, which is not shown, is made anew at each move

    def cover(self, span: tuple[float, float] | None) -> None:
        """Leave out the words between these moments: something stands over them."""
        if span != self._covered:
            self._covered = span
            self.picture = None
            self.update()

    def tickValues(self, start: float, end: float, size: float) -> list[tuple[float, list[float]]]:
        rooms = ((step, ROOM_OF_DAY_PX if step >= DAY else ROOM_PX) for step in STEPS_S)
        fits = (step for step, room in rooms if step >= (end - start) / max(1.0, size / room))
        step = next(fits, STEPS_S[-1])
        return [(step, _moments(max(start, DAY), end, step))]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        low, high = self._covered or (1.0, 0.0)
        words = tick_words(values, spacing, datetime.now().astimezone().date())
        return ["" if low < value < high else word for value, word in zip(values, words, strict=True)]


def tick_words(values: Sequence[float], spacing: float, today: date) -> list[str]:
    """Times of day, and the day where one begins; the first of a day that is not today names it as well.

    Where ticks are days, the first of a year that is not this one names the year.
    """
    found, before = [], today
    for value in values:
        moment = datetime.fromtimestamp(value).astimezone()
        clock = moment.strftime("%H:%M:%S" if spacing < 60 else "%H:%M")
        if spacing >= DAY:
            found.append(day(moment) if moment.year == before.year else full_day(moment.date()))
        elif moment.date() == before:
            found.append(clock)
        else:
            found.append(day(moment) if moment.hour == moment.minute == 0 else f"{day(moment)} {clock}")
        before = moment.date()
    return found


def _moments(start: float, end: float, step: int) -> list[float]:
    """Seconds since 1970 at which clocks here show a multiple of ``step``, between two others."""
    first, last = _clock(start), _clock(max(start, end))
    change = abs(_offset(max(start, end)) - _offset(start))  # of the clocks, on the way
    found: set[float] = set()
    shown = BEGIN + (first - change - BEGIN) // timedelta(seconds=step) * timedelta(seconds=step)
    while shown <= last + change:
        found.update(moment for moment in _shown_at(shown, step) if start <= moment <= end)
        shown += timedelta(seconds=step)
    return sorted(found)


def _shown_at(shown: datetime, step: int) -> Iterator[float]:
    """When clocks here show this: twice where they went back, never where they went forward; a day always begins."""
    once, again = shown.timestamp(), shown.replace(fold=1).timestamp()
    if step >= DAY or _clock(once) == shown:
        yield once
    if step <= HOUR and again > once:
        yield again


def _clock(moment: float) -> datetime:
    """What clocks here show, without a zone."""
    return datetime.fromtimestamp(moment).astimezone().replace(tzinfo=None)


def _offset(moment: float) -> timedelta:
    return datetime.fromtimestamp(moment).astimezone().utcoffset() or timedelta()


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Three ticks: 0, the middle (where there is room), and ``top``. ``form`` writes a value."""

    def __init__(self, form: Callable[[float], str]) -> None:
        super().__init__("left")
        self._form = form
        self.top = 100.0
        self.setWidth(VALUE_WIDTH)
        self.enableAutoSIPrefix(False)

    def scale_to(self, top: float) -> None:
        """Put the highest tick at ``top``."""
        self.top = top
        self.picture = None
        self.update()

    def tickValues(self, _low: float, _high: float, size: float) -> list[tuple[float, list[float]]]:
        between = [self.top / 2] if size >= ROOM_OF_THREE_PX else []
        return [(self.top / 2, [0.0, *between, self.top])]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        return [self._form(value) for value in values]
