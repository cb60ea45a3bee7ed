"""A chart as a file: a picture as it is seen, a drawing to be scaled, or its samples as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as Xml

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QPointF

from backend.core.present.decimate import min_max
from backend.core.present.status import Status
from widgets import tokens
from widgets.charts.spec import CSV, PNG, SVG, Limit

if TYPE_CHECKING:
    from widgets.charts.plot import Plot
    from widgets.charts.stack import ChartStack

SPACE = "http://www.w3.org/2000/svg"
WORD_DROP = 4  # px from the middle of a line of small words to its foot
LINE_WIDTH, SHADE = "1.25", "0.18"


def saved(stack: ChartStack, kind: str) -> bytes:
    """What is shown as the content of a file: one of :data:`PNG`, :data:`SVG`, :data:`CSV`."""
    return {PNG: _picture, SVG: drawing, CSV: _table}[kind](stack)


def _picture(stack: ChartStack) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    stack.grab().save(buffer, "PNG")
    return bytes(buffer.data().data())


def _table(stack: ChartStack) -> bytes:
    """With a byte order mark: spreadsheets take it for UTF-8 by that alone."""
    text = io.StringIO()
    head, rows = stack.figures()
    csv.writer(text).writerows([head, *rows])
    return text.getvalue().encode("utf-8-sig")


def drawing(stack: ChartStack) -> bytes:
    """The plots as SVG, from the same points and at the same places as on the screen."""
    theme = tokens.theme_of(stack.palette())
    width, height = stack.width(), stack.height()
    root = Xml.Element("svg", xmlns=SPACE, width=str(width), height=str(height), viewBox=f"0 0 {width} {height}")
    root.set("font-family", ", ".join(tokens.UI_FONTS))
    root.set("font-size", str(tokens.SMALL))
    _add(root, "rect", width=width, height=height, fill=theme.bg_surface)
    for number, plot in enumerate(stack.plots):
        _Drawn(root, stack, plot, theme).draw(number)
    last = _Drawn(root, stack, stack.plots[-1], theme)
    last.draw_times()
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode").encode()


class _Drawn:
    """One plot on the way into a drawing."""

    def __init__(self, root: Xml.Element, stack: ChartStack, plot: Plot, theme: tokens.Theme) -> None:
        self._root, self._stack, self._plot, self._theme = root, stack, plot, theme
        self._box = plot.view.getViewBox()
        self._left, self._top = self._place(QPointF(0, 0))
        self._width, self._height = float(self._box.width()), float(self._box.height())

    def draw(self, number: int) -> None:
        clip = _add(_add(self._root, "defs"), "clipPath", id=f"plot-{number}")
        _add(clip, "rect", **self._frame())
        self._head()
        inside = _add(self._root, "g", **{"clip-path": f"url(#plot-{number})"})
        for gap in self._plot.bands.gaps:
            left, right = self._x(gap.since), self._x(gap.until)
            band = self._frame() | {"x": left, "width": max(0.0, right - left)}
            _add(inside, "rect", fill=self._theme.chart_gap, **band)
        self._grid()
        self._limits()
        for spread, curve, style in zip(self._plot.spreads, self._plot.curves, tokens.LINE_STYLES, strict=False):
            for shape in spread.shapes():
                points = " ".join(self._point(shape.at(at)) for at in range(shape.size()))
                _add(inside, "polygon", points=points, fill=curve.colour, **{"fill-opacity": SHADE})
            dashes = {"stroke-dasharray": " ".join(map(str, style))} if style else {}
            for points in self._lines(*curve.data):
                _add(inside, "polyline", points=points, stroke=curve.colour, fill="none",
                     **({"stroke-width": LINE_WIDTH} | dashes))  # fmt: skip

    def draw_times(self) -> None:
        """The words of the time axis, under the last plot."""
        axis = self._plot.time_axis
        ((spacing, moments),) = axis.tickValues(*self._stack.shown_span(), self._width)
        for moment, word in zip(moments, axis.tickStrings(moments, 1.0, spacing), strict=True):
            y = self._top + self._height + tokens.SMALL + WORD_DROP
            self._word(word, self._x(moment), y, self._theme.chart_axis, anchor="middle")

    def _head(self) -> None:
        plot, edge = self._plot, tokens.PANEL_PADDING
        y = plot.mapTo(self._stack, QPoint(0, 0)).y() + 6 + tokens.BODY
        words = f"{plot.spec.title} {plot.unit.text()}".strip()
        self._word(words, edge, y, self._theme.text_primary, **{"font-weight": str(tokens.SEMIBOLD)})
        newest = plot.now.text() if plot.legend is None else plot.legend.text()
        self._word(newest, self._stack.width() - edge, y, self._theme.text_secondary, anchor="end")

    def _grid(self) -> None:
        ((_spacing, values),) = self._plot.value_axis.tickValues(0, 0, self._height)
        for value, word in zip(values, self._plot.value_axis.tickStrings(values, 1.0, 0.0), strict=True):
            y = self._y(value)
            ends = {"x1": self._left, "x2": self._left + self._width, "y1": y, "y2": y}
            _add(self._root, "line", stroke=self._theme.chart_grid, **ends)
            self._word(word, self._left - 6, y + WORD_DROP, self._theme.chart_axis, anchor="end")

    def _limits(self) -> None:
        for limit, y, word in self._plot.limits.places():
            self._word(limit.word, self._left + word.left(), self._top + y + WORD_DROP, self._colour(limit))
        for limit, line in self._plot.limits.pieces():
            ends = {"x1": self._left + line.x1(), "x2": self._left + line.x2()}
            heights = {"y1": self._top + line.y1(), "y2": self._top + line.y2(), "stroke-dasharray": "4 3"}
            _add(self._root, "line", stroke=self._colour(limit), **ends, **heights)

    def _colour(self, limit: Limit) -> str:
        return self._theme.status_critical if limit.status is Status.CRITICAL else self._theme.status_warning

    def _lines(self, times: Any, values: Any) -> Iterator[str]:
        """Points of each stretch without a break, at most two a column."""
        start, end = self._stack.shown_span()
        times, values = min_max(times, values, start=start, end=end, columns=int(self._width))
        seen = np.flatnonzero(~np.isnan(values))
        for run in np.split(seen, np.flatnonzero(np.diff(seen) > 1) + 1):
            if len(run) > 1:
                yield " ".join(self._point(QPointF(float(times[at]), float(values[at]))) for at in run)

    def _word(self, word: str, x: float, y: float, colour: str, *, anchor: str = "start", **more: str) -> None:
        text = _add(self._root, "text", x=x, y=y, fill=colour, **({"text-anchor": anchor} | more))
        text.text = word

    def _frame(self) -> dict[str, float]:
        return {"x": self._left, "y": self._top, "width": self._width, "height": self._height}

    def _place(self, point: QPointF) -> tuple[float, float]:
        """A point of the view in the stack's pixels."""
        spot = self._plot.view.mapFromScene(self._box.mapToScene(point))
        found = self._plot.view.mapTo(self._stack, spot)
        return float(found.x()), float(found.y())

    def _x(self, moment: float) -> float:
        start, end = self._stack.shown_span()
        return self._left + (moment - start) / (end - start) * self._width

    def _y(self, value: float) -> float:
        return self._top + float(self._box.mapFromView(QPointF(0.0, value)).y())

    def _point(self, point: QPointF) -> str:
        return f"{self._x(point.x()):.1f},{self._y(point.y()):.1f}"


def _add(parent: Xml.Element, tag: str, **attributes: object) -> Xml.Element:
    written = {key: f"{value:.1f}" if isinstance(value, float) else str(value) for key, value in attributes.items()}
    return Xml.SubElement(parent, tag, written)
