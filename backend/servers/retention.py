"""For how long it is known what happened to a server."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_

from backend.store.retention import RetentionRule
from backend.store.schema.fleet import ServerEvent

EVENTS = timedelta(days=2 * 365)


def _old_events(before: datetime) -> ColumnElement[bool]:
    """That we destroyed a server is known for good: if its provider lists it again, it is not taken back."""
    return and_(ServerEvent.at < before, ServerEvent.kind != "gone")


RULES = (RetentionRule(ServerEvent, EVENTS, _old_events),)
