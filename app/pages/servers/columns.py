"""The columns of the server table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status, life
from backend.core.present.text import _
from backend.servers.queries import ServerRow
from widgets.record_model import Column

if TYPE_CHECKING:
    from app.pages.servers.figures import Figures

FIGURES = (1, 2, 3)
WORKSPACES, SHOWN_AT_FIRST = 4, 6
RANK = {
    Status.CRITICAL: 0,
    Status.WARNING: 1,
    Status.INCONCLUSIVE: 2,
    Status.WAITING: 3,
    Status.UNKNOWN: 4,
    Status.OK: 5,
}


def server_columns(figures: Figures) -> tuple[Column[ServerRow], ...]:
    return (
        Column(
            _("Server"),
            text=lambda row: row.name,
            sort=lambda row: (RANK[row.status], words.natural(row.name)),
            status=lambda row: row.status,
            tooltip=lambda row: f"{row.name}\n{row.health_note}".strip(),
            width=190,
        ),
        _metric(_("CPU %"), "cpu", figures),
        _metric(_("Memory %"), "memory", figures),
        _metric(_("Disk %"), "disk", figures),
        Column(_("Workspaces"), text=lambda row: ", ".join(row.workspaces) or words.DASH, width=106),
        Column(
            _("Per month"),
            text=lambda row: words.money(row.monthly_micro, row.currency),
            sort=lambda row: row.monthly_micro or -1,
            is_number=True,
            width=92,
        ),
        Column(_("State"), text=_state, width=110),
        Column(_("Address"), text=lambda row: row.address or words.DASH, is_mono=True, width=130),
        Column(_("Region"), text=lambda row: row.region, width=90),
        Column(_("Plan"), text=lambda row: row.plan, width=130),
    )


def _state(row: ServerRow) -> str:
    if row.life != "active":
        return life(row.life)
    if not row.is_ours:
        return _("not ours, {power}").format(power=_power(row))
    return _("active") if row.power == "on" else _power(row)


def _power(row: ServerRow) -> str:
    return {"on": _("on"), "off": _("switched off")}.get(row.power, _("power unknown"))


def _metric(title: str, key: str, figures: Figures) -> Column[ServerRow]:
    return Column(
        title,
        text=lambda row: figures.text(row, key),
        sort=lambda row: figures.now(row, key),
        status=lambda row: figures.over(row, key),
        spark=lambda row: figures.points(row, key),
        is_number=True,
        is_muted=lambda row: figures.is_muted(row, key),
        tooltip=lambda row: figures.tooltip(row, key),
        width=107,
    )
