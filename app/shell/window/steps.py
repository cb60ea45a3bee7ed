"""The steps of a job as lines: shape, note, time spent or expected."""

from __future__ import annotations

from backend.core.present import format as words
from backend.core.present.status import STEP_STATES, Status
from backend.core.present.text import _
from backend.engine.queries import StepRow
from widgets.job_progress import StepLine

CURRENT = ("running", "waiting", "undoing", "failed")


def step_line(step: StepRow) -> StepLine:
    """How one step stands."""
    status = None if step.state == "pending" else STEP_STATES.get(step.state, Status.UNKNOWN)
    return StepLine(step.title, _note(step), _time(step), status, is_current=step.state in CURRENT)


def _note(step: StepRow) -> str:
    share = f"{step.percent} %" if step.percent is not None else ""
    return "  ".join(part for part in (share, step.note) if part)


def _time(step: StepRow) -> str:
    if step.started_at is None:
        return words.estimate(step.estimate_s)
    if step.spent_s is None:
        return words.DASH
    spent = words.duration(step.spent_s)
    return spent if step.ended_at else _("{time} so far").format(time=spent)
