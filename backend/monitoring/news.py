"""What checks found out while nobody looked, of servers and of everything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from backend.attention import MOST_NEWS, Asked, NewsRow, Told
from backend.core.checks import KNOWN
from backend.core.present.status import status_of, word
from backend.core.present.text import _
from backend.fleet.verdicts import note_of
from backend.store.schema.fleet import Server
from backend.store.schema.observations import Check, CheckInterval


def news(asked: Asked, since: datetime) -> Told:
    """Each change of what is known by the checks that count, the newest first."""
    with asked.source.store.read(asked.scope) as session:
        names = dict(session.execute(select(Server.id, Server.name)).tuples().all())
    changes = select(CheckInterval, Check).join(Check, _same_check()).where(Check.counts_for_health)
    changes = changes.where(CheckInterval.since > since, _is_news())
    newest = changes.order_by(CheckInterval.since.desc()).limit(MOST_NEWS)
    with asked.source.store.read(asked.scope) as session:
        total = session.scalar(changes.with_only_columns(func.count())) or 0
        lines = [_line(said, check, names) for said, check in session.execute(newest).tuples()]
    return Told(lines, total)


def _same_check() -> ColumnElement[bool]:
    named = ("tenant_id", "subject_kind", "subject_id", "check_key")
    return and_(*(getattr(Check, name) == getattr(CheckInterval, name) for name in named))


def _is_news() -> ColumnElement[bool]:
    """What was known before and is found again is none, nor that something new is well; doubt is, while it lasts."""
    verdict, before = CheckInterval.verdict, CheckInterval.before
    found = verdict.in_(KNOWN) & (verdict != before) & ~((verdict == "ok") & (before == ""))
    return or_(found, verdict.not_in(KNOWN) & CheckInterval.until.is_(None))


def _line(said: CheckInterval, check: Check, names: Mapping[UUID, str]) -> NewsRow:
    status = status_of(said.verdict)
    state, why = word(status), note_of(said, check.named_as).text()
    text = _("{state}: {why}").format(state=state, why=why) if why else state
    return NewsRow(said.since, names.get(said.subject_id, check.about), text, status)
