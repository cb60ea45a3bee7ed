"""The feature of workspaces: clients and projects, and which servers they use."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend.feature import Feature, InEngine, Tools

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession


def _in_engine(_tools: Tools) -> InEngine:
    from backend.workspaces.settings import SETTINGS

    return InEngine(settings=SETTINGS)


def _prepare(session: ScopedSession, now: datetime) -> None:
    from backend.core.present.text import _
    from backend.workspaces.settings import ensure_agency

    ensure_agency(session, now, _("Agency"))


FEATURE = Feature("workspaces", in_engine=_in_engine, prepare=_prepare, topics=frozenset({"workspaces"}))
