"""For how long it is known what the engine did.

Open intents are kept whatever their age, and so is a job that has one: they stand for what may be paid for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from backend.engine.intents import UNSETTLED
from backend.engine.scheduler import AUTHOR
from backend.store import audit
from backend.store.retention import RetentionRule
from backend.store.schema.operations import AuditRow, Change, IntentRow, Job, JobLog, RequestRow, ScheduleRun

#: Of a job that the schedule asked for: shorter, because there is one every few minutes.
WENT_WELL, WENT_WRONG = timedelta(days=30), timedelta(days=90)
DONE_BY_PEOPLE = timedelta(days=2 * 365)


def _old_changes(before: datetime) -> ColumnElement[bool]:
    """The newest stays: the numbers go on from it."""
    return and_(Change.at < before, Change.seq < select(func.max(Change.seq)).scalar_subquery())


def _old_lines(before: datetime) -> ColumnElement[bool]:
    return and_(JobLog.at < before, JobLog.job_id.not_in(select(Job.id).where(Job.ended_at.is_(None))))


def _ended(before: datetime, *, by_schedule: bool) -> ColumnElement[bool]:
    """A job that has ended and stands for nothing that may be paid for."""
    is_scheduled = Job.author.startswith(f"{AUTHOR}:", autoescape=True)
    has_open_intent = select(IntentRow.job_id).where(IntentRow.state.in_(UNSETTLED))
    return and_(Job.ended_at < before, is_scheduled if by_schedule else ~is_scheduled, Job.id.not_in(has_open_intent))


def _went_well(before: datetime) -> ColumnElement[bool]:
    return and_(_ended(before, by_schedule=True), Job.state == "succeeded")


def _went_wrong(before: datetime) -> ColumnElement[bool]:
    return _ended(before, by_schedule=True)


def _done_by_people(before: datetime) -> ColumnElement[bool]:
    return _ended(before, by_schedule=False)


def _settled(before: datetime) -> ColumnElement[bool]:
    """As long as the job is known, it may be rolled back, which asks what became of its intents."""
    return and_(
        IntentRow.settled_at < before, IntentRow.state.not_in(UNSETTLED), IntentRow.job_id.not_in(select(Job.id))
    )


RULES = (
    RetentionRule(Change, timedelta(days=1), _old_changes),
    RetentionRule(JobLog, timedelta(days=90), _old_lines),
    RetentionRule(ScheduleRun, timedelta(days=30), lambda before: ScheduleRun.due_at < before),
    RetentionRule(RequestRow, timedelta(days=90), lambda before: RequestRow.handled_at < before),
    RetentionRule(Job, WENT_WELL, _went_well),
    RetentionRule(Job, WENT_WRONG, _went_wrong),
    RetentionRule(Job, DONE_BY_PEOPLE, _done_by_people),
    RetentionRule(IntentRow, DONE_BY_PEOPLE, _settled),
    RetentionRule(AuditRow, DONE_BY_PEOPLE, audit.is_old, audit.note_sweep),
)
