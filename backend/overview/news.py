"""What happened while nobody looked: lines of timelines, verdicts that changed, jobs that failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.present.status import Status, status_of, word
from backend.core.present.text import _
from backend.store.schema.fleet import Server, ServerEvent
from backend.store.schema.observations import Check
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.queries import JobRow, Jobs
    from backend.store.query import Source
    from backend.store.scope import Scope

MOST = 50


@dataclass(frozen=True)
class NewsRow:
    """One thing that happened at ``at`` (UTC); ``about`` names the server or what a job was about."""

    at: datetime
    about: str
    text: str
    status: Status | None


@dataclass(frozen=True)
class NewsRows:
    """The newest :data:`MOST` lines since ``since``; ``more`` how many older ones there are beside them."""

    since: datetime
    lines: tuple[NewsRow, ...]
    more: int


@dataclass(frozen=True)
class News:
    """Query: what happened since a moment. ``jobs`` asks for the failed ones."""

    scope: Scope
    jobs: Jobs
    since: datetime
    topics: ClassVar[tuple[str, ...]] = ("servers", "jobs")

    def run(self, source: Source) -> NewsRows:
        with source.store.read(self.scope) as session:
            rows = session.execute(select(Server.id, Server.name, Server.created_at)).tuples().all()
            names, made = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
            recent = ServerEvent.at > self.since
            events = session.scalars(select(ServerEvent).where(recent).order_by(ServerEvent.at.desc()).limit(MOST))
            told = [NewsRow(row.at, names.get(row.server_id, ""), row.text, None) for row in events]
            count = session.scalar(select(func.count()).select_from(ServerEvent).where(recent)) or 0
        verdicts = list(self._verdicts(source, names, made))
        failed = [_of_job(row) for row in self.jobs.run(source) if _ended(row) > self.since]
        lines = sorted((*told, *verdicts, *failed), key=_moment, reverse=True)
        total = count + len(verdicts) + len(failed)
        return NewsRows(self.since, tuple(lines[:MOST]), max(0, total - MOST))

    def _verdicts(self, source: Source, names: dict[UUID, str], made: dict[UUID, datetime]) -> Iterator[NewsRow]:
        """A first *ok* of a new server is no news: its timeline says that it is ready."""
        changed = select(Check).where(Check.kind == "sample", Check.since > self.since)
        with source.store.read(ENGINE_SCOPE) as session:
            rows = [row for row in session.scalars(changed) if row.subject_id in names]
            for row in rows:
                if row.verdict != "ok" or made[row.subject_id] <= self.since:
                    status = status_of(row.verdict)
                    said = word(status)
                    text = _("{state}: {why}").format(state=said, why=row.why) if row.why else said
                    yield NewsRow(row.since, names[row.subject_id], text, status)


def _of_job(row: JobRow) -> NewsRow:
    text = _("{job} failed: {why}").format(job=row.title, why=row.cause)
    return NewsRow(_ended(row), row.about, text, Status.CRITICAL)


def _ended(row: JobRow) -> datetime:
    return row.ended_at or row.wished_at


def _moment(row: NewsRow) -> datetime:
    return row.at
