"""The steps before any file of Mailu is written: is the server fit, is it safe, has it Docker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.present.text import _
from backend.engine.jobs import Done, StepOutcome
from backend.mail.host import docker, fitness, hardening
from backend.mail.install.results import HostLooked
from backend.mail.sending.ways import way_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.requests import InstallMail
    from backend.mailu.settings import MailSettings

#: Programs that listen on Mailu's ports when an earlier run of the job came that far.
OURS = frozenset({"docker-proxy"})


class PrepareSteps:
    """Stateless, thread-safe. ``outside`` are mail servers of others that port 25 is tried with, ``docker_key`` is the
    fingerprint of the key of Docker's repository.
    """

    def __init__(
        self,
        servers: ServerAccess,
        settings_of: Callable[[StepContext[InstallMail]], MailSettings],
        outside: Callable[[], Sequence[str]],
        docker_key: str,
    ) -> None:
        self._servers = servers
        self._settings_of = settings_of
        self._outside = outside
        self._docker_key = docker_key

    def look(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        """Ask the server; nothing is changed."""
        settings = self._settings_of(ctx)
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            facts = fitness.look(ssh, self._outside())
        fitness.check_fitness(
            facts, has_antivirus=settings.has_antivirus, ports=settings.ports, ours=OURS, now=ctx.now()
        )
        sends, note = way_out(facts.mail_25, settings)
        ctx.say(note)
        return Done(note, HostLooked(facts.system, facts.codename, facts.console, facts.ssh_port, sends, note))

    def harden(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        settings, looked = self._settings_of(ctx), ctx.need("look", HostLooked)
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            plan = hardening.HardeningPlan(settings.ports, looked.ssh_port, looked.console)
            hardening.harden(ssh, plan, ctx.poll)
        return Done(_("packet filter, fail2ban and a lasting journal"))

    def install_docker(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        looked = ctx.need("look", HostLooked)
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            if docker.has_docker(ssh):
                return Done(_("Docker is there already"))
            docker.install_docker(ssh, looked.system, looked.codename, self._docker_key, ctx.poll)
        return Done(_("Docker installed from its own repository"))
