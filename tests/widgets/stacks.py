"""One stack of charts for all tests of a module: one takes most of a second to make, next to nothing to make as new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent

from widgets.charts.stack import ChartStack

if TYPE_CHECKING:
    from app.shell.appearance.theme import Appearance
    from widgets.charts.spec import PlotSpec


def lasting(look: Appearance, specs: Sequence[PlotSpec], *, span_s: float, longest_s: float) -> Iterator[ChartStack]:
    """For a fixture of the module."""
    look.choose("light")
    stack = ChartStack(specs, span_s=span_s, longest_s=longest_s)
    yield stack
    stack.close()
    stack.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def as_new(stack: ChartStack, span_s: float) -> ChartStack:
    """Shown without data and following the present, as if nothing had been done with it."""
    focused = stack.focusWidget()
    if focused is not None:
        focused.clearFocus()
    stack._stop_at(stack.plots[0].view)
    stack.hide_crosshair()
    stack.clear()
    stack.resize(500, 400)
    stack.show()
    stack.show_span(span_s)
    return stack
