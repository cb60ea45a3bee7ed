"""What every job on a server at a provider does: find its row, follow an action, wait until it is as requested."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from backend.core.errors import HostUnreachable, NotFound, NotYet, ProviderRefused, Unauthorized
from backend.core.present.text import _
from backend.core.secrets.foreign_words import foreign_words
from backend.engine.payload import Result
from backend.providers.models import closed_in, is_closed

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.providers.ports import ActionState, ComputeProvider, Machine

T = TypeVar("T")

MOST_NOTE = 300
ACTION_LIMIT_S, LOOK_EVERY_S, BACK_LIMIT_S = 300.0, 1.0, 180.0
#: For so long after its order a provider may say that it does not know what it made: at Vultr a minute was not always
#: enough (github vultr/terraform-provider-vultr issue 462), of the others nothing longer was told.
UNKNOWN_YET, LOOK_AGAIN = timedelta(minutes=2), timedelta(seconds=5)


@dataclass(frozen=True)
class Ordered(Result):
    """What a step that ordered something leaves at least: when, see :func:`is_new`. Rows of old do not tell."""

    ordered_at: datetime | None = field(default=None, kw_only=True)


def is_new(ctx: StepContext[object], ordered: Ordered | None, within: timedelta | None = None) -> bool:
    """Whether a step ordered this (its result is ``ordered``) so recently that its provider may not know it yet; lists
    may lack it longer: ``within`` their time.
    """
    told = ordered.ordered_at if ordered is not None else None
    return told is not None and ctx.since(told) < (within or UNKNOWN_YET)


@contextmanager
def known_late(ctx: StepContext[object], ordered: Ordered | None) -> Iterator[None]:
    """Around calls about what a step ordered just now, and that may be made again.

    :raises NotYet: in place of ``NotFound``, while that says nothing yet.
    """
    try:
        yield
    except NotFound as error:
        if not is_new(ctx, ordered):
            raise
        words = _("The provider does not list the new resource yet.")
        raise NotYet(words, again_at=ctx.now() + LOOK_AGAIN) from error


def told_of(listed: Sequence[T], place: str) -> Sequence[T]:
    """What a list tells, where it tells of this region, or of the region of the thing with this id; empty: of all.

    :raises Unauthorized: the account may do nothing there, so that what is not listed may be there all the same.
    """
    closed = closed_in(listed)
    if not (is_closed(closed, place) if place else closed):
        return listed
    region = place.partition("/")[0] or ", ".join(sorted(closed))
    raise Unauthorized(
        _("The account has no permissions in {region}.").format(region=region),
        remedy=_("Allow the region at the provider, in the policies of the organisation too, then try again."),
    )


class ActionFailed(ProviderRefused):
    """The provider says that nothing came of it, and nothing will."""


def follow(
    ctx: StepContext[object],
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
        raise ProviderRefused(_("The provider has not finished yet."), remedy=_("Check the server, then retry."))


def has_ended(
    ctx: StepContext[object],
    provider: ComputeProvider,
    machine_id: str,
    action_id: str,
    *,
    limit_s: float = ACTION_LIMIT_S,
) -> bool:
    """Wait until an action has ended or waits for us; False when it is under way still.

    What the provider does not know may only not be known yet: that is believed once this has waited long enough.

    :raises ActionFailed: it failed.
    """
    began = Ordered(ordered_at=ctx.mark())

    def look() -> ActionState | None:
        try:
            state = provider.action(machine_id, action_id)
        except NotFound:
            if is_new(ctx, began):
                return None
            raise
        if state.state in ("running", "paid") or (state.is_unknown and is_new(ctx, began)):
            return None
        return state

    ended = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=limit_s, note=_("waiting for the provider"))
    if ended is not None and ended.state == "failed":
        raise ActionFailed(
            _("The provider did not perform the action."),
            remedy=_("Check the server's state, then retry."),
            detail=foreign_words(ended.note, MOST_NOTE),
        )
    return ended is not None


@dataclass(frozen=True)
class Waits:
    """How often a server is tried, and for how long; an answer before ``settle_s`` passed proves nothing."""

    every_s: float
    limit_s: float
    settle_s: float = 0.0


def answers(ctx: StepContext[object], servers: ServerAccess, server_id: UUID, waits: Waits) -> bool:
    """Whether the server lets us in over SSH, with its pinned key and in time."""
    settled_at = time.monotonic() + waits.settle_s

    def attempt() -> bool | None:
        if time.monotonic() < settled_at:
            return None
        try:
            with servers.session(server_id, stop=ctx.is_cancelled) as ssh:
                return ssh.run("true").exit_code == 0 or None
        except HostUnreachable:
            return None

    return ctx.poll(attempt, every_s=waits.every_s, limit_s=waits.limit_s, note=_("waiting for SSH")) is True


def until_machine(
    ctx: StepContext[object], provider: ComputeProvider, machine_id: str, condition: Callable[[Machine], bool]
) -> Machine:
    """Wait until the provider shows the server as requested.

    :raises ProviderRefused: it does not in time.
    """

    def look() -> Machine | None:
        machine = provider.get(machine_id)
        return machine if condition(machine) else None

    machine = ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=BACK_LIMIT_S)
    if machine is None:
        raise ProviderRefused(_("The server is not in the requested state."), remedy=_("Retry."))
    return machine
