"""Why a server was not observed: what its check said meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from backend.core.checks import KNOWN, SERVER
from backend.core.present.decimate import Gap
from backend.core.present.text import _
from backend.fleet.checks import SERVER_SAMPLE
from backend.store.schema.observations import CheckInterval
from backend.store.scope import AGENCY, Scope

if TYPE_CHECKING:
    from backend.store.query import Source


def with_reasons(source: Source, server_id: UUID, gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Each gap with what was said the longest in it: by the check that found nothing, or by none.

    One with which the time begins that was asked for began as early as that was said.
    """
    if not gaps:
        return ()
    said = _said(source, server_id, gaps[0].since, gaps[-1].until)
    first, *others = (replace(gap, why=_why(gap, said)) for gap in gaps)
    begun = [each.since for each in said if each.since < first.since < each.until and each.why == first.why]
    return (replace(first, since=min(begun)) if begun else first, *others)


def _said(source: Source, server_id: UUID, since: float, until: float) -> list[Gap]:
    """What the check said of a server whose figures it did not get, and from when to when."""
    first, last = datetime.fromtimestamp(since, UTC), datetime.fromtimestamp(until, UTC)
    statement = select(CheckInterval).where(
        CheckInterval.tenant_id == AGENCY,
        CheckInterval.subject_kind == SERVER,
        CheckInterval.subject_id == server_id,
        CheckInterval.check_key == SERVER_SAMPLE.key,
        CheckInterval.since < last,
        or_(CheckInterval.until.is_(None), CheckInterval.until > first),
    )
    with source.store.read(Scope.of(AGENCY)) as session:
        return [
            Gap(row.since.timestamp(), (row.until or source.now).timestamp(), row.reason.text())
            for row in session.scalars(statement.order_by(CheckInterval.since))
            if _tells_of_nothing(row)
        ]


def _tells_of_nothing(row: CheckInterval) -> bool:
    """Words that an error said, not a threshold: a verdict of figures holds on while nobody looks."""
    return bool(row.why) and (row.verdict not in KNOWN or row.why_values is None)


def _why(gap: Gap, said: Sequence[Gap]) -> str:
    shared = [(min(gap.until, each.until) - max(gap.since, each.since), each.why) for each in said]
    longest, why = max(shared, default=(0.0, ""), key=lambda pair: pair[0])
    return why if longest > 0 else _("no check ran")
