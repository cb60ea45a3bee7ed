"""What features tell a person of themselves: what somebody should see to, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from backend.core.present.text import _, joined

if TYPE_CHECKING:
    from backend.core.present.status import Status
    from backend.engine.queries import JobRow, Jobs
    from backend.store.query import Query, Source
    from backend.store.scope import Scope

Rows = TypeVar("Rows")

#: So many lines of news are shown; a feature need not read more of its own.
MOST_NEWS = 50


@dataclass(frozen=True)
class Need:
    """One thing a person should see to. ``target`` is the id of what ``kind`` says; None for the whole list of them.

    ``kind`` names a thing; which page shows it is said by the places of the window. ``since`` None: it is not known.
    ``act`` are the words of its one button.
    """

    kind: str
    target: UUID | None
    status: Status
    title: str
    detail: str
    where: str
    since: datetime | None
    act: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True)
class Ending:
    """Something that ends at ``at`` (UTC) unless somebody renews it; ``target`` is the id of what ``kind`` says."""

    kind: str
    target: UUID
    title: str
    at: datetime


@dataclass(frozen=True)
class NewsRow:
    """One thing that happened at ``at`` (UTC); ``about`` names the server or what a job was about."""

    at: datetime
    about: str
    text: str
    status: Status | None


@dataclass(frozen=True)
class Told:
    """News of one feature: its newest lines, and how many there are in all."""

    lines: Sequence[NewsRow] = ()
    total: int = 0


class Asked:
    """One question over all features at one moment, for what the scope of ``jobs`` may see.

    What several features ask for is read once. Used in one thread, then dropped.
    """

    def __init__(self, source: Source, jobs: Jobs, features: Features) -> None:
        self.source = source
        self.features = features
        self._jobs = jobs
        self._answers: dict[Query[Any], Any] = {}

    @property
    def now(self) -> datetime:
        return self.source.now

    @property
    def scope(self) -> Scope:
        return self._jobs.scope

    def ask(self, query: Query[Rows]) -> Rows:
        """:raises StoreError: the store cannot be read."""
        if query not in self._answers:
            self._answers[query] = query.run(self.source)
        rows: Rows = self._answers[query]
        return rows

    def jobs(self, *states: str) -> tuple[JobRow, ...]:
        """The newest jobs in these states.

        :raises StoreError: the store cannot be read.
        """
        return self.ask(replace(self._jobs, states=states))

    def with_failure(self, words: str, kind: str, about_id: UUID, since: datetime) -> str:
        """These words, and why the newest job of that kind about this failed, where one did since then.

        :raises StoreError: the store cannot be read.
        """
        for row in self.jobs("failed"):
            if row.kind == kind and row.about_id == about_id and row.requested_at >= since:
                return joined((words, _("The last renewal failed: {reason}").format(reason=row.cause)), " ")
        return words


class Features(Protocol):
    """What the overview needs of :class:`backend.feature.Features`, which stands above the queries."""

    @property
    def topics(self) -> frozenset[str]: ...

    def needs(self, asked: Asked) -> Sequence[Need]: ...

    def endings(self, asked: Asked) -> Sequence[Ending]: ...

    def news(self, asked: Asked, since: datetime) -> Sequence[Told]: ...

    def resource_title(self, key: str) -> str: ...
