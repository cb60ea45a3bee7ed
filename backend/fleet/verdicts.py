"""The one writer of verdicts: what a check says now, since when, all it said before, and how well its subject is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from backend.core.checks import SERVER, VERDICTS
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.store.schema.base import MOST_TOLD
from backend.store.schema.fleet import Server
from backend.store.schema.observations import Check, CheckInterval

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from backend.core.checks import CheckKind, Subject, Verdict
    from backend.core.present.message import Plain
    from backend.store.scope import ScopedSession


def record_verdict(session: ScopedSession, subject: Subject, check: CheckKind, verdict: Verdict, now: datetime) -> None:
    """Keep what ``check`` says of ``subject``, and compose a server's health anew, in the caller's transaction.

    Since when a verdict holds outlasts stretches in which nothing was found out, and a clock that was set back. A
    server that is no longer there is left alone.
    """
    server, said = _server(session, subject), _Said.of(verdict)
    if server is None and subject.kind == SERVER:
        return
    row = _row(session, subject, check, now)
    at = _go_on(session, row, said, now)
    _keep(row, said, at)
    row.about, row.observed_at = subject.about, now
    row.counts_for_health, row.named_as = check.counts_for_health, _named_as(check)
    if server is not None:
        compose_health(session, server)


def compose_health(session: ScopedSession, server: Server) -> None:
    """A server is as well as the worst of its checks that count, which its note names."""
    rows = session.scalars(
        select(Check).where(_of(Check, SERVER, server.tenant_id, server.id), Check.counts_for_health)
    )
    found = worst(rows)
    health, note = ("unknown", Message()) if found is None else (found.verdict, note_of(found, found.named_as))
    server.health, server.health_note, server.health_values = health, note.msgid, note.plain_values()


def worst(rows: Iterable[Check]) -> Check | None:
    """Of several that are as bad, the one that is so the longest."""
    return min(rows, key=lambda row: (VERDICTS.index(row.verdict), row.since, row.check_key), default=None)


def note_of(said: Check | CheckInterval, named_as: str) -> Message:
    """Its reason, with the check's title before where the reason alone would not say what was checked."""
    why = said.reason
    if not named_as or said.verdict == "ok":
        return why
    title = Message(named_as)
    return Message(N_("{check}: {why}"), {"check": title, "why": why}) if why.msgid else title


def drop_checks_without_kind(session: ScopedSession, kinds: Collection[CheckKind], now: datetime) -> None:
    """What no feature asks any more says nothing of now; what is asked otherwise than before counts as it does now."""
    known = {kind.key: kind for kind in kinds}
    touched: set[tuple[UUID, UUID]] = set()
    for row in session.scalars(select(Check)):
        kind = known.get(row.check_key)
        if kind is None:
            _close(session, row, now)
            session.delete(row)
        elif (row.counts_for_health, row.named_as) != (kind.counts_for_health, _named_as(kind)):
            row.counts_for_health, row.named_as = kind.counts_for_health, _named_as(kind)
        else:
            continue
        if row.subject_kind == SERVER:
            touched.add((row.tenant_id, row.subject_id))
    session.flush()
    for key in touched:
        server = session.get(Server, key)
        if server is not None:
            compose_health(session, server)


@dataclass(frozen=True)
class _Said:
    """A verdict as the columns hold it: words that are longer than they hold are cut here, where they are compared."""

    word: str
    is_known: bool
    why: str
    values: dict[str, Plain] | None

    @classmethod
    def of(cls, verdict: Verdict) -> _Said:
        why = verdict.why
        words = why.msgid if len(why.msgid) <= MOST_TOLD else why.msgid[:MOST_TOLD]
        return cls(verdict.word, verdict.is_known, words, why.plain_values())


def _named_as(check: CheckKind) -> str:
    return "" if check.names_itself else check.title


def _server(session: ScopedSession, subject: Subject) -> Server | None:
    """Locked where the database locks rows: two checks of one server compose its health one after the other."""
    if subject.kind != SERVER:
        return None
    return session.get(Server, (subject.tenant_id, subject.id), with_for_update=True)


def _row(session: ScopedSession, subject: Subject, check: CheckKind, now: datetime) -> Check:
    of_subject = _of(Check, subject.kind, subject.tenant_id, subject.id)
    row = session.scalars(select(Check).where(of_subject, Check.check_key == check.key)).first()
    if row is None:
        row = Check(tenant_id=subject.tenant_id, id=uuid4(), subject_kind=subject.kind, subject_id=subject.id)
        row.check_key, row.verdict, row.since, row.observed_at = check.key, "", now, now
        session.add(row)
    return row


def _go_on(session: ScopedSession, row: Check, said: _Said, now: datetime) -> datetime:
    """The interval that holds goes on, or ends where the next one begins; the moment of that, never before it began."""
    holding = _holding(session, row)
    if holding is not None and (holding.verdict, holding.why) == (said.word, said.why):
        return max(now, holding.since)
    at = now
    if holding is not None:
        at = holding.until = max(now, holding.since)
    interval = CheckInterval(tenant_id=row.tenant_id, id=uuid4(), subject_kind=row.subject_kind)
    interval.subject_id, interval.check_key, interval.since = row.subject_id, row.check_key, at
    interval.verdict, interval.before = said.word, row.known_verdict or ""
    interval.why, interval.why_values = said.why, said.values
    session.add(interval)
    return at


def _close(session: ScopedSession, row: Check, now: datetime) -> None:
    holding = _holding(session, row)
    if holding is not None:
        holding.until = max(now, holding.since)


def _holding(session: ScopedSession, row: Check) -> CheckInterval | None:
    of_subject = _of(CheckInterval, row.subject_kind, row.tenant_id, row.subject_id)
    statement = select(CheckInterval).where(of_subject, CheckInterval.check_key == row.check_key)
    return session.scalars(statement.where(CheckInterval.until.is_(None))).first()


def _keep(row: Check, said: _Said, at: datetime) -> None:
    """What was known stays known while nothing is found out, with the moment it began."""
    if not said.is_known:
        row.since = row.since if row.verdict == said.word else at
    else:
        if row.known_verdict != said.word or row.known_since is None:
            row.known_verdict, row.known_since = said.word, at
        row.since = row.known_since
    row.verdict, row.why, row.why_values = said.word, said.why, said.values


def _of(table: type[Check | CheckInterval], kind: str, tenant_id: UUID, subject_id: UUID) -> ColumnElement[bool]:
    return (table.tenant_id == tenant_id) & (table.subject_kind == kind) & (table.subject_id == subject_id)
