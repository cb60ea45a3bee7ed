"""The feature of activity: jobs that await approval or failed, and what becomes of the engine's old rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.attention import Asked, Need, Told
from backend.feature import Feature, InEngine, Tools

if TYPE_CHECKING:
    from backend.store.retention import RetentionRule


def _needs(asked: Asked) -> Iterable[Need]:
    from backend.activity.needs import needs

    return needs(asked)


def _news(asked: Asked, since: datetime) -> Told:
    from backend.activity.news import news

    return news(asked, since)


def _in_engine(_tools: Tools) -> InEngine:
    from backend.activity.settings import SETTINGS

    return InEngine(settings=SETTINGS)


def _retention() -> Sequence[RetentionRule]:
    from backend.activity.retention import RULES

    return RULES


FEATURE = Feature(
    "activity",
    in_engine=_in_engine,
    needs=_needs,
    news=_news,
    topics=frozenset({"jobs"}),
    retention=_retention,
)
