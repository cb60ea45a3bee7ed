"""What happened while nobody looked, as each feature tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import MOST_NEWS, Asked, NewsRow

if TYPE_CHECKING:
    from backend.attention import Features
    from backend.engine.queries import Jobs
    from backend.store.query import Source


@dataclass(frozen=True)
class NewsRows:
    """The newest :data:`backend.attention.MOST_NEWS` lines since ``since``; ``more`` how many older ones there are
    beside them.
    """

    since: datetime
    lines: tuple[NewsRow, ...]
    more: int


@dataclass(frozen=True)
class News:
    """Query: what happened since a moment, for the scope of ``jobs``."""

    jobs: Jobs
    features: Features
    since: datetime

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(sorted(self.features.topics))

    def run(self, source: Source) -> NewsRows:
        told = self.features.news(Asked(source, self.jobs, self.features), self.since)
        lines = sorted((line for each in told for line in each.lines), key=_moment, reverse=True)
        total = sum(each.total for each in told)
        return NewsRows(self.since, tuple(lines[:MOST_NEWS]), max(0, total - MOST_NEWS))


def _moment(row: NewsRow) -> datetime:
    return row.at
