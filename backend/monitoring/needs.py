"""What checks need of a person: subjects that are not well. Servers tell of themselves, with all that is known."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from backend.attention import Asked, Need
from backend.core.checks import SERVER
from backend.core.present.status import status_of
from backend.core.present.text import _
from backend.fleet.verdicts import note_of, worst
from backend.store.schema.observations import Check

NOT_WELL = ("critical", "warning")


def needs(asked: Asked) -> Iterator[Need]:
    """One a subject, by the worst of its checks that count."""
    counts = select(Check).where(Check.subject_kind != SERVER, Check.counts_for_health, Check.verdict.in_(NOT_WELL))
    subjects: dict[tuple[str, UUID], list[Check]] = {}
    with asked.source.store.read(asked.scope) as session:
        for row in session.scalars(counts):
            subjects.setdefault((row.subject_kind, row.subject_id), []).append(row)
    for (kind, subject), rows in subjects.items():
        said = worst(rows)
        if said is not None:
            detail = note_of(said, said.named_as).text()
            yield Need(kind, subject, status_of(said.verdict), said.about, detail, "", said.since, _("Open"))
