"""What servers bring to the Overview: how busy they all were for a day, and which are the hottest now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from app.shell.route import Route
from app.shell.window.overview_card import OverviewCard
from backend.core.present import format as words
from backend.core.present.text import N_, _
from backend.monitoring.queries import FleetLoad, HotRow, HottestServers, LoadRows
from backend.store.scope import AGENCY
from widgets.band_plot import BandData, BandPlot
from widgets.fact_list import Fact, FactList
from widgets.table_dialog import TableDialog

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services

METRICS = {"cpu": N_("CPU"), "memory": N_("Memory"), "disk": N_("Disk")}


class LoadCard(OverviewCard):
    """CPU, memory and disk of all servers in view beside each other."""

    topics = frozenset(FleetLoad.topics)

    def __init__(self) -> None:
        super().__init__(_("All servers, 24 hours"), _("median and 95th percentile"))
        self.plots = {key: BandPlot(_(title), "p50", "p95") for key, title in METRICS.items()}
        row = QHBoxLayout()
        row.setSpacing(16)
        for key, plot in self.plots.items():
            plot.table_asked.connect(partial(self._show_table, key))
            row.addWidget(plot, 1)
        self.body.addLayout(row, 1)

    def query(self, services: Services) -> FleetLoad:
        return FleetLoad(services.view.chosen or AGENCY)

    def show_rows(self, rows: LoadRows) -> bool:
        times = tuple(int(at) for at in rows.times.tolist())
        for key, plot in self.plots.items():
            low, high = (tuple(rows.bands[key][part].tolist()) for part in ("p50", "p95"))
            seen = [at for at, value in enumerate(high) if value == value]
            plot.set_data(
                BandData(
                    rows.since,
                    rows.until,
                    tuple(times[at] for at in seen),
                    tuple(low[at] for at in seen),
                    tuple(high[at] for at in seen),
                )
            )
        return bool(times)

    def _show_table(self, key: str) -> None:
        head, rows = self.plots[key].table()
        TableDialog(_(METRICS[key]), head, rows, self, is_newest_first=True).open()


class HottestCard(OverviewCard):
    """The five that are nearest to a threshold; each leads to its server."""

    topics = frozenset(HottestServers.topics)

    def __init__(self) -> None:
        super().__init__(_("Busiest servers"))
        self.list = FactList(_("Busiest servers"))
        self.list.pressed.connect(self._go)
        self.body.addWidget(self.list)

    def query(self, services: Services) -> HottestServers:
        return HottestServers(services.view.scope())

    def show_rows(self, rows: tuple[HotRow, ...]) -> bool:
        self.list.set_facts([_fact(row) for row in rows])
        return bool(rows)

    def _go(self, server: UUID) -> None:
        self.route_asked.emit(Route("servers", item=server))


def _fact(row: HotRow) -> Fact:
    value = _("{metric} {value} %").format(metric=_(METRICS[row.metric]), value=words.number(row.value))
    whose = ", ".join(row.workspaces)
    return Fact(row.id, row.name, value, row.status, tip=f"{row.name}, {whose}" if whose else row.name)
