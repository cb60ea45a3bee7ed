"""Requests about schedules."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.engine.payload import Request


@dataclass(frozen=True)
class PauseSchedule(Request, kind="schedule.pause"):
    """Ask for nothing by itself any more (``is_paused``), or again from its next due time on."""

    schedule_id: UUID
    is_paused: bool
