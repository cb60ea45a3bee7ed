"""The columns of the job and schedule tables."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.core.present import format as words
from backend.core.present.status import Status, job_state
from backend.core.present.text import _
from backend.engine.queries import JobRow, ScheduleRow
from widgets.record_model import Column


def job_columns() -> tuple[Column[JobRow], ...]:
    return (
        Column(_("Job"), text=lambda row: row.title, status=lambda row: job_state(row.state)[0]),
        Column(_("On"), text=lambda row: row.about or words.DASH, width=160),
        Column(
            _("Result"),
            text=_result,
            sort=lambda row: row.state,
            meter=lambda row: row.percent / 100 if row.state == "running" else None,
            status=_toned,
            is_toned=True,
            is_muted=lambda row: row.state in ("succeeded", "cancelled"),
            tooltip=lambda row: f"{row.cause} {row.remedy}".strip() or _result(row),
            width=190,
        ),
        Column(
            _("Started"),
            text=lambda row: words.clock(row.wished_at),
            sort=lambda row: row.wished_at,
            tooltip=lambda row: words.exact(row.wished_at),
            is_number=True,
            width=76,
        ),
    )


def schedule_columns() -> tuple[Column[ScheduleRow], ...]:
    return (
        Column(_("Schedule"), text=lambda row: row.title),
        Column(_("Every"), text=lambda row: words.duration(row.every_s), sort=lambda row: row.every_s, width=90),
        Column(
            _("Last run"),
            text=lambda row: words.age(row.last_at, datetime.now(UTC)),
            sort=lambda row: row.last_at or datetime.min.replace(tzinfo=UTC),
            status=lambda row: Status.WARNING if row.outcome == "skipped" else None,
            tooltip=lambda row: row.reason or row.outcome,
            width=130,
        ),
        Column(_("Next"), text=lambda row: words.clock(row.next_at), sort=lambda row: row.next_at, width=70),
    )


def _toned(row: JobRow) -> Status | None:
    """Only what is not as it should be has shape and colour here."""
    return job_state(row.state)[0] if row.state in ("failed", "waiting_for_you", "rolled_back") else None


def _result(row: JobRow) -> str:
    if row.state == "running":
        return f"{row.percent} %"
    if row.state == "succeeded" and row.started_at and row.ended_at:
        return words.duration((row.ended_at - row.started_at).total_seconds())
    if row.state == "failed":
        return row.cause or job_state("failed")[1]
    if row.state == "waiting_until":
        return _("again at {time}").format(time=words.clock(row.resume_at))
    return job_state(row.state)[1]
