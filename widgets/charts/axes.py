"""The axes of our charts: local time below, plain numbers at the left, a light grid at the ticks only."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pyqtgraph as pg

STEPS_S = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000)
ROOM_PX = 70


class TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Epoch seconds shown as local wall-clock time, ticks on round steps."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.setHeight(24)

    def tickValues(self, start: float, end: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (end - start) / max(1.0, size / ROOM_PX)
        step = next((step for step in STEPS_S if step >= wanted), STEPS_S[-1])
        offset = datetime.fromtimestamp(max(start, 0)).astimezone().utcoffset()
        shift = offset.total_seconds() if offset else 0.0
        first = math.ceil((start + shift) / step) * step - shift
        return [(step, [first + n * step for n in range(max(0, int((end - first) // step) + 1))])]

    def tickStrings(self, values: list[float], _scale: float, spacing: float) -> list[str]:
        form = "%H:%M:%S" if spacing < 60 else "%H:%M" if spacing < 86_400 else "%d %b"
        return [datetime.fromtimestamp(value).astimezone().strftime(form) for value in values]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Three ticks: the bottom, the middle, the top. ``form`` writes a value."""

    def __init__(self, form: Any) -> None:
        super().__init__("left")
        self._form = form
        self.setWidth(44)

    def tickValues(self, low: float, high: float, _size: float) -> list[tuple[float, list[float]]]:
        middle = (low + high) / 2
        return [(max(high - low, 1e-9) / 2, [low, middle, high])]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        return [self._form(value) for value in values]
