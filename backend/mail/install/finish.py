"""The last steps: the first domain with its administrator, and the proof that the mail server is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.errors import AlreadyThere, OutcomeUnknown
from backend.core.present.text import _
from backend.core.ssh.tunnel import LOOPBACK
from backend.engine.jobs import Done, StepOutcome
from backend.mail.files.watch import accept_all
from backend.mail.install.results import FilesWritten, HostLooked
from backend.mail.refs import admin_ref
from backend.mailu.imap import IMAPS, check_login
from backend.mailu.records import Mailbox, MailDomain
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.repository import MailRepository
    from backend.mail.requests import InstallMail
    from backend.mailu.settings import MailSettings


class FinishSteps:
    """Stateless, thread-safe."""

    def __init__(
        self,
        servers: ServerAccess,
        secrets: SecretStore,
        access: MailAccess,
        repository: MailRepository,
        settings_of: Callable[[StepContext[InstallMail]], MailSettings],
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._access = access
        self._repository = repository
        self._settings_of = settings_of

    def make_admin(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        """By the API, since Mailu's command shows the password in the list of processes. Looks before it makes."""
        settings, server_id = self._settings_of(ctx), ctx.job.request.server_id
        password = self._secrets.read(admin_ref(server_id))
        with self._access.open(server_id, stop=ctx.is_cancelled) as mailu:
            api = mailu.api
            if api.domain(settings.domain) is None:
                api.add_domain(MailDomain(settings.domain))
            if api.mailbox(settings.admin_address) is None:
                try:
                    api.add_mailbox(Mailbox(settings.admin_address, is_admin=True), password)
                except (AlreadyThere, OutcomeUnknown):
                    if api.mailbox(settings.admin_address) is None:
                        raise
            api.set_password(settings.admin_address, password, must_change=False)
        return Done(settings.admin_address)

    def prove(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        """The API lists the administrator, and the administrator reads mail over IMAP with TLS."""
        settings, server_id = self._settings_of(ctx), ctx.job.request.server_id
        pinned = ctx.need("files", FilesWritten).pinned
        with self._servers.session(server_id, stop=ctx.is_cancelled) as ssh:
            password = self._secrets.read(admin_ref(server_id))
            check_login(ssh.dial(LOOPBACK, IMAPS), pinned, settings.admin_address, password, ssh.is_stopped)
        return Done(_("{address} can read mail over IMAP").format(address=settings.admin_address))

    def hand_over(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        request, looked = ctx.job.request, ctx.need("look", HostLooked)
        self._repository.sends(request.server_id, looked.sends, looked.sends_note)
        self._repository.running(ctx, request.server_id, request.domain, request.client or AGENCY)
        with self._servers.session(request.server_id, stop=ctx.is_cancelled) as ssh:
            accept_all(ctx, ssh, request.server_id)
        return Done(_("runs"))
