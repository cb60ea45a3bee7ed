"""Plots below each other on one time axis: one crosshair, one zoom, one menu."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.charts.plot import Plot
from widgets.charts.spec import PlotSpec
from widgets.label import Label

STEPS_ACROSS = 60
ZOOM = 0.7
ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}


class ChartStack(QWidget):
    """Shows the last ``span_s`` seconds and follows the present until the person zooms or pans.

    ``table_asked`` is emitted by *as table* in the menu; the owner shows :meth:`rows`. Arrows move the crosshair,
    plus and minus zoom, Home and a double click go back to the present.
    """

    table_asked = Signal()

    def __init__(self, specs: Sequence[PlotSpec], *, span_s: float, longest_s: float) -> None:
        super().__init__()
        self._span_s = span_s
        self.follows = True
        self.crosshair_words = ""
        self._times: Any = np.empty(0)
        self._values: Mapping[str, Any] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        last = len(specs) - 1
        self.plots = [Plot(spec, longest_s, shows_time=at == last) for at, spec in enumerate(specs)]
        for plot in self.plots:
            column.addWidget(plot, 1)
            plot.view.viewport().installEventFilter(self)
            plot.view.installEventFilter(self)
            plot.view.getViewBox().sigRangeChangedManually.connect(self._stop_following)
            if plot is not self.plots[0]:
                plot.view.setXLink(self.plots[0].view)
        self._clock = Label("", "caption")
        self._clock.setProperty("surface", "pill")
        self._clock.setParent(self.plots[-1].view)
        self._clock.hide()
        self.plots[0].view.sigXRangeChanged.connect(self._moved)
        self.show_now(time.time())

    def set_data(self, times: Any, values: Mapping[str, Any], now: float) -> None:
        """Epoch seconds (ascending) and values by line key, as arrays or lists; NaN is not observed."""
        self._times = np.asarray(times, dtype=float)
        self._values = {key: np.asarray(column, dtype=float) for key, column in values.items() if len(self._times)}
        for plot in self.plots:
            plot.set_data(self._times, dict(self._values))
        if self.follows:
            self.show_now(now)

    def show_now(self, now: float) -> None:
        """Bring the present to the right edge."""
        self.plots[0].view.setXRange(now - self._span_s, now, padding=0)
        for plot in self.plots:
            plot.view.scene().prepareForPaint()  # else each range change is painted twice

    def shown_span(self) -> tuple[float, float]:
        """Start and end of what is seen, in epoch seconds."""
        start, end = self.plots[0].view.viewRange()[0]
        return float(start), float(end)

    def rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What is shown, as a table: (header, rows) in local time."""
        columns = [(plot.spec, line) for plot in self.plots for line in plot.spec.shown_lines]
        head = (_("Time"), *(f"{line.title} {spec.unit}".strip() for spec, line in columns))
        rows = []
        for at, moment in enumerate(self._times):
            stamp = datetime.fromtimestamp(float(moment)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            rows.append((stamp, *(self._cell(spec, line.key, at) for spec, line in columns)))
        return head, rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._point_at(watched, event)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.hide_crosshair()
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.follow_again()
            return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        elif isinstance(event, QContextMenuEvent):
            self._menu(event)
            return True
        return False

    def show_crosshair(self, moment: float) -> None:
        """Put the crosshair of all plots at ``moment``; :attr:`crosshair_words` tells what is there."""
        stamp = datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S")
        words = [stamp]
        for plot in self.plots:
            for line, value in zip(plot.spec.shown_lines, plot.cross.show_at(moment), strict=True):
                words.append(f"{line.title} {value or _('not observed')}")
        self.crosshair_words = ", ".join(words)
        self._show_clock(moment, stamp)

    def hide_crosshair(self) -> None:
        for plot in self.plots:
            plot.cross.hide()
        self._clock.hide()
        self.crosshair_words = ""

    def follow_again(self) -> None:
        """Back to the usual span, with the present at the right edge."""
        self.follows = True
        self.show_now(time.time())

    def copy_image(self) -> None:
        """The plots as they are seen, to the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def _cell(self, spec: PlotSpec, key: str, at: int) -> str:
        values = self._values.get(key, ())
        return "" if at >= len(values) or np.isnan(values[at]) else spec.form(float(values[at]))

    def _point_at(self, viewport: QObject, event: QMouseEvent) -> None:
        plot = next((plot for plot in self.plots if plot.view.viewport() is viewport), None)
        if plot is not None and event.buttons() == Qt.MouseButton.NoButton:
            point = plot.view.getViewBox().mapSceneToView(plot.view.mapToScene(event.position().toPoint()))
            self.show_crosshair(point.x())

    def _show_clock(self, moment: float, stamp: str) -> None:
        """The time in a pill on the time axis."""
        view = self.plots[-1].view
        spot = view.mapFromScene(view.getViewBox().mapViewToScene(QPointF(moment, 0)))
        self._clock.setText(stamp)
        self._clock.adjustSize()
        left = max(0, min(view.width() - self._clock.width(), spot.x() - self._clock.width() // 2))
        self._clock.move(left, view.height() - self._clock.height() - 1)
        self._clock.show()
        self._clock.raise_()

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        start, end = self.shown_span()
        here = self.plots[0].cross.moment
        if key in ARROWS and len(self._times):
            step = ARROWS[key] * (end - start) / STEPS_ACROSS
            self.show_crosshair(min(end, max(start, (end if here is None else here) + step)))
            self._announce()
        elif key in ZOOMS:
            self._zoom(ZOOMS[key], end if here is None else here)
        elif key == Qt.Key.Key_Home:
            self.follow_again()
        else:
            return False
        return True

    def _zoom(self, factor: float, around: float) -> None:
        start, end = self.shown_span()
        self._stop_following()
        low, high = around - (around - start) * factor, around + (end - around) * factor
        self.plots[0].view.setXRange(low, high, padding=0)

    def _announce(self) -> None:
        """A screen reader says where the crosshair is."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.crosshair_words))

    def _menu(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(_("Chart"))
        menu.addAction(_("As table")).triggered.connect(self.table_asked)
        menu.addAction(_("Copy image")).triggered.connect(self.copy_image)
        menu.addAction(_("Back to now")).triggered.connect(self.follow_again)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _stop_following(self) -> None:
        self.follows = False

    def _moved(self) -> None:
        start = self.shown_span()[0]
        for plot in self.plots:
            plot.show_threshold(start)
        if self.plots[0].cross.moment is not None:
            self.show_crosshair(self.plots[0].cross.moment)
