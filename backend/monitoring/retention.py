"""For how long it is known what checks said."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement

from backend.store.retention import RetentionRule
from backend.store.schema.observations import CheckInterval

INTERVALS = timedelta(days=731)


def _ended(before: datetime) -> ColumnElement[bool]:
    """What still holds is known for as long as it does."""
    return CheckInterval.until < before


RULES = (RetentionRule(CheckInterval, INTERVALS, _ended),)
