"""The feature of upkeep: old rows go, finished days of samples are packed, secrets that are due are renewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.feature import Feature, InEngine, Tools

if TYPE_CHECKING:
    from backend.engine.jobs import AnyKind
    from backend.store.schema.operations import Schedule


def _jobs(tools: Tools) -> Sequence[AnyKind]:
    from backend.upkeep.jobs import MaintainStoreJob
    from backend.upkeep.renewal import RenewDueJob

    return (
        MaintainStoreJob(tools.metrics, tools.features.retention(), tools.features.metrics()),
        RenewDueJob(tools.features, tools.metrics),
    )


def _schedules(now: datetime) -> Sequence[Schedule]:
    from backend.upkeep.jobs import nightly
    from backend.upkeep.renewal import daily

    return nightly(now), daily(now)


def _in_engine(_tools: Tools) -> InEngine:
    from backend.upkeep.renewal import SETTING

    return InEngine(settings=(SETTING,))


FEATURE = Feature("upkeep", jobs=_jobs, in_engine=_in_engine, schedules=_schedules)
