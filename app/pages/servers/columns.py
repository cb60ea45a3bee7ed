"""The columns of the server table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from backend.core.present import format as words
from backend.core.present.status import Status, life, status_of
from backend.core.present.text import _
from backend.servers.queries import ServerRow
from widgets.record_model import Column

STALE_S = 900
WORKSPACES, SHOWN_AT_FIRST = 4, 6
LIMITS = {"cpu": (80, 95), "memory": (85, 95), "disk": (80, 90)}
RANK = {
    Status.CRITICAL: 0,
    Status.WARNING: 1,
    Status.INCONCLUSIVE: 2,
    Status.WAITING: 3,
    Status.UNKNOWN: 4,
    Status.OK: 5,
}


def row_status(row: ServerRow) -> Status:
    """The shape before a server's name: its health, or why there is none."""
    if row.life == "provisioning":
        return Status.WAITING
    if row.power == "off" or not row.can_enter:
        return Status.UNKNOWN
    return status_of(row.health)


def server_columns() -> tuple[Column[ServerRow], ...]:
    return (
        Column(
            _("Server"),
            text=lambda row: row.name,
            sort=lambda row: (RANK[row_status(row)], words.natural(row.name)),
            status=row_status,
            tooltip=lambda row: f"{row.name}\n{row.health_note}".strip(),
            width=190,
        ),
        _metric(_("CPU %"), "cpu"),
        _metric(_("Memory %"), "memory"),
        _metric(_("Disk %"), "disk"),
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


def _metric(title: str, key: str) -> Column[ServerRow]:
    return Column(
        title,
        text=_shown(key),
        sort=lambda row: -1.0 if row.sparks[key].now is None else row.sparks[key].now,
        status=_over(key),
        spark=_points(key),
        is_number=True,
        is_muted=lambda row: row.sparks[key].now is None,
        width=107,
    )


def _shown(key: str) -> Callable[[ServerRow], str]:
    def text(row: ServerRow) -> str:
        spark = row.sparks[key]
        if spark.now is None:
            return _why_unseen(row)
        age = datetime.now(UTC).timestamp() - spark.points[-1][0]
        if age > STALE_S:
            return _("{value}, {age}").format(
                value=words.percent(spark.now),
                age=words.age(datetime.fromtimestamp(spark.points[-1][0], UTC), datetime.now(UTC)),
            )
        return words.percent(spark.now)

    return text


def _why_unseen(row: ServerRow) -> str:
    """Why there is no value: a server that is off or not ours is not *unobserved by accident*."""
    if row.life == "provisioning":
        return life(row.life)
    if not row.can_enter:
        return _("not ours")
    return _("off") if row.power == "off" else _("not observed")


def _over(key: str) -> Callable[[ServerRow], Status | None]:
    """A cell above a threshold is marked; a normal one is not."""
    warning, critical = LIMITS[key]

    def status(row: ServerRow) -> Status | None:
        value = row.sparks[key].now
        if value is None or value < warning:
            return None
        return Status.CRITICAL if value >= critical else Status.WARNING

    return status


def _points(key: str) -> Callable[[ServerRow], Sequence[tuple[int, float]]]:
    return lambda row: row.sparks[key].points
