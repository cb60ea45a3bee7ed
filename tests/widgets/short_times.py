"""Finds what tells a moment in short (*3 min ago*, *yesterday 08:12*) and does not have it exactly in its tooltip.

The axes of plots and grids are no such words: what is pointed at has its exact moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPixmap, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QListView,
    QWidget,
)

from widgets.band_plot import BandPlot
from widgets.bar_plot import BarPlot
from widgets.cell_grid import CellGrid
from widgets.log_view import LogView
from widgets.record_table import RecordTable

MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
#: As :func:`backend.core.present.format.exact` and ``minute`` say it.
EXACT = re.compile(rf"\w{{3}} \d+ {MONTHS} \d{{4}}, \d\d:\d\d(:\d\d)? \S+")
SHORT = re.compile(
    r"\d+ \w+ ago\b|\bjust now\b|\byesterday\b|\btomorrow\b|\bnext today\b"
    r"|(?<![\w:.])\d{1,2}:\d\d(:\d\d)?(?![\w:])"
    rf"|\b\d{{1,2}} {MONTHS}\b(?! \d{{4}})"
)
WITH_AXES = (BandPlot, BarPlot, CellGrid)


def is_untold(text: str, tooltip: str) -> bool:
    """Whether a moment is told in short, and exactly neither here nor in the tooltip."""
    return bool(SHORT.search(EXACT.sub("", text))) and not EXACT.search(f"{text}\n{tooltip}")


def untold(root: QWidget) -> list[str]:
    """A line for each place of a window, or a dialog, where it is so."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        if widget.isVisible() and widget.window() is root.window() and not _has_axes(widget):
            found += [
                f"{text!r} in {type(widget).__name__} {widget.accessibleName()!r}, tooltip {said!r}"
                for text, said in _told_by(widget)
                if is_untold(text, said)
            ]
    return list(dict.fromkeys(found))


def _told_by(widget: QWidget) -> Iterator[tuple[str, str]]:
    """What a widget says itself, each with its tooltip."""
    if isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView):
        yield from _cells(widget)
    elif isinstance(widget, LogView):
        block = widget.firstVisibleBlock()
        while block.isValid():
            spot = widget.blockBoundingGeometry(block).translated(widget.contentOffset()).center().toPoint()
            yield block.text(), widget.tip_at(spot)
            block = block.next()
    elif isinstance(widget, (QLabel, QAbstractButton)) and widget.text():
        yield widget.text(), widget.toolTip()
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), widget.toolTip()
    elif not widget.size().isEmpty():
        for text, spot in _painted(widget):
            yield text, _tip_at(widget, spot) if SHORT.search(text) else ""


def _cells(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model = view.model()
    for row in range(model.rowCount()):
        for at in range(1 if isinstance(view, QListView) else model.columnCount()):
            index = model.index(row, at)
            texts = [str(index.data() or "")]
            if isinstance(view, RecordTable):
                column, record = view.records.columns[at], view.records.shown[row]
                texts += [more(record) for more in (column.note, column.tail) if more is not None]
            for text in texts:
                yield text, str(index.data(Qt.ItemDataRole.ToolTipRole) or "")


def _painted(widget: QWidget) -> list[tuple[str, QPoint]]:
    """The words that a widget paints by hand, and where."""
    found: list[tuple[str, QPoint]] = []
    real = QPainter.drawText

    def draw(painter: QPainter, *given: Any) -> Any:
        at = [each.center() if isinstance(each, (QRect, QRectF)) else each for each in given if hasattr(each, "x")]
        text = next((each for each in given if isinstance(each, str)), "")
        spot = painter.combinedTransform().map(at[0]) if at else QPoint()
        found.append((text, spot if isinstance(spot, QPoint) else spot.toPoint()))
        return real(painter, *given)

    QPainter.drawText = draw  # type: ignore[assignment,method-assign]
    try:
        paper = QPixmap(widget.size())
        widget.render(paper, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
    finally:
        QPainter.drawText = real  # type: ignore[method-assign]
    return found


def _tip_at(widget: QWidget, spot: QPoint) -> str:
    if widget.toolTip():
        return widget.toolTip()
    with _shown_tips() as shown:
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, spot, widget.mapToGlobal(spot)))
    return "".join(shown)


@contextmanager
def _shown_tips() -> Iterator[list[str]]:
    shown: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        showing = SimpleNamespace(showText=lambda _where, text, _widget: shown.append(text))
        patch.setattr("widgets.tip.QToolTip", showing)
        yield shown


def _has_axes(widget: QWidget) -> bool:
    return isinstance(widget, WITH_AXES) or type(widget).__module__.startswith(("widgets.charts", "pyqtgraph"))
