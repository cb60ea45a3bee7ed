"""Job ``server.rotate_key``: another SSH login key for a server, proved before the one of before ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import HostUnreachable, LoginRefused, Refused, SecretMissing
from backend.core.present.text import N_, _
from backend.core.secrets.values import SecretRef
from backend.core.ssh.keys import fingerprint, new_key_pair, public_half
from backend.engine.jobs import ENDED, Accepted, Done, Owner, Step, StepOutcome, WaitUntil
from backend.engine.payload import Result
from backend.fleet.acts import about_server, server_of
from backend.servers.provision.naming import former_login_refs, login_ref, next_login_ref
from backend.servers.requests import RotateLoginKey
from backend.store.schema.fleet import Server, Snapshot
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import Secret, SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.servers.repository import ServerRepository
    from backend.store.scope import ScopedSession

AUTHORIZED = "/root/.ssh/authorized_keys"
COMMENT = "mailyard"
LINE = re.compile(r"[^\n]*\n|[^\n]+")
MOST_OVERLAP_HOURS = 7 * 24
SILENT_LOOK, LONGEST_SILENCE = timedelta(minutes=30), timedelta(days=3)


@dataclass(frozen=True)
class KeyInUse(Result):
    """Since when the new key is the one that Mailyard logs in with."""

    at: datetime


class RotateLoginKeyJob:
    """A :class:`backend.engine.jobs.JobKind`. At each moment the key that is kept as the server's opens it: the new one
    is authorized and proved before it is, the old one taken away after.

    Keys of before stay in the secret store while there are snapshots: a restored one knows no other.
    """

    request: ClassVar[type[RotateLoginKey]] = RotateLoginKey
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Renew SSH key")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, servers: ServerAccess, secrets: SecretStore, repository: ServerRepository) -> None:
        self._servers, self._secrets, self._repository = servers, secrets, repository

    def accept(self, session: ScopedSession, request: RotateLoginKey) -> Accepted:
        """In a lane of its own where the old key stays valid: nothing else of the server waits a day for that."""
        accepted = about_server(session, request)
        server = session.get_one(Server, (AGENCY, request.server_id))
        if not (server.ssh_key_ref and server.host_key) or server.life != "active":
            raise Refused(
                _("Mailyard has no SSH access to this server."),
                remedy=_("Only servers created by Mailyard are accessible."),
            )
        if not 0 <= request.overlap_hours <= MOST_OVERLAP_HOURS:
            raise Refused(_("The old key may stay valid for at most {n} hours.").format(n=MOST_OVERLAP_HOURS))
        running = select(Job.id).where(Job.kind == request.kind, Job.about_id == server.id, Job.state.not_in(ENDED))
        if session.scalars(running).first() is not None:
            raise Refused(
                _("The SSH key of {name} is being renewed already.").format(name=server.name),
                remedy=_(
                    "After a restored snapshot: cancel that job, then renew again. It enters by the key of before."
                ),
            )
        return accepted if not request.overlap_hours else Accepted(f"key:{server.id}", server.name, server.id)

    def steps(self, _request: RotateLoginKey) -> Sequence[Step[RotateLoginKey]]:
        return (
            Step("make", N_("Create the new SSH key"), self._make, 1, undo=self._forget_next),
            Step("allow", N_("Allow the new key on the server"), self._allow, 3, "server", undo=self._disallow),
            Step("prove", N_("Log in with the new key"), self._prove, 3, "server"),
            Step("use", N_("Use the new key from now on"), self._use, 1),
            Step("end", N_("Remove the old key from the server"), self._end, 3, "server"),
        )

    def _make(self, ctx: StepContext[RotateLoginKey]) -> StepOutcome:
        """What a run before left is used, unless it is in use already: then that run came further than it could say."""
        server_id = ctx.job.request.server_id
        ref = next_login_ref(server_id)
        made = self._kept(ref)
        if made is None or made == self._kept(login_ref(server_id)):
            made = new_key_pair().private
            self._secrets.keep_all({ref: made})
        return Done(fingerprint(public_half(made)))

    def _forget_next(self, ctx: StepContext[RotateLoginKey]) -> None:
        self._secrets.forget(next_login_ref(ctx.job.request.server_id))

    def _allow(self, ctx: StepContext[RotateLoginKey]) -> StepOutcome:
        wanted = public_half(self._secrets.read(next_login_ref(ctx.job.request.server_id)))
        with self._entered(ctx) as ssh:
            lines = _lines(ssh)
            if not any(_is_of(line, {wanted}) for line in lines):
                end = "\n" if lines and not lines[-1].endswith("\n") else ""
                _write(ssh, [*lines, f"{end}{wanted} {COMMENT}\n"])
        return Done()

    def _disallow(self, ctx: StepContext[RotateLoginKey]) -> None:
        """Not once it is the server's own."""
        server_id = ctx.job.request.server_id
        made = self._kept(next_login_ref(server_id))
        if made is not None and made != self._kept(login_ref(server_id)):
            with self._entered(ctx) as ssh:
                _remove(ssh, {public_half(made)})

    def _prove(self, ctx: StepContext[RotateLoginKey]) -> StepOutcome:
        with self._by(ctx, next_login_ref(ctx.job.request.server_id)) as ssh:
            ssh.check("true")
        return Done(_("the server lets us in with it"))

    def _use(self, ctx: StepContext[RotateLoginKey]) -> StepOutcome:
        """In one change of the store the new key is the server's and the old one the newest of those before."""
        server_id = ctx.job.request.server_id
        login, coming = login_ref(server_id), next_login_ref(server_id)
        made = self._kept(coming)
        if made is not None and made != self._kept(login):
            former = [self._secrets.read(_ref_of(server_of(ctx))), *self._former(server_id)]
            self._secrets.keep_all({login: made, **dict(zip(former_login_refs(server_id), former, strict=False))})
        self._secrets.forget(coming)
        self._repository.login_key_renewed(ctx, server_id, login, fingerprint(public_half(self._secrets.read(login))))
        return Done("", KeyInUse(ctx.now()))

    def _end(self, ctx: StepContext[RotateLoginKey]) -> StepOutcome:
        """Whoever held the old key has had time to read the new one; it leaves the server, never anybody else's.

        A server that does not answer then is asked again for days, in a lane of its own. Without an overlap the job has
        the server's lane, in which whatever switches the server on would wait for it: there it fails.
        """
        server, overlap = server_of(ctx), timedelta(hours=ctx.job.request.overlap_hours)
        if server.gone_at is not None:
            return Done(_("the server is gone"))
        at = ctx.need("use", KeyInUse).at + overlap
        if ctx.now() < at:
            return WaitUntil(at, _("the old key stays valid for connections that still use it"))
        try:
            return self._end_former(ctx, server)
        except HostUnreachable as error:
            if not overlap or ctx.now() >= at + LONGEST_SILENCE:
                raise
            return WaitUntil(ctx.now() + SILENT_LOOK, error.title)

    def _end_former(self, ctx: StepContext[RotateLoginKey], server: Server) -> StepOutcome:
        former = self._former(server.id)
        with self._by(ctx, login_ref(server.id)) as ssh:
            _remove(ssh, {public_half(each) for each in former})
        with self._by(ctx, login_ref(server.id)) as ssh:
            ssh.check("true")
        if not _has_snapshots(ctx, server):
            self._secrets.forget_all(former_login_refs(server.id))
        return Done(_("only the new key opens the server"))

    def _entered(self, ctx: StepContext[RotateLoginKey]) -> SshSession:
        """By the key of now, else by one of before: the server may be back at a snapshot that knows only that."""
        server = server_of(ctx)
        session = self._by(ctx, _ref_of(server))
        try:
            session.connect()
            return session
        except LoginRefused:
            for ref in former_login_refs(server.id):
                with suppress(SecretMissing, LoginRefused):
                    session = self._by(ctx, ref)
                    session.connect()
                    return session
            raise

    def _by(self, ctx: StepContext[RotateLoginKey], key: SecretRef) -> SshSession:
        server = server_of(ctx)
        return self._servers.at(
            server.address or "", server.ssh_user, key, (server.host_key or "",), stop=ctx.is_cancelled
        )

    def _kept(self, ref: SecretRef) -> Secret | None:
        try:
            return self._secrets.read(ref)
        except SecretMissing:
            return None

    def _former(self, server_id: UUID) -> list[Secret]:
        """The newest first."""
        kept = [self._kept(ref) for ref in former_login_refs(server_id)]
        return [each for each in kept if each is not None]


def _ref_of(server: Server) -> SecretRef:
    """Where the key of now lies."""
    return SecretRef(server.ssh_key_ref or "")


def _lines(ssh: SshSession) -> list[str]:
    """Each with its end, as sshd(8) reads them: to a line feed and at nothing else. The last may have none."""
    return LINE.findall(ssh.get(AUTHORIZED).decode(errors="surrogateescape"))


def _is_of(line: str, public: set[str]) -> bool:
    """Whether a line of authorized_keys (sshd(8)) is for one of these keys, whatever options stand before it."""
    words = line.split()
    return not line.lstrip().startswith("#") and any(each.split()[1] in words for each in public)


def _remove(ssh: SshSession, public: set[str]) -> None:
    lines = _lines(ssh)
    left = [line for line in lines if not _is_of(line, public)]
    if left != lines:
        _write(ssh, left)


def _write(ssh: SshSession, lines: Sequence[str]) -> None:
    """Whole or not at all: the file is what lets us in."""
    ssh.put(AUTHORIZED, "".join(lines).encode(errors="surrogateescape"), mode=0o600)


def _has_snapshots(ctx: StepContext[RotateLoginKey], server: Server) -> bool:
    wanted = select(Snapshot.provider_id).where(Snapshot.server_id == server.id, Snapshot.gone_at.is_(None))
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.scalars(wanted).first() is not None
