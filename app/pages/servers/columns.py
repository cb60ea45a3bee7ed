"""The columns of the server table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.status import Status, life
from backend.core.present.text import _
from backend.servers.queries import ServerRow
from widgets.record_columns import monthly_column
from widgets.record_model import Column

if TYPE_CHECKING:
    from app.pages.servers.figures import Figures
    from app.pages.servers.job_strip import UnderWay

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


def server_columns(figures: Figures, under_way: UnderWay) -> tuple[Column[ServerRow], ...]:
    return (
        Column(
            _("Server"),
            text=lambda row: row.name,
            sort=lambda row: (RANK[row.status], words.natural(row.name)),
            status=lambda row: Status.RUNNING if under_way.runs_on(row.id) else row.status,
            tooltip=lambda row: _tooltip(row, under_way),
            tail=lambda row: under_way.doing(row.id) or _maintenance(row),
            is_name=True,
            width=240,
        ),
        _metric(_("CPU %"), "cpu", figures),
        _metric(_("Memory %"), "memory", figures),
        _metric(_("Disk %"), "disk", figures),
        Column(_("Workspaces"), text=lambda row: ", ".join(row.workspaces) or words.DASH),
        monthly_column(lambda row: row.monthly_micro, lambda row: row.currency),
        Column(_("State"), text=_state),
        Column(_("Address"), text=lambda row: row.address or words.DASH, is_mono=True),
        Column(_("Region"), text=lambda row: row.region),
        Column(_("Plan"), text=lambda row: row.plan),
        Column(_("Tags"), text=lambda row: ", ".join(row.tags)),
        Column(_("Note"), text=lambda row: " ".join(row.note.split())),
    )


def _maintenance(row: ServerRow) -> str:
    return "" if row.maintenance_until is None else _("maintenance")


def _tooltip(row: ServerRow, under_way: UnderWay) -> str:
    until = row.maintenance_until
    parts = [row.name, under_way.words(row.id), row.health_note]
    if until is not None:
        parts.append(_("Maintenance until {time}").format(time=words.minute(until)))
    if row.tags:
        parts.append(_("Tags: {tags}").format(tags=", ".join(row.tags)))
    return "\n".join(part for part in (*parts, row.note) if part)


def _state(row: ServerRow) -> str:
    if row.maintenance_until is not None:
        return _("maintenance until {time}").format(time=words.minute(row.maintenance_until))
    if row.life != "active":
        return life(row.life)
    if not row.is_ours:
        return _("not managed, {power}").format(power=_power(row))
    return _("active") if row.power == "on" else _power(row)


def _power(row: ServerRow) -> str:
    return {"on": _("on"), "off": _("powered off")}.get(row.power, _("power unknown"))


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
