"""What the jobs share that renew a secret of a mail server: the new one is kept before the server has it, the old one
until the new one is proved.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from backend.core.errors import Refused, SecretMissing
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import about_server
from backend.mail.acts.base import managed
from backend.mail.requests import OnMail
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from backend.core.secrets.values import SecretRef, SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.repository import MailRepository, MailSecret
    from backend.store.scope import ScopedSession

R = TypeVar("R", bound=OnMail)


class Renewal(Generic[R]):
    """A :class:`backend.engine.jobs.JobKind`. Stateless, thread-safe.

    The server knows one secret at a time: from the write on it is the new one, and where that is not proved the old one
    is written again. A subclass says which it is (``what``, :meth:`in_use`, :meth:`coming`), how it is written and how
    proved.
    """

    version: ClassVar[int] = 1
    request: ClassVar[type[Any]]
    title: ClassVar[str]
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"
    what: ClassVar[MailSecret]
    letters: ClassVar[int]
    titles: ClassVar[Sequence[str]]  # of the steps make, write, proof and keep

    def __init__(
        self, servers: ServerAccess, secrets: SecretStore, access: MailAccess, repository: MailRepository
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._access = access
        self._repository = repository

    def accept(self, session: ScopedSession, request: R) -> Accepted:
        server, row = about_server(session, request), managed(session, request.server_id)
        if row.state != "running":
            raise Refused(_("The mail server does not run."), remedy=_("Start it first."))
        self.check(row)
        return Accepted(lane=f"mail:{request.server_id}", about=server.about, about_id=server.about_id)

    def steps(self, _request: R) -> Sequence[Step[R]]:
        make, write, proof, keep = self.titles
        return (
            Step("make", make, self._make, 1, undo=self._forget),
            Step("write", write, self._write, 15, undo=self._write_back, goes_back=True),
            *self.waiting(),
            Step("proof", proof, self._prove, 3, goes_back=True),
            Step("keep", keep, self._keep, 1, goes_back=True),
        )

    def check(self, row: MailServer) -> None:
        """:raises Refused: the secret of this one cannot be renewed."""
        raise NotImplementedError

    def waiting(self) -> Sequence[Step[R]]:
        """Until what was written is in force."""
        return ()

    def in_use(self, row: MailServer) -> SecretRef:
        """Where the one of now lies."""
        raise NotImplementedError

    def coming(self, server_id: UUID) -> SecretRef:
        """Where the new one lies until it is proved."""
        raise NotImplementedError

    def put(self, ctx: StepContext[R], secret: Secret) -> None:
        """Let the server have it. May be repeated."""
        raise NotImplementedError

    def put_back(self, ctx: StepContext[R], secret: Secret) -> None:
        """The same with the one of before."""
        self.put(ctx, secret)

    def prove(self, ctx: StepContext[R], secret: Secret) -> str:
        """In words what it was proved by.

        :raises MailyardError: the server does not take it.
        """
        raise NotImplementedError

    def _make(self, ctx: StepContext[R]) -> StepOutcome:
        """Once: a kill after it was written must not make another."""
        if self._next(ctx) is None:
            self._secrets.keep(
                self.coming(ctx.job.request.server_id), Secret(random.token_urlsafe(self.letters)[: self.letters])
            )
        return Done()

    def _forget(self, ctx: StepContext[R]) -> None:
        self._secrets.forget(self.coming(ctx.job.request.server_id))

    def _write(self, ctx: StepContext[R]) -> StepOutcome:
        secret = self._next(ctx)
        if secret is not None:  # else it has become the one that is in use
            self.put(ctx, secret)
        return Done()

    def _write_back(self, ctx: StepContext[R]) -> None:
        """The one that is kept is the old one still; it is good again."""
        if self._next(ctx) is not None:
            self.put_back(ctx, self._kept(ctx))

    def _prove(self, ctx: StepContext[R]) -> StepOutcome:
        return Done(self.prove(ctx, self._next(ctx) or self._kept(ctx)))

    def _keep(self, ctx: StepContext[R]) -> StepOutcome:
        secret = self._next(ctx)
        if secret is not None:
            self._secrets.keep(self.in_use(self._row(ctx)), secret)
            self._repository.renewed(ctx.job.request.server_id, self.what, ctx.now())
            self._forget(ctx)
        return Done()

    def _kept(self, ctx: StepContext[R]) -> Secret:
        return self._secrets.read(self.in_use(self._row(ctx)))

    def _next(self, ctx: StepContext[R]) -> Secret | None:
        try:
            return self._secrets.read(self.coming(ctx.job.request.server_id))
        except SecretMissing:
            return None

    def _row(self, ctx: StepContext[R]) -> MailServer:
        with ctx.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, ctx.job.request.server_id))
