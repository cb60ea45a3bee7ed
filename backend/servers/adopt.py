"""The jobs that take a server we did not make into our hands, and let it go again. Neither calls the provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.servers.acting import check_typed
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.servers.records import Records
    from backend.store.scope import ScopedSession


class AdoptServer:
    """Job ``server.adopt``: from now on it may be switched, resized, kept, named and destroyed; the name is typed.

    Its SSH stays closed to us: we have no key there, and do not ask for one.
    """

    name: ClassVar[str] = "server.adopt"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Adopt server")
    priority: ClassVar[int] = 3

    def __init__(self, records: Records) -> None:
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        server = _there(session, wish)
        if server.is_ours:
            raise Refused(_("{name} is in Mailyard's hands already.").format(name=server.name))
        check_typed(wish, server.name)
        return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("adopt", N_("Write it down"), self._adopt, 1, undo=self._let_go),)

    def _adopt(self, ctx: StepContext) -> StepOutcome:
        self._records.handed(ctx, _number(ctx.job.wish), to_us=True)
        return Done(_("nothing was sent to the provider"))

    def _let_go(self, ctx: StepContext) -> None:
        self._records.handed(ctx, _number(ctx.job.wish), to_us=False)


class ReleaseServer:
    """Job ``server.release``: an adopted server is left alone again. One that we made stays ours."""

    name: ClassVar[str] = "server.release"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Let server go")
    priority: ClassVar[int] = 3

    def __init__(self, records: Records) -> None:
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        server = _there(session, wish)
        if not server.is_ours or server.host_key or server.life != "active":
            raise Refused(
                _("{name} was not adopted.").format(name=server.name),
                remedy=_("Only a server that Mailyard did not make, and adopted, can be let go."),
            )
        return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("release", N_("Write it down"), self._release, 1),)

    def _release(self, ctx: StepContext) -> StepOutcome:
        self._records.handed(ctx, _number(ctx.job.wish), to_us=False)
        return Done(_("nothing was sent to the provider"))


def _number(wish: Mapping[str, Any]) -> UUID:
    return UUID(str(wish["server_id"]))


def _there(session: ScopedSession, wish: Mapping[str, Any]) -> Server:
    """:raises Refused: it is gone."""
    server = session.get(Server, (AGENCY, _number(wish)))
    if server is None or server.gone_at is not None:
        raise Refused(_("This server no longer exists."))
    return server
