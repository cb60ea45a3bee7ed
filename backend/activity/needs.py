"""What jobs need of a person: a decision, or a look at why they failed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from backend.attention import Asked, Need
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.engine.queries import JobRow
from backend.fleet.use import users_of_servers
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import ENGINE_SCOPE

#: A failed job is told of for so long.
FAILED_WITHIN = timedelta(days=14)
STATES = ("waiting_for_you", "failed")


def needs(asked: Asked) -> Iterator[Need]:
    """What awaits approval, and what failed and was not mended."""
    jobs = asked.jobs(*STATES)
    mended, users = _mended(asked, jobs), users_of_servers(asked.source, asked.scope) if jobs else {}
    for row in jobs:
        where = ", ".join(users.get(row.about_id or row.id, ((), ()))[0])
        title = _("{job}: {about}").format(job=row.title, about=row.about) if row.about else row.title
        if row.state == "waiting_for_you":
            detail = _("Awaiting your approval.")
            yield Need("job", row.id, Status.WAITING, title, detail, where, row.requested_at, _("Review"))
        elif row.state == "failed" and row.id not in mended:
            at = row.ended_at or row.requested_at
            if asked.now - at < FAILED_WITHIN:
                yield Need("job", row.id, Status.CRITICAL, title, row.cause, where, at, _("Show reason"))


def _mended(asked: Asked, jobs: tuple[JobRow, ...]) -> frozenset[UUID]:
    """Failed jobs that nobody need look at any more: a later one of their kind went well, or their server is gone."""
    failed = [row for row in jobs if row.state == "failed" and row.about_id is not None]
    about = {row.about_id for row in failed}
    if not about:
        return frozenset()
    later = select(Job.kind, Job.about_id, func.max(Job.requested_at)).where(Job.about_id.in_(about))
    later = later.where(Job.state == "succeeded").group_by(Job.kind, Job.about_id)
    gone = select(Server.id).where(Server.id.in_(about), Server.gone_at.is_not(None))
    with asked.source.store.read(ENGINE_SCOPE) as session:
        good = {(kind, about_id): at for kind, about_id, at in session.execute(later)}
        ended = set(session.scalars(gone))
    return frozenset(
        row.id
        for row in failed
        if row.about_id in ended or good.get((row.kind, row.about_id), row.requested_at) > row.requested_at
    )
