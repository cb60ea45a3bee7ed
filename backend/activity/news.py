"""Jobs that failed while nobody looked."""

from __future__ import annotations

from datetime import datetime

from backend.attention import Asked, NewsRow, Told
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.engine.queries import JobRow


def news(asked: Asked, since: datetime) -> Told:
    """Every one that ended after ``since``."""
    failed = [row for row in asked.jobs("failed") if _ended(row) > since]
    return Told([_line(row) for row in failed], len(failed))


def _line(row: JobRow) -> NewsRow:
    text = _("{job} failed: {why}").format(job=row.title, why=row.cause)
    return NewsRow(_ended(row), row.about, text, Status.CRITICAL)


def _ended(row: JobRow) -> datetime:
    return row.ended_at or row.requested_at
