"""The rows of the example table: a name, a line with a limit, two numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from backend.core.present.format import number
from backend.core.present.status import Status
from backend.core.present.text import _
from widgets.record_model import Column


@dataclass(frozen=True)
class Machine:
    """One row of the example table."""

    name: str
    status: Status
    cpu: float | None
    queue: int | None
    proven: str

    @property
    def points(self) -> tuple[tuple[int, float], ...]:
        if self.cpu is None:
            return ()
        seed = sum(map(ord, self.name))
        return tuple((at, self.cpu + 9 * math.sin(at * 0.9 + seed) * math.cos(at * 0.31)) for at in range(30))


MACHINES = (
    Machine("mx2.acme-dental", Status.OK, 31, 2, "6 h"),
    Machine("mx1.acme-dental", Status.WARNING, 88, 14, "6 h"),
    Machine("mx8.fable-press", Status.INCONCLUSIVE, None, None, "9 h"),
    Machine("mx7.elm-street", Status.OK, 27, 1318, "5 h"),
)


def machine_columns() -> tuple[Column[Machine], ...]:
    """What the example table shows: a name, a line with a limit, two numbers."""
    return (
        Column(_("Server"), text=lambda row: row.name, status=lambda row: row.status, width=152),
        Column(
            _("CPU %"),
            text=lambda row: _("no data") if row.cpu is None else number(row.cpu),
            sort=lambda row: row.cpu,
            status=lambda row: Status.WARNING if (row.cpu or 0) > 80 else None,
            spark=lambda row: row.points,
            is_number=True,
            is_muted=lambda row: row.cpu is None,
            width=118,
        ),
        Column(
            _("Queue"),
            text=lambda row: "–" if row.queue is None else number(row.queue),
            sort=lambda row: row.queue,
            is_number=True,
            is_muted=lambda row: row.queue is None,
            width=90,
        ),
    )
