"""What an upgrade of a mail server would do, and how long mail stood still in earlier ones; from rows, also offline."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.clock import seconds_between
from backend.mail.requests import UpgradeMail
from backend.mailu.settings import VERSION
from backend.mailu.versions import is_outdated
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession

#: The steps that mail stands still from and runs again after.
FIRST, LAST = "stop", "proof"
PAST_RUNS = 20


@dataclass(frozen=True)
class UpgradePlan:
    """``downtime_s`` is what earlier upgrades took, ``runs`` how many: of this server where ``is_own``, else of others;
    None: there were none.
    """

    server_id: UUID
    server: str
    version: str
    newest: str
    is_outdated: bool
    downtime_s: float | None
    runs: int
    is_own: bool


@dataclass(frozen=True)
class MailUpgrade:
    """Query: the plan for one server; None where it has no mail server."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("mail", "servers", "jobs")

    def run(self, source: Source) -> UpgradePlan | None:
        asked = (
            select(MailServer.version, Server.name)
            .join(Server, MailServer.server_id == Server.id)
            .where(MailServer.server_id == self.server_id, MailServer.state != "removed", Server.gone_at.is_(None))
        )
        with source.store.read(self.scope) as session:
            found = session.execute(asked).first()
        if found is None:
            return None
        with source.store.read(ENGINE_SCOPE) as session:
            downtimes, is_own = _past(session, self.server_id)
        return UpgradePlan(
            server_id=self.server_id,
            server=found.name,
            version=found.version,
            newest=VERSION,
            is_outdated=is_outdated(found.version),
            downtime_s=median(downtimes) if downtimes else None,
            runs=len(downtimes),
            is_own=is_own,
        )


def downtime_of(session: ScopedSession, job_id: UUID) -> float | None:
    """How long mail stood still in an upgrade, tries and kills included; None: it did not come so far."""
    asked = select(JobStep).where(JobStep.job_id == job_id, JobStep.key.in_((FIRST, LAST)))
    steps = {step.key: step for step in session.scalars(asked)}
    begun, ended = steps[FIRST].started_at, steps[LAST].ended_at
    return seconds_between(begun, ended) if begun is not None and ended is not None else None


def _past(session: ScopedSession, server_id: UUID) -> tuple[list[float], bool]:
    """Of the last upgrades that went well, and whether they were of this server."""
    went_well = select(Job.id).where(Job.tenant_id == AGENCY, Job.kind == UpgradeMail.kind, Job.state == "succeeded")
    newest = went_well.order_by(Job.requested_at.desc()).limit(PAST_RUNS)
    for jobs, is_own in ((newest.where(Job.about_id == server_id), True), (newest, False)):
        found = [downtime_of(session, job_id) for job_id in session.scalars(jobs).all()]
        known = [seconds for seconds in found if seconds is not None]
        if known:
            return known, is_own
    return [], False
