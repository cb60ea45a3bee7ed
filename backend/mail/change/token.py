"""RenewTokenJob: another token of Mailu's API; kept before it is written, the old one until the new one is proved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from backend.core.present.text import N_, _
from backend.core.secrets.values import SecretRef
from backend.engine.jobs import Done, Step, StepOutcome
from backend.mail.access import no_access
from backend.mail.change.renewal import Renewal
from backend.mail.change.requests import RenewToken
from backend.mail.files.watch import own_writes
from backend.mail.host.docker import ComposeProject
from backend.mail.host.running import wait_until_well
from backend.mail.refs import next_token_ref
from backend.mailu.environment import with_values

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import Secret
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.mail.repository import MailSecret
    from backend.store.schema.mail import MailServer

KEY, ADMIN = "API_TOKEN", "admin"


class RenewTokenJob(Renewal[RenewToken]):
    """Job ``mail.token``: by mailu.env, and anew the container that reads it."""

    request: ClassVar[type[RenewToken]] = RenewToken
    title: ClassVar[str] = N_("Renew the token of Mailu's API")
    what: ClassVar[MailSecret] = "api_token"
    letters: ClassVar[int] = 40
    titles: ClassVar[Sequence[str]] = (
        N_("Keep a new token"),
        N_("Write the new token into mailu.env"),
        N_("Ask the API with the new token"),
        N_("Forget the old token"),
    )

    def check(self, row: MailServer) -> None:
        if not row.api_token_ref:
            raise no_access()

    def waiting(self) -> Sequence[Step[RenewToken]]:
        words = N_("Wait until those that read the token are healthy")
        return (Step("well", words, self._wait, 30, "server", goes_back=True),)

    def in_use(self, row: MailServer) -> SecretRef:
        return SecretRef(row.api_token_ref or "")

    def coming(self, server_id: UUID) -> SecretRef:
        return next_token_ref(server_id)

    def put(self, ctx: StepContext[RenewToken], secret: Secret) -> None:
        """One line, and the one container that reads it (*tried*: the others are made anew at the next whole start)."""
        with self._project(ctx) as (ssh, project):
            path = self._row(ctx).env_file
            with secret.lent() as value, own_writes(ctx, ssh, ctx.job.request.server_id):
                changed = with_values(ssh.get(path).decode(), {KEY}, ((KEY, value),))
                ssh.rewrite(path, changed.encode())
            project.up(ADMIN)

    def put_back(self, ctx: StepContext[RenewToken], secret: Secret) -> None:
        self.put(ctx, secret)
        self._access.trust_again(ctx.job.request.server_id)

    def prove(self, ctx: StepContext[RenewToken], secret: Secret) -> str:
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled, token=secret) as mailu:
            return _("domains: {count}").format(count=len(mailu.api.domains()))

    def _wait(self, ctx: StepContext[RenewToken]) -> StepOutcome:
        with self._project(ctx) as (ssh, project):
            count = wait_until_well(ctx, ssh, project)
        return Done(_("containers that run: {count}").format(count=count))

    @contextmanager
    def _project(self, ctx: StepContext[RenewToken]) -> Iterator[tuple[SshSession, ComposeProject]]:
        row = self._row(ctx)
        with self._servers.session(row.server_id, stop=ctx.is_cancelled) as ssh:
            yield ssh, ComposeProject(ssh, row.project, row.files)
