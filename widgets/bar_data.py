"""What a plot of bars shows, as plain values; and the same as words and as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.core.present.format import DASH
from backend.core.present.text import _, ngettext
from widgets import tokens
from widgets.grid_data import TableWords
from widgets.swatch import Outline, Series, Swatch

Form = Callable[[float], str]


@dataclass(frozen=True)
class Bar:
    """One month or day: ``values`` are its parts from below, or none where nothing was observed.

    ``name`` says which it is wherever it is told of, ``head`` stands below it and may be left out. ``planned`` is what
    the whole should or will be. ``held`` says why nothing was to happen then (a band, with these words).
    """

    name: str
    values: tuple[float, ...] = ()
    head: str = ""
    planned: float | None = None
    held: str = ""

    @property
    def total(self) -> float | None:
        return sum(self.values) if self.values else None

    @property
    def top(self) -> float:
        """The highest that is drawn of it."""
        return max(self.total or 0.0, self.planned or 0.0)


@dataclass(frozen=True)
class BarLimit:
    """A line across with its word (*budget 384*)."""

    value: float
    word: str


@dataclass(frozen=True)
class BarData:
    """All of a plot. ``parts`` name what the bars are made of, ``plan`` what ``planned`` means (*projected*).

    The plan is a line through all bars, or with ``has_outlines`` a dashed box on each. ``today`` is the bar after which
    the future begins.

    :raises ValueError: more parts than can be told apart, a bar with another number of values, a value below zero, or
        no bar for today.
    """

    parts: tuple[str, ...]
    bars: tuple[Bar, ...]
    plan: str = ""
    limits: tuple[BarLimit, ...] = ()
    today: int | None = None
    today_word: str = ""
    has_outlines: bool = False

    def __post_init__(self) -> None:
        if len(self.parts) > tokens.MOST_SERIES:
            raise ValueError(f"{len(self.parts)} parts, at most {tokens.MOST_SERIES} can be told apart")
        for bar in self.bars:
            if len(bar.values) not in (0, len(self.parts)):
                raise ValueError(f"{bar.name}: {len(bar.values)} values for {len(self.parts)} parts")
            if min((*bar.values, bar.planned or 0.0)) < 0:
                raise ValueError(f"{bar.name}: a value below zero")
        if self.today is not None and not 0 <= self.today < len(self.bars):
            raise ValueError(f"no bar {self.today} for today")

    def legend(self) -> list[tuple[Swatch, str]]:
        """The parts in the order they are stacked, and the plan."""
        entries: list[tuple[Swatch, str]] = [(Series(at), word) for at, word in enumerate(self.parts)]
        return [*entries, (Outline(is_line=not self.has_outlines), self.plan)] if self.plan else entries

    def tell(self, at: int, form: Form) -> str:
        """A bar in words: its name, its whole, its parts, its plan, why it was held."""
        bar = self.bars[at]
        total = bar.total
        said = [_("no data") if total is None else form(total)]
        if len(self.parts) > 1:
            said += [
                _("{part} {value}").format(part=part, value=form(value))
                for part, value in zip(self.parts, bar.values, strict=False)
            ]
        if bar.planned is not None:
            said.append(_("{part} {value}").format(part=self.plan, value=form(bar.planned)))
        if bar.held:
            said.append(bar.held)
        return _("{what}: {n}").format(what=bar.name, n=", ".join(said))

    def summary(self, form: Form) -> str:
        """How many bars, the highest, the last, and the limits."""
        seen = [(bar.total, bar.name) for bar in self.bars if bar.total is not None]
        said = [ngettext("{n} bar", "{n} bars", len(self.bars)).format(n=len(self.bars))]
        if seen:
            highest, when = max(seen, key=lambda each: each[0])
            said.append(_("highest {value} in {when}").format(value=form(highest), when=when))
            said.append(_("last {value} in {when}").format(value=form(seen[-1][0]), when=seen[-1][1]))
        return ", ".join((*said, *(limit.word for limit in self.limits)))

    def table(self, form: Form, unit: str) -> TableWords:
        """The whole as (head, rows) of words."""
        parts = self.parts if len(self.parts) > 1 else ()
        total = f"{_('Total')} {unit}".strip()
        head = ("", *parts, total, *([self.plan] if self.plan else []))
        rows = []
        for bar in self.bars:
            values = [form(value) for value in bar.values] if parts else []
            values += [DASH] * (len(parts) - len(values))
            plan = [DASH if bar.planned is None else form(bar.planned)] if self.plan else []
            rows.append((bar.name, *values, DASH if bar.total is None else form(bar.total), *plan))
        return head, rows
