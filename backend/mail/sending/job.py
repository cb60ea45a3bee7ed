"""SetSmartHostJob: how mail leaves a server. Tried first, then changed, then proved by a message.

The walk of its data: request -> job -> mailu.env and postfix.cf on the server -> row ``mail_server`` -> topic *mail*.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import ProviderUnavailable, Refused
from backend.core.present.text import N_, _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import from_plain
from backend.fleet.acts import about_server
from backend.mail.acts.base import managed
from backend.mail.addresses import check_address
from backend.mail.files.watch import own_writes
from backend.mail.host import docker, fitness
from backend.mail.requests import SetSmartHost
from backend.mail.sending import message
from backend.mail.sending.trial import try_smart_host
from backend.mail.sending.ways import way_out
from backend.mailu.environment import SENDING, sending, with_values
from backend.mailu.files import postfix_path, with_wrapping
from backend.mailu.settings import MailSettings, check_settings
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.repository import MailRepository
    from backend.mailu.settings import SmartHost
    from backend.store.scope import ScopedSession

WELL_EVERY_S, WELL_LIMIT_S = 2.0, 180.0
SMTP = "smtp"


class SetSmartHostJob:
    """A :class:`backend.engine.jobs.JobKind`. Stateless, thread-safe. ``outside`` are mail servers of others that port
    25 is tried with.
    """

    request: ClassVar[type[SetSmartHost]] = SetSmartHost
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Change how mail leaves")
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"

    def __init__(
        self,
        servers: ServerAccess,
        secrets: SecretStore,
        repository: MailRepository,
        outside: Callable[[], Sequence[str]],
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._repository = repository
        self._outside = outside

    def accept(self, session: ScopedSession, request: SetSmartHost) -> Accepted:
        server = about_server(session, request)
        row = managed(session, request.server_id)
        if row.settings is None:
            raise Refused(
                _("How this mail server was set up is not known."), remedy=_("Mailyard changes only what it set up.")
            )
        check_settings(replace(from_plain(MailSettings, row.settings), smart_host=request.smart_host))
        if request.test_to:
            check_address(request.test_to)
        return Accepted(lane=f"mail:{request.server_id}", about=server.about, about_id=server.about_id)

    def steps(self, _request: SetSmartHost) -> Sequence[Step[SetSmartHost]]:
        return (
            Step("try", N_("Try the smart host from the mail server"), self._try, 10, undo=self._forget),
            Step("change", N_("Change how Postfix sends"), self._change, 10, undo=self._change_back),
            Step("well", N_("Wait until Postfix is healthy"), self._wait, 20, "server"),
            Step("message", N_("Send a test message"), self._send, 10),
            Step("note", N_("Note how mail leaves"), self._note, 2),
        )

    def _try(self, ctx: StepContext[SetSmartHost]) -> StepOutcome:
        request, settings = ctx.job.request, self._settings(ctx)
        smart_host = request.smart_host
        if smart_host is None:
            return Done(_("mail is to leave by itself"))
        with self._servers.session(request.server_id, stop=ctx.is_cancelled) as ssh:
            password = self._password(smart_host)
            try_smart_host(ssh, smart_host, password, sender=settings.admin_address, recipient=request.test_to)
        return Done(_("{host} lets us in").format(host=smart_host.host))

    def _forget(self, ctx: StepContext[SetSmartHost]) -> None:
        """The password that came with the request, where it is not the one of before."""
        asked, before = ctx.job.request.smart_host, self._settings(ctx).smart_host
        if asked is not None and asked.password_ref and (before is None or before.password_ref != asked.password_ref):
            self._secrets.forget(SecretRef(asked.password_ref))

    def _change(self, ctx: StepContext[SetSmartHost]) -> StepOutcome:
        """Only the lines that say how mail leaves, and only the container that reads them."""
        self._send_through(ctx, ctx.job.request.smart_host)
        return Done()

    def _change_back(self, ctx: StepContext[SetSmartHost]) -> None:
        """The row says still what was before."""
        self._send_through(ctx, self._settings(ctx).smart_host)

    def _send_through(self, ctx: StepContext[SetSmartHost], smart_host: SmartHost | None) -> None:
        password = self._password(smart_host) if smart_host is not None else Secret("")
        row = self._row(ctx)
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            env = ssh.get(row.env_file).decode()
            changed = with_values(env, SENDING, sending(smart_host, password))
            with own_writes(ctx, ssh, row.server_id):
                ssh.rewrite(row.env_file, changed.encode())
                _wrap(ssh, postfix_path(row.root), smart_host)
            self._project(ctx, ssh).up(SMTP)

    def _wait(self, ctx: StepContext[SetSmartHost]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:

            def look() -> bool | None:
                return (
                    any(each.service == SMTP and each.is_well for each in self._project(ctx, ssh).containers()) or None
                )

            if ctx.poll(look, every_s=WELL_EVERY_S, limit_s=WELL_LIMIT_S) is None:
                raise ProviderUnavailable(
                    _("The container {name} does not become healthy.").format(name=SMTP),
                    remedy=_("Roll back: mail then leaves as it did before."),
                )
        return Done()

    def _send(self, ctx: StepContext[SetSmartHost]) -> StepOutcome:
        request, settings = ctx.job.request, self._settings(ctx)
        if not request.test_to:
            return Done(_("nobody was named to send one to"))
        with self._servers.session(request.server_id, stop=ctx.is_cancelled) as ssh:
            ended = message.prove(ctx, ssh, self._project(ctx, ssh), settings, recipient=request.test_to)
        return Done(_("taken by {relay}: {words}").format(relay=ended.relay, words=ended.words))

    def _note(self, ctx: StepContext[SetSmartHost]) -> StepOutcome:
        """Without a smart host the way out is asked of the server, as when it was set up."""
        request, before = ctx.job.request, self._settings(ctx)
        after = replace(before, smart_host=request.smart_host)
        tried: dict[str, str] = {}
        if request.smart_host is None:
            with self._servers.session(request.server_id, stop=ctx.is_cancelled) as ssh:
                tried = fitness.look(ssh, self._outside()).mail_25
        sends, note = way_out(tried, after)
        self._repository.sends_through(request.server_id, after, sends, note)
        old = before.smart_host
        kept = request.smart_host.password_ref if request.smart_host is not None else ""
        if old is not None and old.password_ref and old.password_ref != kept:
            self._secrets.forget(SecretRef(old.password_ref))
        return Done(note)

    def _settings(self, ctx: StepContext[SetSmartHost]) -> MailSettings:
        """Those that are known to be in force."""
        return from_plain(MailSettings, self._row(ctx).settings or {})

    def _row(self, ctx: StepContext[SetSmartHost]) -> MailServer:
        with ctx.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, ctx.job.request.server_id))

    def _project(self, ctx: StepContext[SetSmartHost], ssh: SshSession) -> docker.ComposeProject:
        row = self._row(ctx)
        return docker.ComposeProject(ssh, row.project, row.files)

    def _password(self, smart_host: SmartHost) -> Secret:
        return self._secrets.read(SecretRef(smart_host.password_ref)) if smart_host.password_ref else Secret("")


def _wrap(ssh: SshSession, path: str, smart_host: SmartHost | None) -> None:
    found = ssh.run(f"cat {shlex.quote(path)}")
    is_there = found.exit_code == 0
    before = found.stdout if is_there else ""
    after = with_wrapping(before, smart_host)
    if after != before and is_there:
        ssh.rewrite(path, after.encode())
    elif after != before:
        ssh.put(path, after.encode(), mode=0o644)
