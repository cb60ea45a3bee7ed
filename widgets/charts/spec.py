"""What a plot shows; light to import, so that pages can describe charts before pyqtgraph is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend.core.present.status import Status
from widgets import tokens

if TYPE_CHECKING:
    from backend.core.present.decimate import Gap

#: As what a chart is saved.
PNG, SVG, CSV = "png", "svg", "csv"


@dataclass(frozen=True)
class Line:
    """One line of a plot with more than one; the title stands in the legend."""

    key: str
    title: str


@dataclass(frozen=True)
class Limit:
    """A value from which on it is a warning, or critical; ``word`` stands on the dashed line."""

    value: float
    word: str
    status: Status = Status.WARNING


@dataclass(frozen=True)
class PlotSpec:
    """One plot. ``top`` fixes the scale at 0..top; None follows the data upwards from 0.

    ``lines`` are up to four; without any there is one, under the plot's own ``key``. ``scaled`` gives for the highest
    value the unit in which all figures of the plot are written, and how many of ``unit`` it has.

    :raises ValueError: more lines than can be told apart in both themes.
    """

    key: str
    title: str
    unit: str
    form: Callable[[float], str]
    top: float | None = 100.0
    axis_form: Callable[[float], str] | None = None
    limits: tuple[Limit, ...] = ()
    lines: tuple[Line, ...] = ()
    scaled: Callable[[float], tuple[float, str]] | None = None

    def __post_init__(self) -> None:
        if len(self.lines) > tokens.MOST_LINES:
            raise ValueError(f"{self.key}: {len(self.lines)} lines, at most {tokens.MOST_LINES} can be told apart")

    @property
    def shown_lines(self) -> tuple[Line, ...]:
        return self.lines or (Line(self.key, self.title),)

    def name_of(self, line: Line) -> str:
        """What a line is called where its plot's title is not beside it."""
        return f"{self.title} {line.title}" if self.lines else line.title


@dataclass(frozen=True)
class Extent:
    """What goes with samples, where the owner knows it better than the chart does.

    ``upper`` has by line key the values a shaded band reaches up to. ``gaps`` are what was not observed and why; None
    lets the chart find what lies too far apart. ``newest`` has by line key the last (moment, value), whatever is
    shown. Pan and zoom end at ``since``; None is where the data begins.
    """

    upper: Mapping[str, Any] = field(default_factory=dict)
    gaps: tuple[Gap, ...] | None = None
    newest: Mapping[str, tuple[float, float]] | None = None
    since: float | None = None
    until: float | None = None


NOTHING_MORE = Extent()
