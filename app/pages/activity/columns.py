"""The columns of the job and schedule tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from backend.core.clock import seconds_between
from backend.core.present import format as words
from backend.core.present import times
from backend.core.present.status import Status, job_state
from backend.core.present.text import _, pgettext
from backend.engine.queries import JobRow
from backend.engine.schedule_queries import ScheduleRow
from widgets.record_columns import age_column
from widgets.record_model import Column

#: Titles are a few words of ours, and the same again and again; why a job failed is a sentence.
TITLE_PATIENCE, REASON_PATIENCE = 1.7, 2.2


def job_columns() -> tuple[Column[JobRow], ...]:
    return (
        Column(
            _("Job"),
            text=lambda row: row.title,
            status=lambda row: job_state(row.state)[0],
            patience=TITLE_PATIENCE,
        ),
        Column(pgettext("what a job acts on", "On"), text=lambda row: row.about or words.DASH, is_name=True),
        Column(
            _("Result"),
            text=_result,
            sort=lambda row: row.state,
            meter=lambda row: row.percent / 100 if row.state == "running" else None,
            status=_toned,
            is_toned=True,
            is_muted=lambda row: row.state in ("succeeded", "cancelled"),
            tooltip=lambda row: f"{row.cause} {row.remedy}".strip() or _result(row),
            patience=REASON_PATIENCE,
        ),
        Column(
            _("Started"),
            text=lambda row: times.moment(row.requested_at, datetime.now(UTC)),
            sort=lambda row: row.requested_at,
            tooltip=lambda row: words.exact(row.requested_at),
            is_number=True,
        ),
    )


def schedule_columns() -> tuple[Column[ScheduleRow], ...]:
    return (
        Column(_("Schedule"), text=lambda row: row.title),
        Column(
            _("Interval"),
            text=lambda row: times.rhythm(row.every_s, row.next_at),
            sort=lambda row: row.every_s,
        ),
        replace(
            age_column(_("Last run"), lambda row: row.last_at),
            status=lambda row: Status.WARNING if row.outcome == "skipped" else None,
            tooltip=_last_run,
        ),
        Column(
            _("Next"),
            text=lambda row: times.moment(row.next_at, datetime.now(UTC), is_ahead=True),
            sort=lambda row: row.next_at,
            tooltip=_next_run,
        ),
    )


def _last_run(row: ScheduleRow) -> str:
    """When exactly, and what came of it where that is worth a word."""
    return "\n".join(part for part in (words.exact(row.last_at) if row.last_at else "", row.reason) if part)


def _next_run(row: ScheduleRow) -> str:
    return f"{times.recurrence(row.every_s, row.next_at, datetime.now(UTC))}\n{words.exact(row.next_at)}"


def _toned(row: JobRow) -> Status | None:
    """Only what is not as it should be has shape and colour here."""
    return job_state(row.state)[0] if row.state in ("failed", "waiting_for_you", "rolled_back") else None


def _result(row: JobRow) -> str:
    """In few words: what stands in the column beside it is not said again."""
    if row.state == "running":
        return f"{row.percent} %"
    if row.state == "succeeded" and row.started_at and row.ended_at:
        seconds = seconds_between(row.started_at, row.ended_at)
        return words.DASH if seconds is None else words.duration(seconds)
    if row.state == "failed":
        return row.cause.removeprefix(f"{row.about} ") or job_state("failed")[1]
    if row.state == "waiting_until":
        return _("Retries at {time}").format(time=times.moment(row.resume_at, datetime.now(UTC)))
    return job_state(row.state)[1]
