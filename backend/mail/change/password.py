"""RenewPasswordJob: another password of the administrator's mailbox; the old one until the new one is proved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.core.secrets.values import SecretRef
from backend.core.ssh.tunnel import LOOPBACK
from backend.engine.payload import from_plain
from backend.mail.change.renewal import Renewal
from backend.mail.change.requests import RenewPassword
from backend.mail.refs import next_admin_ref
from backend.mailu.certificate import fingerprint_of
from backend.mailu.imap import IMAPS, check_login
from backend.mailu.settings import MailSettings

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import Secret
    from backend.engine.context import StepContext
    from backend.mail.repository import MailSecret
    from backend.store.schema.mail import MailServer


class RenewPasswordJob(Renewal[RenewPassword]):
    """Job ``mail.admin_password``: by the API, since Mailu's command shows the password in the list of processes."""

    request: ClassVar[type[RenewPassword]] = RenewPassword
    title: ClassVar[str] = N_("Renew the administrator's password")
    what: ClassVar[MailSecret] = "admin"
    letters: ClassVar[int] = 24
    titles: ClassVar[Sequence[str]] = (
        N_("Keep a new password"),
        N_("Give the administrator's mailbox the new password"),
        N_("Log in with the new password over IMAP"),
        N_("Forget the old password"),
    )

    def check(self, row: MailServer) -> None:
        if not (row.admin_ref and row.settings and row.certificate):
            raise Refused(
                _("Mailyard does not know the password of this mail server's administrator."),
                remedy=_("It was set up by somebody else: reset the password of that mailbox on the Mail page."),
            )

    def in_use(self, row: MailServer) -> SecretRef:
        return SecretRef(row.admin_ref or "")

    def coming(self, server_id: UUID) -> SecretRef:
        return next_admin_ref(server_id)

    def put(self, ctx: StepContext[RenewPassword], secret: Secret) -> None:
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled) as mailu:
            mailu.api.set_password(_administrator(self._row(ctx)), secret, must_change=False)

    def prove(self, ctx: StepContext[RenewPassword], secret: Secret) -> str:
        row = self._row(ctx)
        address = _administrator(row)
        with self._servers.session(row.server_id, stop=ctx.is_cancelled) as ssh:
            channel = ssh.dial(LOOPBACK, IMAPS)
            check_login(channel, fingerprint_of(row.certificate), address, secret, ssh.is_stopped)
        return _("{address} can read mail over IMAP").format(address=address)


def _administrator(row: MailServer) -> str:
    return from_plain(MailSettings, row.settings or {}).admin_address
