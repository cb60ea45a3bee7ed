"""Which samples are meant, and their rows in the tables of the metrics file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.metrics import MetricGroup
from backend.store.metrics_schema import of_group

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table


@dataclass(frozen=True)
class SeriesKey:
    """The samples of one group of one subject: the group, whose the subject is, its id."""

    group: MetricGroup
    tenant_id: UUID
    id: UUID

    def columns(self, table: Table) -> dict[str, object]:
        """How a row of this table names them."""
        key: dict[str, object] = {"tenant_id": self.tenant_id, "subject_id": self.id}
        return key | {"metric_group": self.group.key} if "metric_group" in table.c else key

    def rows(self, table: Table) -> ColumnElement[bool]:
        """Its rows in this table."""
        mine = (table.c.tenant_id == self.tenant_id) & (table.c.subject_id == self.id)
        return of_group(table, self.group.key) & mine
