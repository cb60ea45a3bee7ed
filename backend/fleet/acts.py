"""What every job on a server does first: find its row, and refuse where it is not ours to touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.jobs import Accepted
from backend.fleet.requests import HasServer
from backend.providers.capabilities import demand
from backend.store.schema.fleet import Account, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.store.scope import ScopedSession


def about_server(session: ScopedSession, request: HasServer, *, needs: str = "") -> Accepted:
    """The lane and name of the server a request is about. ``needs`` is a row of the capability matrix.

    :raises Refused: it is unknown, gone, not ours to touch, or its provider cannot do this.
    """
    server = session.get(Server, (AGENCY, request.server_id))
    if server is None or server.gone_at is not None:
        raise Refused(_("This server no longer exists."))
    if not server.is_ours:
        raise Refused(
            _("{name} was not created by Mailyard.").format(name=server.name),
            remedy=_("Mailyard changes a server it did not create only after you start managing it."),
        )
    if needs:
        demand(session.get_one(Account, (AGENCY, server.account_id)).provider, needs)
    return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)


def check_typed(typed_name: str, name: str) -> None:
    """What cannot be taken back, or is not ours yet, is named in full by whoever wants it.

    :raises Refused: it was not.
    """
    if typed_name != name:
        raise Refused(_("The name typed is not {name}.").format(name=name), remedy=_("Type the full name to continue."))


def server_of(ctx: StepContext[HasServer]) -> Server:
    """The row of the server the job is about."""
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Server, (AGENCY, ctx.job.request.server_id))


def machine_id_of(server: Server) -> str:
    """:raises Refused: it never came to be at the provider."""
    if server.provider_id is None:
        raise Refused(_("This server was never created at the provider."))
    return server.provider_id
