"""What is accepted of a mail server's files, what was seen of them last, and what jobs of ours write into them.

A row keeps three sets of digests: those ``accepted``, those ``seen`` last, and those from ``before`` a job of ours
wrote. What that job changed is accepted, however it ends: by itself, or, where it was ended before it could say so, by
the next look after its end. What somebody else changed is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import MailyardError
from backend.mail.files.digests import with_own
from backend.mail.files.look import look
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.mail.files.digests import Digests
    from backend.store.database import Store
    from backend.store.scope import ScopedSession


@contextmanager
def own_writes(ctx: StepContext[object], ssh: SshSession, server_id: UUID) -> Iterator[None]:
    """Around whatever a job writes into the files; may be repeated, and be in vain: then the next look makes up for it.

    :raises SshError: the files cannot be read; nothing was written yet, or all was.
    """
    _begin(ctx, ssh, server_id)
    try:
        yield
    except BaseException:
        with suppress(MailyardError):
            _end(ctx, ssh, server_id)
        raise
    _end(ctx, ssh, server_id)


def accept_all(ctx: StepContext[object], ssh: SshSession, server_id: UUID) -> None:
    """The files as they are now: they were just written, or agreed to."""
    now = look(ssh, _read(ctx.store, server_id))
    with ctx.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, server_id))
        row.files_accepted, row.files_seen, row.files_before, row.files_job = now, now, None, None


def look_again(store: Store, ssh: SshSession, server_id: UUID) -> None:
    """See what its files say now. Not while a job of ours is at them, nor where one was in the meantime."""
    row = _read(store, server_id)
    if _is_under_way(store, row):
        return
    now = look(ssh, row)
    with store.write(ENGINE_SCOPE) as session:
        again = session.get_one(MailServer, (AGENCY, server_id))
        if _kept(again) == _kept(row):
            _settle(again, now)


def watched(session: ScopedSession) -> Sequence[tuple[UUID, str]]:
    """The mail servers whose files can be looked at, with their names, in order."""
    rows = (
        select(MailServer.server_id, Server.name)
        .join(Server, MailServer.server_id == Server.id)
        .where(
            MailServer.state.in_(("running", "stopped")),
            Server.gone_at.is_(None),
            Server.life == "active",
            Server.host_key.is_not(None),
        )
        .order_by(Server.name)
    )
    return session.execute(rows).tuples().all()


def _begin(ctx: StepContext[object], ssh: SshSession, server_id: UUID) -> None:
    """Once for each job: what a kill left half written is no state of before."""
    row = _read(ctx.store, server_id)
    if row.files_job == ctx.job.id:
        return
    now = look(ssh, row)
    with ctx.store.write(ENGINE_SCOPE) as session:
        again = session.get_one(MailServer, (AGENCY, server_id))
        _settle(again, now)
        again.files_before, again.files_job = now, ctx.job.id


def _end(ctx: StepContext[object], ssh: SshSession, server_id: UUID) -> None:
    now = look(ssh, _read(ctx.store, server_id))
    with ctx.store.write(ENGINE_SCOPE) as session:
        _settle(session.get_one(MailServer, (AGENCY, server_id)), now)


def _settle(row: MailServer, now: Digests) -> None:
    """What was seen first is accepted, and what the job that wrote before changed."""
    accepted = now if row.files_accepted is None else row.files_accepted
    if row.files_before is not None:
        accepted = with_own(accepted, row.files_before, now)
    row.files_accepted, row.files_seen = dict(accepted), dict(now)
    row.files_before, row.files_job = None, None


def _is_under_way(store: Store, row: MailServer) -> bool:
    if row.files_job is None:
        return False
    with store.read(ENGINE_SCOPE) as session:
        job = session.get(Job, (AGENCY, row.files_job))
    return job is not None and job.ended_at is None


def _kept(row: MailServer) -> tuple[object, ...]:
    return row.files_accepted, row.files_seen, row.files_before, row.files_job


def _read(store: Store, server_id: UUID) -> MailServer:
    with store.read(ENGINE_SCOPE) as session:
        return session.get_one(MailServer, (AGENCY, server_id))
