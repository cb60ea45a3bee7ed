"""The feature of the inventory: what really stands at the providers, and what of it belongs to nothing here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import Asked, Need
from backend.feature import Feature, Tools

if TYPE_CHECKING:
    from backend.engine.jobs import AnyKind
    from backend.store.schema.operations import Schedule


def _jobs(tools: Tools) -> Sequence[AnyKind]:
    from backend.inventory.jobs import RefreshInventoryJob
    from backend.inventory.orphan_scan import OrphanScanner
    from backend.inventory.orphans import RemoveOrphanJob, ScanOrphansJob

    scanner = OrphanScanner(tools.accounts, tools.features.paid())
    return (
        RefreshInventoryJob(tools.accounts, tools.kinds),
        ScanOrphansJob(scanner),
        RemoveOrphanJob(tools.accounts, scanner),
    )


def _schedules(now: datetime) -> Sequence[Schedule]:
    from backend.inventory.orphans import six_hourly

    return (six_hourly(now),)


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.inventory.needs import needs

    return needs(asked)


FEATURE = Feature(
    "inventory",
    jobs=_jobs,
    schedules=_schedules,
    needs=_needs,
    topics=frozenset({"orphans"}),
)
