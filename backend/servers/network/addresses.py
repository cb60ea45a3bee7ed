"""The jobs on addresses that outlive a server: hold one for it, give it one that is free, hold one no longer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import NotYet, ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine import intents
from backend.engine.intents import ResourceSpec
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import about_server, check_typed, machine_id_of, server_of
from backend.fleet.ownership import ownership_tag
from backend.fleet.requests import HasServer
from backend.servers import provider_actions
from backend.servers.provider_actions import Ordered, follow, is_new, known_late, told_of
from backend.servers.requests import AssignAddress, ReleaseAddress, ReserveAddress
from backend.store.schema.fleet import Server
from backend.store.schema.resources import ReservedAddress
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers import network
    from backend.providers.network import ReservedAddresses
    from backend.servers.network.attached_resources import AttachedResourceRepository
    from backend.store.scope import ScopedSession

KEY = "address"
SEEN_LIMIT_S = 120.0


A = TypeVar("A", bound=HasServer)


@dataclass(frozen=True)
class AddressReserved(Ordered):
    """The address as the provider names it."""

    address_id: str


class _AddressJob(ABC, Generic[A]):
    """What the jobs on reserved addresses share: who they ask, where they write, how they rank."""

    version: ClassVar[int] = 1
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, resources: AttachedResourceRepository) -> None:
        self._accounts = accounts
        self._resources = resources

    @abstractmethod
    def _number(self, ctx: StepContext[A]) -> str:
        """The address the job is about, as the provider names it."""

    def _assign(self, ctx: StepContext[A]) -> StepOutcome:
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        with known_late(ctx, ctx.result("reserve", AddressReserved)):
            started = provider.reserved.assign(self._number(ctx), machine_id)
        follow(ctx, provider, machine_id, started.id)
        return Done()

    def _see(self, ctx: StepContext[A]) -> StepOutcome:
        """The provider shows it at the server; what it is reached at from now on is written down."""
        server, number = server_of(ctx), self._number(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)

        def look() -> network.ReservedAddress | None:
            found = _resources(provider.reserved, number)
            return found if found is not None and found.machine_id == machine_id else None

        address = ctx.poll(
            look, every_s=provider_actions.LOOK_EVERY_S, limit_s=SEEN_LIMIT_S, note=_("waiting for the provider")
        )
        if address is None:
            words = _("The provider does not list the address on the server.")
            if is_new(ctx, ctx.result("reserve", AddressReserved), intents.SHOWN_WITHIN):
                raise NotYet(words, again_at=ctx.now() + intents.LOOK_AT_MOST)
            raise ProviderRefused(words, remedy=_("Retry."))
        self._resources.address_reserved(ctx, server.id, address, provider.get(machine_id))
        return Done(address.ip)


class ReserveAddressJob(_AddressJob[ReserveAddress]):
    """Job ``server.address.reserve``: an address of this server that outlives it. What that means, the matrix says."""

    request: ClassVar[type[ReserveAddress]] = ReserveAddress
    title: ClassVar[str] = N_("Reserve address")

    def accept(self, session: ScopedSession, request: ReserveAddress) -> Accepted:
        accepted = about_server(session, request, needs="reserved_address")
        _check_has_none(session, accepted)
        return accepted

    def steps(self, _request: ReserveAddress) -> Sequence[Step[ReserveAddress]]:
        return (
            Step("look", N_("Check that the server has no reserved address"), self._see_it_has_none, 2, "provider"),
            Step("reserve", N_("Reserve the address at the provider"), self._reserve, 3, undo=self._unreserve),
            Step("assign", N_("Assign the address to the server"), self._assign, 10, "provider"),
            Step("see", N_("Verify that the server has the address"), self._see, 5, "provider"),
        )

    def _number(self, ctx: StepContext[ReserveAddress]) -> str:
        return ctx.need("reserve", AddressReserved).address_id

    def _see_it_has_none(self, ctx: StepContext[ReserveAddress]) -> StepOutcome:
        """What somebody else holds for it is not taken for ours: where the provider keeps no names, rolling back would
        release it.
        """
        server = server_of(ctx)
        client, machine_id = self._accounts.provider(server.account_id).reserved, machine_id_of(server)
        present = next((each for each in told_of(client.all(), machine_id) if each.machine_id == machine_id), None)
        if present is not None:
            raise ProviderRefused(
                _("{ip} is already reserved for {name} at the provider.").format(ip=present.ip, name=server.name),
                remedy=_("It was not reserved by Mailyard and is left unchanged."),
            )
        return Done()

    def _reserve(self, ctx: StepContext[ReserveAddress]) -> StepOutcome:
        server = server_of(ctx)
        client, machine_id = self._accounts.provider(server.account_id).reserved, machine_id_of(server)

        def make(intent: UUID) -> str:
            return client.reserve(machine_id, ownership_tag(intent)).id

        def look(intent: UUID) -> str | None:
            return meant_address(client, intent, machine_id)

        number = ctx.create_once(ResourceSpec(KEY, server.account_id, KEY, machine_id, look=look, make=make))
        return Done("", AddressReserved(number, ordered_at=ctx.mark()))

    def _unreserve(self, ctx: StepContext[ReserveAddress]) -> None:
        """Hold it no longer, whether or not the step that reserved it got to know of it."""
        server, intent = server_of(ctx), ctx.intent(KEY)
        client = self._accounts.provider(server.account_id).reserved
        reserved = ctx.result("reserve", AddressReserved)
        known = reserved.address_id if reserved else ctx.number(KEY)
        number = known or (meant_address(client, intent, machine_id_of(server)) if intent else None)
        was_seen = number is not None and _resources(client, number) is not None
        if number is not None:
            client.release(number)
            self._resources.address_released(ctx, server.account_id, number)
        ctx.removed(KEY, was_seen=was_seen)


class AssignAddressJob(_AddressJob[AssignAddress]):
    """Job ``server.address.assign``: ``address_id``, one that no server has in the server's account and region."""

    request: ClassVar[type[AssignAddress]] = AssignAddress
    title: ClassVar[str] = N_("Assign reserved address")

    def accept(self, session: ScopedSession, request: AssignAddress) -> Accepted:
        accepted, server, row = _about_held(session, request)
        if row.region != server.region:
            raise Refused(
                _("{ip} is in {place}, {name} in {region}.").format(
                    ip=row.ip, place=row.region, name=server.name, region=server.region
                ),
                remedy=_("An address cannot leave its region."),
            )
        if row.server_id is not None:
            raise Refused(
                _("{ip} is assigned to another server.").format(ip=row.ip), remedy=_("Choose a free address.")
            )
        return accepted

    def steps(self, _request: AssignAddress) -> Sequence[Step[AssignAddress]]:
        return (
            Step("assign", N_("Assign the address to the server"), self._assign, 10, "provider", undo=self._unassign),
            Step("see", N_("Verify that the server has the address"), self._see, 5, "provider"),
        )

    def _number(self, ctx: StepContext[AssignAddress]) -> str:
        return ctx.job.request.address_id

    def _unassign(self, ctx: StepContext[AssignAddress]) -> None:
        """It is free again. :raises ProviderRefused: its provider does not take it from a server."""
        server, number = server_of(ctx), self._number(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        follow(ctx, provider, machine_id, provider.reserved.unassign(number).id)
        self._resources.address_unassigned(ctx, server.account_id, number)


class ReleaseAddressJob(_AddressJob[ReleaseAddress]):
    """Job ``server.address.release``: ``address_id`` of this server's; the request carries the address, typed."""

    request: ClassVar[type[ReleaseAddress]] = ReleaseAddress
    title: ClassVar[str] = N_("Release address")

    def accept(self, session: ScopedSession, request: ReleaseAddress) -> Accepted:
        accepted, server, row = _about_held(session, request)
        if row.server_id != server.id:
            raise Refused(_("{ip} is not reserved for {name}.").format(ip=row.ip, name=server.name))
        check_typed(request.typed_name, row.ip)
        return accepted

    def steps(self, _request: ReleaseAddress) -> Sequence[Step[ReleaseAddress]]:
        return (
            Step("release", N_("Release the address at the provider"), self._release, 5, "provider"),
            Step("see", N_("Verify that the provider no longer lists the address"), self._see_gone, 10, "provider"),
        )

    def _number(self, ctx: StepContext[ReleaseAddress]) -> str:
        return ctx.job.request.address_id

    def _release(self, ctx: StepContext[ReleaseAddress]) -> StepOutcome:
        server = server_of(ctx)
        self._accounts.provider(server.account_id).reserved.release(self._number(ctx))
        return Done()

    def _see_gone(self, ctx: StepContext[ReleaseAddress]) -> StepOutcome:
        server, number = server_of(ctx), self._number(ctx)
        provider = self._accounts.provider(server.account_id)

        def look() -> bool | None:
            return _resources(provider.reserved, number) is None or None

        if ctx.poll(look, every_s=provider_actions.LOOK_EVERY_S, limit_s=SEEN_LIMIT_S) is None:
            raise ProviderRefused(_("The provider still lists it."), remedy=_("Retry: it may still be billed."))
        self._resources.address_released(ctx, server.account_id, number)
        self._resources.reached_at(ctx, server.id, provider.get(machine_id_of(server)))
        return Done()


def meant_address(client: ReservedAddresses, intent: UUID, machine_id: str) -> str | None:
    """What an intent to hold an address for a server came to: found by its ownership tag; where the provider keeps no
    names, as the one that the server has.
    """
    for each in told_of(client.all(), machine_id):
        if each.name == ownership_tag(intent) or (not each.name and each.machine_id == machine_id):
            return each.id
    return None


def _resources(client: ReservedAddresses, number: str) -> network.ReservedAddress | None:
    return next((each for each in told_of(client.all(), number) if each.id == number), None)


def _check_has_none(session: ScopedSession, accepted: Accepted) -> None:
    held = select(ReservedAddress.ip).where(
        ReservedAddress.server_id == accepted.about_id, ReservedAddress.gone_at.is_(None)
    )
    ip = session.scalars(held).first()
    if ip is not None:
        raise Refused(_("{ip} is already reserved for {name}.").format(ip=ip, name=accepted.about))


def _about_held(
    session: ScopedSession, request: AssignAddress | ReleaseAddress
) -> tuple[Accepted, Server, ReservedAddress]:
    """The server a request is about, and the address of its account.

    :raises Refused: we hold no such address (any more).
    """
    accepted = about_server(session, request, needs="reserved_address")
    server = session.get_one(Server, (AGENCY, accepted.about_id))
    row = session.get(ReservedAddress, (AGENCY, server.account_id, request.address_id))
    if row is None or row.gone_at is not None:
        raise Refused(_("Mailyard has no such reserved address."), remedy=_("Choose an address from the list."))
    return accepted, server, row
