"""What every job on a server at a provider does: find its row, follow an action, wait until it is as wished."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from backend.core.errors import HostUnreachable, ProviderRefused, Refused
from backend.core.present.text import _
from backend.engine.jobs import Accepted
from backend.providers.capabilities import demand
from backend.store.schema.fleet import Account, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.providers.ports import ActionState, ComputeProvider, Machine
    from backend.store.scope import ScopedSession

ACTION_LIMIT_S, LOOK_EVERY_S, BACK_LIMIT_S = 300.0, 1.0, 180.0


def about_server(session: ScopedSession, wish: Mapping[str, Any], *, needs: str = "") -> Accepted:
    """The lane and name of the server a wish is about. ``needs`` is a row of the capability matrix.

    :raises Refused: it is unknown, gone, not ours to touch, or its provider cannot do this.
    """
    server = session.get(Server, (AGENCY, UUID(str(wish.get("server_id")))))
    if server is None or server.gone_at is not None:
        raise Refused(_("This server no longer exists."))
    if not server.is_ours:
        raise Refused(
            _("{name} was not made by Mailyard.").format(name=server.name),
            remedy=_("Mailyard touches a server it did not make only once you have adopted it."),
        )
    if needs:
        demand(session.get_one(Account, (AGENCY, server.account_id)).provider, needs)
    return Accepted(lane=f"server:{server.id}", about=server.name, about_id=server.id)


def check_typed(wish: Mapping[str, Any], name: str) -> None:
    """What cannot be taken back, or is not ours yet, is named in full by whoever wants it.

    :raises Refused: it was not.
    """
    if wish.get("typed_name") != name:
        raise Refused(_("The name typed is not {name}.").format(name=name), remedy=_("Type the full name to go on."))


def server_of(ctx: StepContext) -> Server:
    """The row of the server the job is about."""
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Server, (AGENCY, UUID(str(ctx.job.wish["server_id"]))))


def machine_id_of(server: Server) -> str:
    """:raises Refused: it never came to be at the provider."""
    if server.provider_id is None:
        raise Refused(_("This server was never created at the provider."))
    return server.provider_id


class ActionFailed(ProviderRefused):
    """The provider says that nothing came of it, and nothing will."""


def follow(
    ctx: StepContext,
    provider: ComputeProvider,
    machine_id: str,
    action_id: str | None,
    *,
    limit_s: float = ACTION_LIMIT_S,
) -> None:
    """Wait until an action has ended or waits for us; None means there was nothing to do.

    :raises ProviderRefused: it failed, or did not end in time.
    """
    if action_id is None:
        return
    if not has_ended(ctx, provider, machine_id, action_id, limit_s=limit_s):
        raise ProviderRefused(_("The provider has not finished yet."), remedy=_("Look at the server, then try again."))


def has_ended(
    ctx: StepContext,
    provider: ComputeProvider,
    machine_id: str,
    action_id: str,
    *,
    limit_s: float = ACTION_LIMIT_S,
) -> bool:
    """Wait until an action has ended or waits for us; False when it is under way still.

    :raises ActionFailed: it failed.
    """

    def look() -> ActionState | None:
        state = provider.action(machine_id, action_id)
        return state if state.state not in ("running", "paid") else None

    ended = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=limit_s, note=_("waits for the provider"))
    if ended is not None and ended.state == "failed":
        raise ActionFailed(
            _("The provider did not carry the action out."),
            remedy=_("Look at the server's state, then try again."),
            detail=ended.note,
        )
    return ended is not None


@dataclass(frozen=True)
class Waits:
    """How often a server is tried, and for how long; an answer before ``settle_s`` passed proves nothing."""

    every_s: float
    limit_s: float
    settle_s: float = 0.0


def answers(ctx: StepContext, servers: ServerAccess, server_id: UUID, waits: Waits) -> bool:
    """Whether the server lets us in over SSH, with its pinned key and in time."""
    settled_at = time.monotonic() + waits.settle_s

    def attempt() -> bool | None:
        if time.monotonic() < settled_at:
            return None
        try:
            with servers.session(server_id) as ssh:
                return ssh.run("true").exit_code == 0 or None
        except HostUnreachable:
            return None

    return ctx.poll(attempt, every_s=waits.every_s, limit_s=waits.limit_s, note=_("waits for SSH")) is True


def until_machine(
    ctx: StepContext, provider: ComputeProvider, machine_id: str, condition: Callable[[Machine], bool]
) -> Machine:
    """Wait until the provider shows the server as wished.

    :raises ProviderRefused: it does not in time.
    """

    def look() -> Machine | None:
        machine = provider.get(machine_id)
        return machine if condition(machine) else None

    machine = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=BACK_LIMIT_S)
    if machine is None:
        raise ProviderRefused(_("The server is not as wished."), remedy=_("Try again."))
    return machine
