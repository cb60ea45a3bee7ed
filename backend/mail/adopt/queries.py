"""What was found of a server's Mailu when it was last looked at; from rows, also offline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from backend.core.errors import Refused
from backend.engine.payload import from_plain
from backend.mail.adopt.finding import MailFound
from backend.mail.adopt.requests import AdoptMail, LookAtMail
from backend.mailu.found import Difference
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession

LOOK = "look"


@dataclass(frozen=True)
class MailFinding:
    """What looking brought. ``found`` and ``seen_at`` are of the newest look that ended well, None: there was none.

    ``changed``: what differs since the mail server was adopted; empty where it was not. ``is_looking``: one is under
    way. ``trouble`` and ``remedy``: why the newest one failed.
    """

    found: MailFound | None = None
    seen_at: datetime | None = None
    changed: tuple[Difference, ...] = ()
    is_looking: bool = False
    trouble: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class MailFindings:
    """Query: what is known from looking at one server's Mailu."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("jobs", "mail")

    def run(self, source: Source) -> MailFinding:
        asked = select(Job).where(*_about(self.server_id, LookAtMail.kind)).order_by(Job.requested_at.desc()).limit(1)
        with source.store.read(self.scope) as session:
            job = session.scalars(asked).first()
            looked = _looked(session, self.server_id, LookAtMail.kind)
            adopted = _looked(session, self.server_id, AdoptMail.kind)
        if job is None:
            return MailFinding()
        is_failed = job.state == "failed"
        found, at = looked or (None, None)
        return MailFinding(
            found=found,
            seen_at=at,
            changed=_changed(looked, adopted),
            is_looking=job.ended_at is None,
            trouble=job.cause if is_failed else "",
            remedy=job.remedy if is_failed else "",
        )


def newest(session: ScopedSession, server_id: UUID) -> MailFound | None:
    """The newest look."""
    looked = _looked(session, server_id, LookAtMail.kind)
    return looked[0] if looked is not None else None


def is_adopted(session: ScopedSession, server_id: UUID) -> bool:
    """Whether it was adopted once."""
    return _looked(session, server_id, AdoptMail.kind) is not None


def _changed(
    looked: tuple[MailFound, datetime] | None, adopted: tuple[MailFound, datetime] | None
) -> tuple[Difference, ...]:
    if looked is None or adopted is None or adopted[1] > looked[1]:
        return ()
    known = set(adopted[0].differences)
    return tuple(each for each in looked[0].differences if each not in known)


def _about(server_id: UUID, kind: str) -> Sequence[ColumnElement[bool]]:
    return (Job.tenant_id == AGENCY, Job.about_id == server_id, Job.kind == kind)


def _looked(session: ScopedSession, server_id: UUID, kind: str) -> tuple[MailFound, datetime] | None:
    """Of jobs that ended well."""
    asked = (
        select(JobStep.result, JobStep.ended_at)
        .join(Job, JobStep.job_id == Job.id)
        .where(*_about(server_id, kind), Job.state == "succeeded", JobStep.key == LOOK)
        .order_by(Job.ended_at.desc())
        .limit(1)
    )
    row = session.execute(asked).first()
    if row is None or row[1] is None:
        return None
    try:
        return from_plain(MailFound, row[0]), row[1]
    except Refused:  # a newer program looked: its finding is none of ours
        return None
