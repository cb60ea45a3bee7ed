"""What all jobs on a running mail server share: one change by its API, and what it then has, read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import about_server
from backend.mail.access import no_access
from backend.mail.requests import OnMail
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.mail.access import MailAccess, OpenMailu
    from backend.mail.contents import MailContents
    from backend.store.scope import ScopedSession

R = TypeVar("R", bound=OnMail)


class MailAct(Generic[R]):
    """A job of one change. A subclass says what it is called (``named``), what it refuses, and what it does; ``doing``
    is the title of that step.

    Stateless, thread-safe.
    """

    version: ClassVar[int] = 1
    request: ClassVar[type[Any]]
    title: ClassVar[str]
    doing: ClassVar[str] = ""
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, access: MailAccess, contents: MailContents, secrets: SecretStore) -> None:
        self._access = access
        self._contents = contents
        self._secrets = secrets

    def accept(self, session: ScopedSession, request: R) -> Accepted:
        server = about_server(session, request)
        running(session, request.server_id)
        self.check(session, request)
        about = self.named(request) or server.about
        return Accepted(lane=f"mail:{request.server_id}", about=about, about_id=server.about_id)

    def steps(self, _request: R) -> Sequence[Step[R]]:
        return (self.changing(), self.reading())

    def changing(self) -> Step[R]:
        return Step("change", self.doing, self._change, 3)

    def reading(self) -> Step[R]:
        return Step("read", N_("Read back what the mail server has"), self._read, 3)

    def named(self, request: R) -> str:
        """What the list of jobs says it is about; empty: the server."""
        raise NotImplementedError

    def check(self, session: ScopedSession, request: R) -> None:
        """:raises Refused: with what to change."""
        raise NotImplementedError

    def change(self, ctx: StepContext[R], mailu: OpenMailu) -> str:
        """Do it, whatever of it was done before; in words what came of it."""
        raise NotImplementedError

    def _change(self, ctx: StepContext[R]) -> StepOutcome:
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled) as mailu:
            return Done(self.change(ctx, mailu))

    def _read(self, ctx: StepContext[R]) -> StepOutcome:
        server_id = ctx.job.request.server_id
        with self._access.open(server_id, stop=ctx.is_cancelled) as mailu:
            told = self._contents.read(mailu.api)
        self._contents.keep(server_id, told, ctx.now())
        counted = _("domains: {domains}, mailboxes: {mailboxes}, aliases: {aliases}")
        return Done(counted.format(domains=len(told.domains), mailboxes=len(told.mailboxes), aliases=len(told.aliases)))


def running(session: ScopedSession, server_id: UUID) -> MailServer:
    """:raises Refused: no mail server of ours runs there."""
    row = session.get(MailServer, (AGENCY, server_id))
    if row is None or row.state not in ("running", "upgrading", "stopped"):
        raise Refused(_("This server has no mail server."), remedy=_("Install one first."))
    return row


def managed(session: ScopedSession, server_id: UUID) -> MailServer:
    """:raises Refused: no mail server of ours runs there, or one that was adopted to be watched only."""
    row = running(session, server_id)
    if row.is_adopted and not row.api_token_ref:
        raise no_access()
    return row
