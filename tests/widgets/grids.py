"""Example grids: backups by day, blocklists by address, load by hour, a year of forty servers."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.grid_data import NOTHING, CellKind, GridColumn, GridData, GridRow
from widgets.swatch import Shade, Shape

TODAY = date(2026, 11, 22)
SERVERS = ("mx1.acme-dental", "mx2.acme-dental", "mx3.bluebird-books", "mx8.fable-press")


def days(count: int = 30) -> GridData:
    """Proven, taken, failed or not expected; a head on each seventh day, figures at the right end."""
    kinds = (
        CellKind(Shape(Status.OK), _("proven by restore")),
        CellKind(Shape(Status.OK, is_hollow=True), _("taken, not yet proven")),
        CellKind(Shape(Status.CRITICAL), _("failed or never started")),
        CellKind(Shape(Status.UNKNOWN), _("not expected")),
    )
    chance = Random(7)
    rows = []
    for at, name in enumerate(SERVERS):
        late = 11 if at == 3 else 0
        cells = tuple(3 if day < late else chance.choices((0, 1, 2), (6, 6, 1))[0] for day in range(count))
        proven = sum(kind == 0 for kind in cells)
        rows.append(GridRow(name, cells, asides=(words.number(proven), words.number(4.2 * (at + 1), 1))))
    return GridData(_("Server"), kinds, _columns(count), tuple(rows), (_("Proven"), _("Size GB")))


def lists() -> GridData:
    """Seven lists that are asked about five addresses."""
    kinds = (
        CellKind(Shape(Status.OK, is_small=True), _("clean")),
        CellKind(Shape(Status.CRITICAL, is_tinted=True), _("listed")),
        CellKind(Shape(Status.WARNING, is_tinted=True), _("low score")),
        CellKind(Shape(Status.INCONCLUSIVE), _("refused")),
        CellKind(Shape(Status.UNKNOWN), _("list is dead")),
    )
    names = ("ZEN", "SpamCop", "BRBL", "SORBS", "UCEPROTECT 1", "PSBL", "Mailspike")
    rows = (
        GridRow("203.0.113.40", (0, 0, 0, 4, 0, 0, 0)),
        GridRow("203.0.113.41", (0, 0, 0, 4, 0, 0, NOTHING)),
        GridRow("198.51.100.24", (1, 0, 0, 4, 0, 0, 2), notes=("127.0.0.2", "", "", "", "", "", "")),
        GridRow("198.51.100.25", (0, 0, 0, 4, 0, 0, 0)),
        GridRow("2001:db8:4a::25", (3, 0, 0, 4, 0, 0, 0)),
    )
    return GridData(_("Address"), kinds, tuple(GridColumn(name, name) for name in names), rows)


def hours() -> GridData:
    """Mean load by weekday and hour, in five steps."""
    kinds = tuple(CellKind(Shade(step / 4), f"{20 * step} to {20 * step + 20} %") for step in range(5))
    columns = tuple(GridColumn(f"{hour:02}:00", f"{hour:02}" if hour % 3 == 0 else "") for hour in range(24))
    rows = []
    for at, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")):
        busy = 1 if at < 5 else 0
        cells = tuple(min(4, busy * (3 if 8 <= hour <= 17 else 1) + (1 if hour == 10 else 0)) for hour in range(24))
        rows.append(GridRow(_(name), cells))
    return GridData(_("Day"), kinds, columns, tuple(rows))


def days_of_a_year(servers: int = 5) -> GridData:
    """365 days, most of them good; the worst case for who paints is :func:`restless`."""
    chance = Random(3)
    rows = tuple(
        GridRow(f"mx{at + 1}.harbour-vets", tuple(chance.choices((0, 1, 2, 3), (94, 3, 1, 2), k=365)))
        for at in range(servers)
    )
    return GridData(_("Server"), _health(), _columns(365, every=61), rows)


def restless(servers: int, columns: int) -> GridData:
    """No two neighbours alike."""
    rows = tuple(GridRow(f"mx{at + 1}", tuple((at + day) % 4 for day in range(columns))) for at in range(servers))
    return GridData(_("Server"), _health(), _columns(columns, every=61), rows)


def _health() -> tuple[CellKind, ...]:
    return (
        CellKind(Shape(Status.OK), _("ok")),
        CellKind(Shape(Status.WARNING), _("warning")),
        CellKind(Shape(Status.CRITICAL), _("critical")),
        CellKind(Shape(Status.UNKNOWN), _("not observed")),
    )


def _columns(count: int, every: int = 7) -> tuple[GridColumn, ...]:
    """The days up to today."""
    found = []
    for at in range(count):
        day = TODAY - timedelta(days=count - 1 - at)
        has_head = (count - 1 - at) % every == 0
        short = words.full_day(day).rpartition(" ")[0]
        found.append(GridColumn(words.full_day(day), short if has_head else ""))
    return tuple(found)
