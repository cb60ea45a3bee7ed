"""PowerMailJob: the containers of a mail server are stopped, started, or started anew; the server itself goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import about_server
from backend.mail.acts.base import managed
from backend.mail.change.requests import PowerAct, PowerMail
from backend.mail.host.docker import ComposeProject
from backend.mail.host.running import wait_until_well
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.repository import MailRepository
    from backend.store.scope import ScopedSession

TITLES: Mapping[PowerAct, str] = {
    "start": N_("Start the mail server"),
    "stop": N_("Stop the mail server"),
    "restart": N_("Restart the mail server"),
}


class PowerMailJob:
    """A :class:`backend.engine.jobs.JobKind`. Stateless, thread-safe."""

    request: ClassVar[type[PowerMail]] = PowerMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Stop or start the mail server")
    titles: ClassVar[tuple[str, ...]] = tuple(TITLES.values())
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, servers: ServerAccess, repository: MailRepository) -> None:
        self._servers = servers
        self._repository = repository

    def accept(self, session: ScopedSession, request: PowerMail) -> Accepted:
        server = about_server(session, request)
        managed(session, request.server_id)
        lane = f"mail:{request.server_id}"
        return Accepted(lane=lane, about=server.about, about_id=server.about_id, title=TITLES[request.act])

    def steps(self, request: PowerMail) -> Sequence[Step[PowerMail]]:
        if request.act == "stop":
            return (Step("stop", N_("Stop the containers"), self._stop, 15),)
        act = (
            Step("start", N_("Start the stopped containers"), self._start, 20, halts=True)
            if request.act == "start"
            else Step("restart", N_("Start the containers anew"), self._restart, 30, halts=True)
        )
        return (act, Step("well", N_("Wait until all that was started is healthy"), self._wait, 60, "server"))

    def _stop(self, ctx: StepContext[PowerMail]) -> StepOutcome:
        """Noted first: what is stopped on purpose is not reported as ill. Without containers it stays stopped over a
        reboot; what they keep in folders stays.
        """
        self._repository.stands(ctx.job.request.server_id, "stopped")
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            self._project(ctx, ssh).down(removes=not self._row(ctx).is_adopted)
        return Done()

    def _start(self, ctx: StepContext[PowerMail]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            self._project(ctx, ssh).up()
        return Done()

    def _restart(self, ctx: StepContext[PowerMail]) -> StepOutcome:
        """Also what was not there at all."""
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            project = self._project(ctx, ssh)
            project.restart()
            project.up()
        return Done()

    def _wait(self, ctx: StepContext[PowerMail]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            count = wait_until_well(ctx, ssh, self._project(ctx, ssh))
        self._repository.stands(ctx.job.request.server_id, "running")
        return Done(_("containers that run: {count}").format(count=count))

    def _project(self, ctx: StepContext[PowerMail], ssh: SshSession) -> ComposeProject:
        row = self._row(ctx)
        return ComposeProject(ssh, row.project, row.files)

    def _row(self, ctx: StepContext[PowerMail]) -> MailServer:
        with ctx.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, ctx.job.request.server_id))
