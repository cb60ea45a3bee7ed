"""The jobs that take a server we did not make into our hands, and let it go again. Neither calls the provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import check_typed
from backend.fleet.requests import HasServer
from backend.servers.requests import ManageServer, UnmanageServer
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.servers.repository import ServerRepository
    from backend.store.scope import ScopedSession


class ManageServerJob:
    """Job ``server.manage``: from now on it may be switched, resized, kept, named and destroyed; the name is typed.

    Its SSH stays closed to us: we have no key there, and do not ask for one.
    """

    request: ClassVar[type[ManageServer]] = ManageServer
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Start managing")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, repository: ServerRepository) -> None:
        self._repository = repository

    def accept(self, session: ScopedSession, request: ManageServer) -> Accepted:
        server = _there(session, request)
        if server.is_ours:
            raise Refused(_("{name} is already managed by Mailyard.").format(name=server.name))
        check_typed(request.typed_name, server.name)
        return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)

    def steps(self, _request: ManageServer) -> Sequence[Step[ManageServer]]:
        return (Step("adopt", N_("Put the server under management"), self._adopt, 1, undo=self._let_go),)

    def _adopt(self, ctx: StepContext[ManageServer]) -> StepOutcome:
        self._repository.handed(ctx, ctx.job.request.server_id, to_us=True)
        return Done(_("nothing was sent to the provider"))

    def _let_go(self, ctx: StepContext[ManageServer]) -> None:
        self._repository.handed(ctx, ctx.job.request.server_id, to_us=False)


class UnmanageServerJob:
    """Job ``server.unmanage``: an adopted server is left alone again. One that we made stays ours."""

    request: ClassVar[type[UnmanageServer]] = UnmanageServer
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Stop managing")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, repository: ServerRepository) -> None:
        self._repository = repository

    def accept(self, session: ScopedSession, request: UnmanageServer) -> Accepted:
        server = _there(session, request)
        if not server.is_ours or server.host_key or server.life != "active":
            raise Refused(
                _("{name} is not managed by Mailyard.").format(name=server.name),
                remedy=_("Only a managed server that was not created by Mailyard can be released from management."),
            )
        return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)

    def steps(self, _request: UnmanageServer) -> Sequence[Step[UnmanageServer]]:
        return (Step("release", N_("Release the server from management"), self._release, 1),)

    def _release(self, ctx: StepContext[UnmanageServer]) -> StepOutcome:
        self._repository.handed(ctx, ctx.job.request.server_id, to_us=False)
        return Done(_("nothing was sent to the provider"))


def _there(session: ScopedSession, request: HasServer) -> Server:
    """:raises Refused: it is gone."""
    server = session.get(Server, (AGENCY, request.server_id))
    if server is None or server.gone_at is not None:
        raise Refused(_("This server no longer exists."))
    return server
