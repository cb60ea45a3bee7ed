"""``mailyard metrics``: the samples of a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.output import AsJson, moment, say, show_json, show_table
from app.cli.servers import Name, found
from app.cli.session import agency, reading

if TYPE_CHECKING:
    from backend.servers.charts.queries import Array, ChartSeries

DIGITS, HOUR_S = 2, 3600
STEPS: Mapping[str, int] = {"hour": HOUR_S, "day": 24 * HOUR_S}


def metrics(
    context: typer.Context,
    server: Name,
    hours: Annotated[int, typer.Option(min=1, max=2160, help="How far to look back.")] = 24,
    by: Annotated[
        Literal["hour", "day"] | None,
        typer.Option(help="Means of hours or days (UTC) with the 95th percentile, instead of samples."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Samples of a server: CPU, memory, disk and the rest."""
    from backend.servers.charts.queries import HistorySeries

    with reading(context.obj) as session:
        step_s = STEPS[by] if by else 0
        series = session.ask(HistorySeries(agency(), found(session, server).id, hours * HOUR_S, step_s=step_s))
    columns = (_means(series) if by else _samples(series)) if len(series.times) else []
    moments = [datetime.fromtimestamp(_begin(at, step_s), UTC) for at in series.times]
    rows = [{head.key: _value(head.values[number]) for head in columns} for number in range(len(moments))]
    if as_json:
        show_json([{"at": at, **row} for at, row in zip(moments, rows, strict=True)])
    elif not rows:
        say(f"No samples in the last {hours} h.")
    else:
        heads = ["at", *(head.words for head in columns)]
        show_table(heads, [[moment(at), *map(_words, row.values())] for at, row in zip(moments, rows, strict=True)])


@dataclass(frozen=True)
class _Column:
    """``key`` in JSON, ``words`` over the table; NaN where nothing was observed."""

    key: str
    words: str
    values: Array


def _samples(series: ChartSeries) -> list[_Column]:
    """Every metric has its column, also where it was never observed."""
    from backend.fleet.metrics import SERVER_METRICS

    return [
        _Column(each.key, f"{each.key} {each.unit}".strip(), series.values[each.key]) for each in SERVER_METRICS.current
    ]


def _means(series: ChartSeries) -> list[_Column]:
    """Of what is kept as means, each with its 95th percentile."""
    from backend.fleet.metrics import SERVER_METRICS

    found = []
    for each in SERVER_METRICS.current:
        if each.key in series.p95:
            found.append(_Column(each.key, f"{each.key} {each.unit}".strip(), series.values[each.key]))
            found.append(_Column(f"{each.key}_p95", f"{each.key} p95", series.p95[each.key]))
    return found


def _begin(at: float, step_s: int) -> int:
    """The hour or the day of UTC that a mean is of; a sample is of its moment."""
    return int(at) - int(at) % step_s if step_s else int(at)


def _value(value: float) -> float | None:
    return None if isnan(value) else round(float(value), DIGITS)


def _words(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
