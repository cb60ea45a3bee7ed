"""The jobs on addresses that outlive a server: hold one for it, give it one that is free, hold one no longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.intents import Wanted
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.fleet.marks import mark
from backend.servers import acting
from backend.servers.acting import about_server, check_typed, follow, machine_id_of, server_of
from backend.store.schema.fleet import Server
from backend.store.schema.holdings import ReservedAddress
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers import network
    from backend.providers.network import ReservedAddresses
    from backend.servers.holdings import Holdings
    from backend.store.scope import ScopedSession

KEY = "address"
SEEN_LIMIT_S = 120.0


class _AddressJob:
    """What the jobs on reserved addresses share: who they ask, where they write, how they rank."""

    version: ClassVar[int] = 1
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, holdings: Holdings) -> None:
        self._accounts = accounts
        self._holdings = holdings

    def _number(self, ctx: StepContext) -> str:
        """The address the job is about, as the provider names it."""
        return str(ctx.job.wish["address_id"])

    def _assign(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        follow(ctx, provider, machine_id, provider.reserved.assign(self._number(ctx), machine_id).id)
        return Done()

    def _see(self, ctx: StepContext) -> StepOutcome:
        """The provider shows it at the server; what it is reached at from now on is written down."""
        server, number = server_of(ctx), self._number(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)

        def look() -> network.ReservedAddress | None:
            found = _held(provider.reserved, number)
            return found if found is not None and found.machine_id == machine_id else None

        address = ctx.poll(look, every_s=acting.LOOK_EVERY_S, limit_s=SEEN_LIMIT_S, note=_("waits for the provider"))
        if address is None:
            raise ProviderRefused(_("The provider does not show the address at the server."), remedy=_("Try again."))
        self._holdings.address_held(ctx, server.id, address, provider.get(machine_id))
        return Done(address.ip)


class ReserveAddress(_AddressJob):
    """Job ``server.address.reserve``: an address of this server that outlives it. What that means, the matrix says."""

    name: ClassVar[str] = "server.address.reserve"
    title: ClassVar[str] = N_("Reserve address")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="reserved_address")
        _check_has_none(session, accepted)
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("look", N_("See what the server has"), self._see_it_has_none, 2, "provider"),
            Step("reserve", N_("Tell the provider"), self._reserve, 3, undo=self._unreserve),
            Step("assign", N_("Give it to the server"), self._assign, 10, "provider"),
            Step("see", N_("See it at the server"), self._see, 5, "provider"),
        )

    def _number(self, ctx: StepContext) -> str:
        return str(ctx.result("reserve")["address_id"])

    def _see_it_has_none(self, ctx: StepContext) -> StepOutcome:
        """What somebody else holds for it is not taken for ours: where the provider keeps no names, rolling back would
        release it.
        """
        server = server_of(ctx)
        shelf, machine_id = self._accounts.provider(server.account_id).reserved, machine_id_of(server)
        present = next((each for each in shelf.held() if each.machine_id == machine_id), None)
        if present is not None:
            raise ProviderRefused(
                _("The provider holds {ip} for {name} already.").format(ip=present.ip, name=server.name),
                remedy=_("Mailyard did not reserve it and leaves it as it is."),
            )
        return Done()

    def _reserve(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        shelf, machine_id = self._accounts.provider(server.account_id).reserved, machine_id_of(server)

        def make(intent: UUID) -> str:
            return shelf.reserve(machine_id, mark(intent)).id

        def look(intent: UUID) -> str | None:
            return meant_address(shelf, intent, machine_id)

        number = ctx.create_once(Wanted(KEY, server.account_id, KEY, machine_id, look=look, make=make))
        return Done("", {"address_id": number})

    def _unreserve(self, ctx: StepContext) -> None:
        """Hold it no longer, whether or not the step that reserved it got to know of it."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        shelf = self._accounts.provider(server.account_id).reserved
        known = ctx.result("reserve").get("address_id")
        number = known or (meant_address(shelf, intent, machine_id_of(server)) if intent else None)
        if number is not None:
            shelf.release(str(number))
            self._holdings.address_gone(ctx, server.account_id, str(number))
        ctx.removed(KEY)


class AssignAddress(_AddressJob):
    """Job ``server.address.assign``: ``address_id``, one that no server has in the server's account and region."""

    name: ClassVar[str] = "server.address.assign"
    title: ClassVar[str] = N_("Give reserved address")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="reserved_address")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        row = _row_of(session, server.account_id, wish)
        if row.region != server.region:
            raise Refused(
                _("{ip} is in {place}, {name} in {region}.").format(
                    ip=row.ip, place=row.region, name=server.name, region=server.region
                ),
                remedy=_("An address stays in its region."),
            )
        if row.server_id is not None:
            raise Refused(_("Another server has {ip}.").format(ip=row.ip), remedy=_("Choose one that is free."))
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("assign", N_("Give it to the server"), self._assign, 10, "provider", undo=self._unassign),
            Step("see", N_("See it at the server"), self._see, 5, "provider"),
        )

    def _unassign(self, ctx: StepContext) -> None:
        """It is free again. :raises ProviderRefused: its provider does not take it from a server."""
        server, number = server_of(ctx), self._number(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        follow(ctx, provider, machine_id, provider.reserved.unassign(number).id)
        self._holdings.address_free(ctx, server.account_id, number)


class ReleaseAddress(_AddressJob):
    """Job ``server.address.release``: ``address_id`` of this server's; the wish carries the address, typed."""

    name: ClassVar[str] = "server.address.release"
    title: ClassVar[str] = N_("Release address")

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="reserved_address")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        row = _row_of(session, server.account_id, wish)
        if row.server_id != server.id:
            raise Refused(_("{ip} is not held for {name}.").format(ip=row.ip, name=server.name))
        check_typed(wish, row.ip)
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("release", N_("Tell the provider"), self._release, 5, "provider"),
            Step("see", N_("See that it is held no longer"), self._see_gone, 10, "provider"),
        )

    def _release(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        self._accounts.provider(server.account_id).reserved.release(self._number(ctx))
        return Done()

    def _see_gone(self, ctx: StepContext) -> StepOutcome:
        server, number = server_of(ctx), self._number(ctx)
        provider = self._accounts.provider(server.account_id)

        def look() -> bool | None:
            return _held(provider.reserved, number) is None or None

        if ctx.poll(look, every_s=acting.LOOK_EVERY_S, limit_s=SEEN_LIMIT_S) is None:
            raise ProviderRefused(_("The provider still shows it."), remedy=_("Try again; it may still cost money."))
        self._holdings.address_gone(ctx, server.account_id, number)
        self._holdings.reached_at(ctx, server.id, provider.get(machine_id_of(server)))
        return Done()


def meant_address(shelf: ReservedAddresses, intent: UUID, machine_id: str) -> str | None:
    """What an intent to hold an address for a server came to: found by its mark; where the provider keeps no names, as
    the one that the server has.
    """
    for each in shelf.held():
        if each.name == mark(intent) or (not each.name and each.machine_id == machine_id):
            return each.id
    return None


def _held(shelf: ReservedAddresses, number: str) -> network.ReservedAddress | None:
    return next((each for each in shelf.held() if each.id == number), None)


def _check_has_none(session: ScopedSession, accepted: Accepted) -> None:
    held = select(ReservedAddress.ip).where(
        ReservedAddress.server_id == accepted.about_id, ReservedAddress.gone_at.is_(None)
    )
    ip = session.scalars(held).first()
    if ip is not None:
        raise Refused(_("{ip} is reserved for {name} already.").format(ip=ip, name=accepted.about))


def _row_of(session: ScopedSession, account_id: UUID, wish: Mapping[str, Any]) -> ReservedAddress:
    """:raises Refused: we hold no such address (any more)."""
    row = session.get(ReservedAddress, (AGENCY, account_id, str(wish.get("address_id"))))
    if row is None or row.gone_at is not None:
        raise Refused(_("Mailyard holds no such address."), remedy=_("Choose one from the list."))
    return row
