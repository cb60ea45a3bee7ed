"""A schedule is paused, and goes on: a setting, not a job; what it missed meanwhile is not caught up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from backend.activity.requests import PauseSchedule
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.schedule_times import set_paused
from backend.engine.settings import AnySetting, Setting
from backend.store.schema.operations import Schedule
from backend.store.scope import ScopedSession


def pause(session: ScopedSession, request: PauseSchedule, now: datetime) -> str:
    """The kind of job it asks for, for the audit log.

    :raises Refused: there is no such schedule.
    """
    schedule = session.scalars(select(Schedule).where(Schedule.id == request.schedule_id).with_for_update()).first()
    if schedule is None:
        raise Refused(_("This schedule no longer exists."))
    set_paused(schedule, now, is_paused=request.is_paused)
    return schedule.kind


SETTINGS: tuple[AnySetting, ...] = (Setting(PauseSchedule, pause),)
