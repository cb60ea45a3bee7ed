"""The axes of our charts: local time below, plain numbers at the left, a light grid at the ticks only."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

import pyqtgraph as pg

from backend.core.present.format import day

STEPS_S = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
ROOM_PX = 70
TIME_HEIGHT, VALUE_WIDTH = 24, 40


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Epoch seconds shown as local wall-clock time, ticks on round steps."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.setHeight(TIME_HEIGHT)
        self.enableAutoSIPrefix(False)  # else the label, which is not shown, is made anew at each move

    def tickValues(self, start: float, end: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (end - start) / max(1.0, size / ROOM_PX)
        step = next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])
        offset = datetime.fromtimestamp(max(start, 0)).astimezone().utcoffset()
        shift = offset.total_seconds() if offset else 0.0
        first = math.ceil((start + shift) / step) * step - shift
        return [(step, [first + n * step for n in range(max(0, int((end - first) // step) + 1))])]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        moments = [datetime.fromtimestamp(value).astimezone() for value in values]
        if spacing >= STEPS_S[13]:
            return [day(moment) for moment in moments]
        return [moment.strftime("%H:%M:%S" if spacing < 60 else "%H:%M") for moment in moments]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Three ticks: 0, the middle, and ``top``. ``form`` writes a value."""

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

    def tickValues(self, _low: float, _high: float, _size: float) -> list[tuple[float, list[float]]]:
        return [(self.top / 2, [0.0, self.top / 2, self.top])]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        return [self._form(value) for value in values]
