"""How the fleet stands: a tile for each status, and what ends or costs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.shell.route import Route, Thing
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from widgets.fact_list import Fact, FactList
from widgets.label import Label
from widgets.panel import Panel
from widgets.tile import StatusTile, TileRow

if TYPE_CHECKING:
    from uuid import UUID

    from backend.attention import Ending
    from backend.overview.queries import OverviewRows

TILES = (
    Status.OK,
    Status.WARNING,
    Status.CRITICAL,
    Status.INCONCLUSIVE,
    Status.WAITING,
    Status.UNKNOWN,
)
#: Those that the list of what needs attention holds.
TROUBLED = (Status.WARNING, Status.CRITICAL)
MOST_ENDINGS = 5  # of which all are seen at 1366 x 768, below a notice too
SOON = 10  # days


class FleetPanel(TileRow):
    """All six in a row. A tile that counts servers leads to them: ``route_asked``."""

    route_asked = Signal(object)

    def __init__(self) -> None:
        tiles = {status: StatusTile(status) for status in TILES}
        super().__init__(_("Servers by status"), list(tiles.values()))
        self.tiles = tiles
        for status, tile in tiles.items():
            tile.opened.connect(partial(self._go, status))
        self._rows: OverviewRows | None = None

    def show_rows(self, rows: OverviewRows) -> None:
        self._rows = rows
        self.show_ages()

    def show_ages(self) -> None:
        if self._rows is None:
            return
        notes = {
            Status.OK: _newest(self._rows.observed_at),
            Status.WARNING: _("above a threshold"),
            Status.CRITICAL: _("down or critical"),
            Status.INCONCLUSIVE: _("could not be checked"),
            Status.WAITING: _waiting(self._rows),
            Status.UNKNOWN: _("off or no login"),
        }
        for status, tile in self.tiles.items():
            count = self._rows.fleet.get(status, 0)
            servers = ngettext("{n} server", "{n} servers", count).format(n=words.number(count))
            tile.show_count(count, servers, notes[status] if count else _("none"))
            tile.open_as(_("Show: {servers}").format(servers=servers) if count else "")

    def _go(self, status: Status) -> None:
        self.route_asked.emit(Route("servers", "needs" if status in TROUBLED else "all"))


class EndingsPanel(Panel):
    """What ends within thirty days; without such a thing it takes no room. ``route_asked`` leads to it."""

    route_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__(_("Expiring soon"), _("next 30 days"), padded=True)
        self.rows, self.more = FactList(_("Expiring soon")), Label("", "small")
        self.rows.pressed.connect(self._go)
        self.body.addWidget(self.rows)
        self.body.addWidget(self.more)

    def show_rows(self, rows: OverviewRows) -> None:
        now = datetime.now(UTC)
        self.rows.set_facts([_ending(each, now) for each in rows.endings[:MOST_ENDINGS]])
        later = len(rows.endings) - MOST_ENDINGS
        self.more.setText(_("and {n} more").format(n=words.number(later)))
        self.more.setVisible(later > 0)
        self.setVisible(bool(rows.endings))

    def _go(self, key: tuple[str, UUID, str]) -> None:
        kind, target, _title = key
        self.route_asked.emit(Thing(kind, target))


class CostPanel(Panel):
    """What the servers cost a month by their plans."""

    def __init__(self) -> None:
        super().__init__(_("Servers a month"), _("by list price"), padded=True)
        self.sum, self.told = Label("", "title"), Label("", "small", wraps=True)
        self.body.addWidget(self.sum)
        self.body.addWidget(self.told)

    def show_rows(self, rows: OverviewRows) -> None:
        sums = [words.money(micro, currency) for currency, micro in sorted(rows.monthly.items())]
        self.sum.setText(" + ".join(sums) or words.DASH)
        unpriced = ngettext("{n} server has no known price.", "{n} servers have no known price.", rows.unpriced)
        self.told.setText(unpriced.format(n=words.number(rows.unpriced)))
        self.told.setVisible(rows.unpriced > 0)
        self.setVisible(bool(rows.monthly))


def _waiting(rows: OverviewRows) -> str:
    """A server in maintenance waits as well, for its end."""
    if rows.provisioning == 0:
        return _("in maintenance")
    is_all = rows.provisioning == rows.fleet.get(Status.WAITING, 0)
    return _("being created") if is_all else _("created or in maintenance")


def _newest(moment: datetime | None) -> str:
    age = words.age(moment, datetime.now(UTC))
    return _("last seen {age}").format(age=age) if moment else _("never checked")


def _ending(each: Ending, now: datetime) -> Fact:
    status = Status.WARNING if (each.at - now).days < SOON else None
    key, tip = (each.kind, each.target, each.title), f"{each.title}: {words.exact(each.at)}"
    return Fact(key, each.title, _left(each.at, now), status, tip=tip)


def _left(at: datetime, now: datetime) -> str:
    """On its last day, the time."""
    days = (at - now).days
    if days < 1:
        return words.minute(at)
    return ngettext("{n} day", "{n} days", days).format(n=words.number(days))
