"""What a plot shows; light to import, so that pages can describe charts before pyqtgraph is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from widgets import tokens


@dataclass(frozen=True)
class Line:
    """One line of a plot with more than one; the title stands in the legend."""

    key: str
    title: str


@dataclass(frozen=True)
class PlotSpec:
    """One plot. ``top`` fixes the scale at 0..top; None follows the data upwards from 0.

    ``lines`` are up to four; without any there is one, under the plot's own ``key``.

    :raises ValueError: more lines than can be told apart in both themes.
    """

    key: str
    title: str
    unit: str
    form: Callable[[float], str]
    top: float | None = 100.0
    axis_form: Callable[[float], str] | None = None
    threshold: float | None = None
    threshold_word: str = ""
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        if len(self.lines) > tokens.MOST_LINES:
            raise ValueError(f"{self.key}: {len(self.lines)} lines, at most {tokens.MOST_LINES} can be told apart")

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        return self.lines or (Line(self.key, self.title),)
