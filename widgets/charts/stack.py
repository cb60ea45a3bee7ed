"""Plots below each other on one time axis: one crosshair, one zoom, one menu."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from backend.core.present.decimate import Gap, unobserved
from backend.core.present.text import _, telling
from widgets.charts.gap_bands import gap_words, gaps_in_view, stamp
from widgets.charts.gap_note import GapNote
from widgets.charts.plot import Plot
from widgets.charts.spec import CSV, NOTHING_MORE, PNG, SVG, Extent, PlotSpec
from widgets.label import Label
from widgets.menu import Menu

STEPS_ACROSS = 60
#: No zoom goes closer; a zoom that pauses so long has come to rest.
LEAST_S, REST_MS = 10.0, 250
STRETCH, STRETCH_WITH_AXIS = 100, 127  # so that all curves are about as high
WORD_HALF = 18  # px of a word on the axis, from its middle
ZOOM = 0.7
ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
UP_AND_DOWN = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
ZOOMS = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}


class ChartStack(QWidget):
    """Shows the last ``span_s`` seconds and follows the present until the person zooms or pans, which ends where the
    data begins and where its last moment is.

    ``table_asked`` and ``save_asked`` are emitted by the menu; the owner shows, or keeps, :meth:`rows` and the picture.
    ``span_shown`` carries the first and last moment once a zoom or a pan has come to rest. Arrows move the crosshair,
    plus and minus zoom, Home and a double click go back to the present. Tab stops at one plot, up and down go on.
    """

    table_asked = Signal()
    save_asked = Signal(str)
    span_shown = Signal(float, float)

    def __init__(self, specs: Sequence[PlotSpec], *, span_s: float, longest_s: float) -> None:
        super().__init__()
        self._span_s, self._longest_s = span_s, longest_s
        self.follows = True
        self.crosshair_words = ""
        self._times: Any = np.empty(0)
        self._values: Mapping[str, Any] = {}
        self._upper: Mapping[str, Any] = {}
        self._now = self._last = time.time()
        self._first = self._last - span_s
        self.gaps: tuple[Gap, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(2)
        self._gap_note = GapNote()
        self.note = self._gap_note.words
        column.addWidget(self._gap_note)
        last = len(specs) - 1
        self.plots = [Plot(spec, longest_s, shows_time=at == last) for at, spec in enumerate(specs)]
        for plot in self.plots:
            column.addWidget(plot, STRETCH if plot is not self.plots[-1] else STRETCH_WITH_AXIS)
            plot.view.viewport().installEventFilter(self)
            plot.view.installEventFilter(self)
            plot.view.getViewBox().sigRangeChangedManually.connect(self._stop_following)
            if plot is not self.plots[0]:
                plot.view.setXLink(self.plots[0].view)
        self._stop_at(self.plots[0].view)
        self._clock = Label("", "caption")
        self._clock.setProperty("surface", "pill")
        self._clock.setParent(self)
        self._clock.hide()
        self.plots[0].view.sigXRangeChanged.connect(self._moved)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._come_to_rest)
        self.show_now(time.time())

    def set_data(self, times: Any, values: Mapping[str, Any], now: float, extent: Extent = NOTHING_MORE) -> None:
        """Epoch seconds (ascending) and values by line key, as arrays or lists; NaN is not observed."""
        self._times = np.asarray(times, dtype=float)
        self._values = {key: np.asarray(column, dtype=float) for key, column in values.items() if len(self._times)}
        self._upper, self._now, self._last = extent.upper, now, extent.until or now
        first = float(self._times[0]) if len(self._times) else now - self._span_s
        if extent.gaps is None:
            extent = replace(extent, gaps=tuple(unobserved(self._times, self._longest_s, first, self._last)))
        self.gaps = extent.gaps or ()
        for plot in self.plots:
            plot.set_data(self._times, self._values, now, extent)
        self._bound(first if extent.since is None else extent.since)
        if self.follows:
            self.show_now(self._last)
        self._say_gap()

    def clear(self) -> None:
        """Show nothing, and claim nothing: what comes next is of something else."""
        self.set_data((), {}, self._now, Extent(gaps=(), until=self._last))
        self._gap_note.give_back()

    def show_span(self, span_s: float) -> None:
        """Show so many seconds up to the end of the data, and follow it."""
        self._span_s = span_s
        self.follow_again()

    def show_now(self, now: float) -> None:
        """Bring the present (or the last moment of the data) to the right edge."""
        self.plots[0].view.setXRange(now - self._span_s, now, padding=0)
        for plot in self.plots:
            plot.view.scene().prepareForPaint()  # else each range change is painted twice

    def shown_span(self) -> tuple[float, float]:
        """Start and end of what is seen, in epoch seconds."""
        start, end = self.plots[0].view.viewRange()[0]
        return float(start), float(end)

    def rows(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What is shown, as a table: (header, rows) in local time."""
        columns = [(plot, line) for plot in self.plots for line in plot.spec.shown_lines]
        head = (_("Time"), *(f"{plot.spec.name_of(line)} {plot.unit.text()}".strip() for plot, line in columns))
        rows = []
        for at, moment in enumerate(self._times):
            local = datetime.fromtimestamp(float(moment)).astimezone()
            when = telling(local.strftime("%Y-%m-%d %H:%M:%S"), local)
            rows.append((when, *(self._cell(plot, line.key, at) for plot, line in columns)))
        return head, rows

    def figures(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """The same for a file: ISO times in UTC, plain figures in each plot's own unit, and what the bands reach."""
        columns = [
            (" ".join(filter(None, (plot.spec.name_of(line), plot.spec.unit, suffix))), source.get(line.key))
            for plot in self.plots
            for line in plot.spec.shown_lines
            for source, suffix in ((self._values, ""), (self._upper, "p95"))
        ]
        shown = [(title, column) for title, column in columns if column is not None]
        rows = []
        for at, moment in enumerate(self._times):
            values = (float(column[at]) for _title, column in shown)
            rows.append(
                (
                    datetime.fromtimestamp(float(moment), UTC).isoformat(timespec="seconds"),
                    *("" if np.isnan(value) else f"{value:.10g}" for value in values),
                )
            )
        return ("time", *(title for title, _column in shown)), rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._point_at(watched, event)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.hide_crosshair()
        elif event.type() == QEvent.Type.FocusIn:
            self._stop_at(watched)
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
        start, end = self.shown_span()
        moment_words = stamp(moment, self._now, span_s=end - start)
        words = [moment_words]
        for plot in self.plots:
            for line, value in zip(plot.spec.shown_lines, plot.cross.show_at(moment), strict=True):
                words.append(f"{line.title} {_('no data') if value is None else plot.spec.form(value)}")
        gap = next((gap for gap in self.gaps if gap.holds(moment)), None)
        if gap is not None:
            words.append(gap_words(gap, self._now))
            self._gap_note.say(words[-1])
        else:
            self._say_gap()
        self.crosshair_words = ", ".join(words)
        self._show_clock(moment, moment_words)

    def hide_crosshair(self) -> None:
        for plot in self.plots:
            plot.cross.hide()
        self._clock.hide()
        self.plots[-1].time_axis.cover(None)
        self.crosshair_words = ""
        self._say_gap()

    def follow_again(self) -> None:
        """Back to the usual span, with the present at the right edge."""
        self.follows = True
        self._bound(self._first)
        self.show_now(self._last)
        self._rest.start()

    def copy_image(self) -> None:
        """The plots as they are seen, to the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    def _cell(self, plot: Plot, key: str, at: int) -> str:
        values = self._values.get(key, ())
        return "" if at >= len(values) or np.isnan(values[at]) else plot.figure(float(values[at]))

    def _point_at(self, viewport: QObject, event: QMouseEvent) -> None:
        plot = next((plot for plot in self.plots if plot.view.viewport() is viewport), None)
        if plot is not None and event.buttons() == Qt.MouseButton.NoButton:
            moment = plot.view.getViewBox().mapSceneToView(plot.view.mapToScene(event.position().toPoint())).x()
            start, end = self.shown_span()
            if start <= moment <= end:
                self.show_crosshair(moment)
            else:
                self.hide_crosshair()  # beside the plot, over what stands on its axis

    def _show_clock(self, moment: float, moment_words: str) -> None:
        """The time in a pill on the time axis; words under it would be read as cut. Where the axis is scrolled away it
        stands at the end of what is seen."""
        view, box = self.plots[-1].view, self.plots[-1].view.getViewBox()
        spot = view.mapFromScene(box.mapViewToScene(QPointF(moment, 0)))
        self._clock.setText(moment_words)
        self._clock.adjustSize()
        width = self._clock.width()
        left = max(0, min(view.width() - width, spot.x() - width // 2))
        corner = view.mapTo(self, QPoint(left, view.height() - self._clock.height() - 1))
        seen = self.visibleRegion().boundingRect()
        lowest = corner.y() if seen.isEmpty() else seen.bottom() - self._clock.height()
        self._clock.move(corner.x(), min(corner.y(), lowest))
        ends = (left - WORD_HALF, left + width + WORD_HALF)
        low, high = (box.mapSceneToView(view.mapToScene(QPoint(end, 0))).x() for end in ends)
        self.plots[-1].time_axis.cover((low, high))
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
            return key in UP_AND_DOWN and self._go(UP_AND_DOWN[key], here)
        return True

    def _go(self, step: int, moment: float | None) -> bool:
        """To the plot above or below, with the crosshair; whether there is one."""
        views = [plot.view for plot in self.plots]
        to = next((at for at, view in enumerate(views) if view.hasFocus()), -1) + step
        if not 0 <= to < len(views):
            return False
        views[to].setFocus(Qt.FocusReason.OtherFocusReason)
        if moment is not None:
            self.show_crosshair(moment)
        return True

    def _stop_at(self, focused: QObject) -> None:
        """One plot is where Tab stops: the one that had the focus last."""
        for plot in self.plots:
            is_stop = plot.view is focused
            plot.view.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_stop else Qt.FocusPolicy.ClickFocus)

    def _zoom(self, factor: float, around: float) -> None:
        start, end = self.shown_span()
        self._stop_following()
        low, high = around - (around - start) * factor, around + (end - around) * factor
        span = min(max(high - low, LEAST_S), self._last - self._first)
        low = max(self._first, min(low, self._last - span))
        self.plots[0].view.setXRange(low, low + span, padding=0)

    def _announce(self) -> None:
        """A screen reader says where the crosshair is."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.crosshair_words))

    def fill(self, menu: Menu) -> None:
        """What can be done with what is shown; also for a button that the owner has."""
        menu.addAction(_("Show as table")).triggered.connect(self.table_asked)
        menu.addAction(_("Copy image")).triggered.connect(self.copy_image)
        for kind, word in ((PNG, _("Save as picture (PNG)...")), (SVG, _("Save as drawing (SVG)..."))):
            menu.addAction(word).setData(kind)
        menu.addAction(_("Save as table (CSV)...")).setData(CSV)
        menu.addAction(_("Back to now")).triggered.connect(self.follow_again)
        menu.triggered.connect(self._ask_to_save)

    def _menu(self, event: QContextMenuEvent) -> None:
        menu = Menu(self, _("Chart"))
        self.fill(menu)
        menu.show_once(event.globalPos())

    def _ask_to_save(self, action: QAction) -> None:
        if action.data():
            self.save_asked.emit(action.data())

    def _bound(self, first: float) -> None:
        """Pan and zoom end where the data begins and at its last moment; what is followed lies inside."""
        self._first = min(first, self._last - LEAST_S)
        if self.follows:
            self._first = min(self._first, self._last - self._span_s)
        for plot in self.plots:
            widest = self._last - self._first
            plot.view.setLimits(xMin=self._first, xMax=self._last, minXRange=LEAST_S, maxXRange=widest)

    def _stop_following(self) -> None:
        self.follows = False
        self._rest.start()

    def _come_to_rest(self) -> None:
        self.span_shown.emit(*self.shown_span())

    def _moved(self) -> None:
        if self.plots[0].cross.moment is not None:
            self.show_crosshair(self.plots[0].cross.moment)
        else:
            self._say_gap()

    def _say_gap(self) -> None:
        self._gap_note.say(gaps_in_view(self.gaps, *self.shown_span(), self._now))
