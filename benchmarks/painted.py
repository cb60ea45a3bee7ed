"""What a frame of a painted widget costs beside a bare painter: ``python -m benchmarks.painted``.

The bare painter draws the same pictures of cells, or the same rectangles, in the plainest loop, without heads, names,
rules, legend or choice. Both paint into one picture in memory, in turns, so that the machine's other load hits both.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.shell.appearance.theme import Appearance
from tests.widgets.bars import days_of_parts
from tests.widgets.grids import days_of_a_year, restless
from widgets.bar_data import BarData
from widgets.bar_plot import BarPlot
from widgets.cell_grid import CellGrid
from widgets.grid_data import GridData
from widgets.swatch import paint_swatch
from widgets.tokens import LIGHT

FRAMES, WARM = 60, 5
SIZE = (1366, 768)
CELL = (3, 16)
LEFT, TOP = 110, 28
TARGET = 2.0


class BareGrid(QWidget):
    """Each cell by one call, in order."""

    def __init__(self, data: GridData) -> None:
        super().__init__()
        self._data = data
        self._pictures = [self._picture(at) for at in range(len(data.kinds))]

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.bg_surface))
        for at, row in enumerate(self._data.rows):
            top = TOP + at * CELL[1]
            for column, kind in enumerate(row.cells):
                painter.drawPixmap(LEFT + column * CELL[0], top, self._pictures[kind])

    def _picture(self, kind: int) -> QPixmap:
        picture = QPixmap(*CELL)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_swatch(painter, QRectF(0, 0, *CELL), self._data.kinds[kind].swatch, LIGHT)
        painter.end()
        return picture


class BareBars(QWidget):
    """Each part of each bar by one call, in order."""

    def __init__(self, data: BarData) -> None:
        super().__init__()
        self._data = data
        self._top = max(bar.top for bar in data.bars)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT.bg_surface))
        colours = [QColor(colour) for colour in LIGHT.series]
        slot, height = self.width() / len(self._data.bars), self.height()
        for at, bar in enumerate(self._data.bars):
            left, below = round(at * slot), height
            for value, colour in zip(bar.values, colours, strict=False):
                part = round(value / self._top * height)
                painter.fillRect(left, below - part, max(1, round(slot * 0.62)), part, colour)
                below -= part


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication(["painted"])
    Appearance(application).choose("light")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {FRAMES} frames each, in turns")
    worst = 0.0
    for name, ours, bare in _pairs():
        worst = max(worst, compare(name, ours, bare))
    print(f"worst ratio {worst:.2f} (target <= {TARGET})")
    return int(worst > TARGET)


def compare(name: str, ours: QWidget, bare: QWidget) -> float:
    """Print the medians of a frame; their ratio."""
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    frames = {"ours": _painter_of(ours), "bare": _painter_of(bare)}
    for frame in range(FRAMES + WARM):
        for key, paint in frames.items():
            begun = time.perf_counter()
            paint()
            if frame >= WARM:
                times[key].append(1000 * (time.perf_counter() - begun))
    medians = {key: statistics.median(found) for key, found in times.items()}
    ratio = medians["ours"] / medians["bare"]
    print(f"{name:44} {medians['ours']:6.2f} ms, bare {medians['bare']:6.2f} ms, ratio {ratio:.2f}")
    return ratio


def _pairs() -> list[tuple[str, QWidget, QWidget]]:
    pairs: list[tuple[str, QWidget, QWidget]] = []
    worst, usual = restless(40, 365), days_of_a_year(40)
    for name, data in (("grid 40 x 365, no two alike", worst), ("grid 40 x 365, a year as it is", usual)):
        grid = CellGrid("Year", cell=CELL, widest=CELL[0])
        grid.set_data(data)
        pairs.append((name, grid, BareGrid(data)))
    for count in (12, 365):
        data = days_of_parts(count)
        plot = BarPlot("Costs", "USD", str)
        plot.set_data(data)
        pairs.append((f"{count} bars of 6 parts", plot, BareBars(data)))
    return pairs


def _painter_of(widget: QWidget) -> Callable[[], None]:
    widget.setFixedSize(*SIZE)
    widget.show()
    target = QPixmap(*SIZE)

    def paint() -> None:
        widget.render(target, QPoint(0, 0))

    return paint


if __name__ == "__main__":
    sys.exit(main())
