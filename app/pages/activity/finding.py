"""What search finds of jobs: a person's newest, by what they did and to what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.shell.places import Found
from backend.core.present.text import N_
from backend.engine.job_filter import Which
from backend.engine.queries import JobRow, Jobs

if TYPE_CHECKING:
    from app.shell.session.services import Services

MOST = 100


class JobFinding:
    """A :class:`app.shell.places.Finding`."""

    kind = "job"
    title = N_("Job")

    def query(self, services: Services) -> Jobs:
        return Jobs(services.view.scope(), services.installation.kinds, which=Which("persons"), limit=MOST)

    def found(self, rows: tuple[JobRow, ...]) -> Iterator[Found]:
        return (Found(row.id, f"{row.title} {row.about}".strip()) for row in rows)


FINDING = JobFinding()
