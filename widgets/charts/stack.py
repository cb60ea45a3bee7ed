"""Plots below each other on one time axis: one crosshair, one zoom, one menu."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.charts.plot import Plot, PlotSpec
from widgets.label import Label

EDGE_S = 0.0


class ChartStack(QWidget):
    """Shows the last ``span_s`` seconds and follows the present until the person zooms or pans.

    ``table_asked`` is emitted by *as table* in the menu; the owner shows it.
    """

    table_asked = Signal()

    def __init__(self, specs: Sequence[PlotSpec], *, span_s: float, longest_s: float) -> None:
        super().__init__()
        self._span_s = span_s
        self._follows = True
        self._times: Any = []
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
            if plot is not self.plots[0]:
                plot.view.setXLink(self.plots[0].view)
        self.readout = Label("", "small")
        self.readout.setContentsMargins(12, 0, 12, 0)
        column.addWidget(self.readout)
        view = self.plots[0].view
        view.sigXRangeChanged.connect(self._moved)
        view.getViewBox().sigRangeChangedManually.connect(self._stop_following)
        self.show_now(time.time())

    def set_data(self, times: Any, values: Mapping[str, Any], now: float) -> None:
        """Arrays of epoch seconds and of values by plot key."""
        self._times, self._values = times, values
        for plot in self.plots:
            plot.set_data(times, values.get(plot.spec.key, []) if len(times) else [])
        if self._follows:
            self.show_now(now)

    def show_now(self, now: float) -> None:
        """Bring the present to the right edge."""
        self.plots[0].view.setXRange(now - self._span_s, now + EDGE_S, padding=0)

    def rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What is shown, as a table: (header, rows) in local time."""
        head = (_("Time"), *(f"{plot.spec.title} {plot.spec.unit}".strip() for plot in self.plots))
        rows = []
        for at, moment in enumerate(self._times):
            stamp = datetime.fromtimestamp(float(moment)).astimezone().strftime("%Y-%m-%d %H:%M:%S")
            cells = (self._cell(plot, at) for plot in self.plots)
            rows.append((stamp, *cells))
        return head, rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Crosshair by mouse and arrows, double-click and Home go back to the present, the menu key opens the menu."""
        if event.type() == QEvent.Type.MouseMove:
            self._point_at(watched, event)
        elif event.type() == QEvent.Type.Leave:
            self._hide_cross()
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self._follow_again()
            return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        elif isinstance(event, QContextMenuEvent):
            self._menu(event)
            return True
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for plot in getattr(self, "plots", []):
                plot.recolour()

    def _cell(self, plot: Plot, at: int) -> str:
        value = self._values[plot.spec.key][at]
        return "" if value != value else plot.spec.form(float(value))

    def _point_at(self, viewport: QObject, event: Any) -> None:
        plot = next((plot for plot in self.plots if plot.view.viewport() is viewport), None)
        if plot is not None:
            point = plot.view.getViewBox().mapSceneToView(plot.view.mapToScene(event.position().toPoint()))
            self._show_cross(point.x())

    def _show_cross(self, moment: float) -> None:
        words = []
        for plot in self.plots:
            plot.cross.setPos(moment)
            plot.cross.show()
            value = plot.curve.value_at(moment)
            words.append(f"{plot.spec.title} {plot.spec.form(value) if value is not None else _('not observed')}")
        stamp = datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S")
        self.readout.setText(f"{stamp}   {'   '.join(words)}")

    def _hide_cross(self) -> None:
        for plot in self.plots:
            plot.cross.hide()
        self.readout.setText("")

    def _key(self, event: QKeyEvent) -> bool:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and len(self._times):
            start, end = self.plots[0].view.viewRange()[0]
            here = self.plots[0].cross.value() if self.plots[0].cross.isVisible() else end
            self._show_cross(min(end, max(start, here + step * (end - start) / 60)))
            return True
        if event.key() == Qt.Key.Key_Home:
            self._follow_again()
            return True
        return False

    def _menu(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(_("Chart"))
        menu.addAction(_("As table")).triggered.connect(self.table_asked)
        menu.addAction(_("Copy image")).triggered.connect(self._copy_image)
        menu.addAction(_("Back to now")).triggered.connect(self._follow_again)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def _copy_image(self) -> None:
        QGuiApplication.clipboard().setPixmap(self.grab())

    def _stop_following(self) -> None:
        self._follows = False

    def _follow_again(self) -> None:
        self._follows = True
        self.show_now(time.time())

    def _moved(self) -> None:
        start = self.plots[0].view.viewRange()[0][0]
        for plot in self.plots:
            plot.show_threshold(start)
