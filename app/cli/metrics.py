"""``mailyard metrics``: the samples of a server."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isnan
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.output import AsJson, moment, say, show_json, show_table
from app.cli.servers import Name, found
from app.cli.session import agency, reading

if TYPE_CHECKING:
    from backend.servers.queries import ChartSeries

DIGITS = 2


def metrics(
    context: typer.Context,
    server: Name,
    hours: Annotated[int, typer.Option(min=1, max=2160, help="How far to look back.")] = 24,
    as_json: AsJson = False,
) -> None:
    """Samples of a server: CPU, memory, disk and the rest."""
    from backend.servers.queries import HistorySeries
    from backend.store.series import METRICS

    with reading(context.obj) as session:
        series = session.ask(HistorySeries(agency(), found(session, server).id, hours))
    samples = [_sample(series, number) for number in range(len(series.times))]
    if as_json:
        show_json(samples)
    elif not samples:
        say(f"No samples in the last {hours} h.")
    else:
        heads = ["at", *(f"{metric.key} {metric.unit}".strip() for metric in METRICS)]
        keys = [metric.key for metric in METRICS]
        show_table(heads, [[moment(at), *(_words(values[key]) for key in keys)] for at, values in map(_split, samples)])


def _sample(series: ChartSeries, number: int) -> dict[str, datetime | float | None]:
    """One moment: every metric has its key, null where it was not observed."""
    from backend.store.series import METRICS

    at = datetime.fromtimestamp(int(series.times[number]), UTC)
    values = {metric.key: float(series.values[metric.key][number]) for metric in METRICS}
    return {"at": at, **{key: None if isnan(value) else round(value, DIGITS) for key, value in values.items()}}


def _split(sample: dict[str, datetime | float | None]) -> tuple[datetime | None, dict[str, float | None]]:
    at = sample["at"]
    values = {key: value for key, value in sample.items() if not isinstance(value, datetime)}
    return (at if isinstance(at, datetime) else None), values


def _words(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
