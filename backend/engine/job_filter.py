"""Which jobs a list shows: narrowed by the database, before the list is cut to its length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_

from backend.core.present.text import _
from backend.store.schema.operations import Job

#: What the author of a job begins with that nobody but the scheduler asked for.
SCHEDULER = "schedule"

Origin = Literal["all", "persons", "scheduler", "noteworthy"]


@dataclass(frozen=True)
class Which:
    """``origin``: whose jobs; *noteworthy* are a person's, and the scheduler's that failed. Empty fields let all in.

    ``about`` is what a job is about, whole; ``text`` is looked for in that and in its title; ``before`` is the last row
    of the page before: its moment and its id. ``id_begins`` is hexadecimal. ``ids``: these jobs and no other.
    """

    origin: Origin = "all"
    kind: str = ""
    about_id: UUID | None = None
    about: str = ""
    text: str = ""
    id_begins: str = ""
    before: tuple[datetime, UUID] | None = None
    ids: tuple[UUID, ...] = ()

    def clauses(self, titles: Mapping[str, Sequence[str]]) -> Iterator[ColumnElement[bool]]:
        """What a statement over jobs is narrowed by; ``titles`` are message ids by the names of kinds, a
        kind's own first."""
        is_scheduled = Job.author.startswith(SCHEDULER)
        if self.origin == "persons":
            yield not_(is_scheduled)
        elif self.origin == "scheduler":
            yield is_scheduled
        elif self.origin == "noteworthy":
            yield or_(not_(is_scheduled), Job.state == "failed")
        if self.kind:
            yield Job.kind == self.kind
        if self.about_id is not None:
            yield Job.about_id == self.about_id
        if self.about:
            yield Job.about == self.about
        if self.text:
            yield self._holds_text(titles)
        if self.id_begins:
            digits = self.id_begins.replace("-", "")[:32]
            yield Job.id.between(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))
        if self.ids:
            yield Job.id.in_(self.ids)
        if self.before is not None:
            at, job_id = self.before
            yield or_(Job.requested_at < at, and_(Job.requested_at == at, Job.id < job_id))

    def _holds_text(self, titles: Mapping[str, Sequence[str]]) -> ColumnElement[bool]:
        """Titles are spoken in the reader's language: which kinds they belong to is known here, not in the database."""
        wanted = self.text.casefold()
        fitting = {title for each in titles.values() for title in each if wanted in _(title).casefold()}
        titled = [name for name, each in titles.items() if each[0] in fitting]
        return or_(
            func.lower(Job.about).contains(self.text.lower(), autoescape=True),
            and_(Job.title == "", Job.kind.in_(titled)),
            Job.title.in_(sorted(fitting)),
        )


EVERY_JOB = Which()
