"""The job that gives an address of a server its reverse DNS name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.payload import Result
from backend.fleet.acts import about_server, machine_id_of, server_of
from backend.providers.capabilities import clouds
from backend.servers.provider_actions import LOOK_EVERY_S, follow
from backend.servers.provision.order import check_name
from backend.servers.requests import SetReverseDns
from backend.store.schema.fleet import Address

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.servers.repository import ServerRepository
    from backend.store.scope import ScopedSession

SEEN_LIMIT_S = 60.0


@dataclass(frozen=True)
class NameSent(Result):
    """The provider's id of the change, None where nothing was sent; and the name before."""

    action_id: str | None = None
    before: str | None = None


class SetReverseDnsJob:
    """Job ``server.reverse_dns``: ``ip`` and ``name``. The PTR is set at the provider and read back from its API.

    That resolvers see it, and that the name leads back to the address, is another matter: this job proves neither.
    """

    request: ClassVar[type[SetReverseDns]] = SetReverseDns
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Set reverse DNS")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._repository = repository

    def accept(self, session: ScopedSession, request: SetReverseDns) -> Accepted:
        accepted = about_server(session, request, needs="reverse_dns")
        check_name(request.name)
        open_ones = select(Address.ip).where(Address.server_id == accepted.about_id, Address.until.is_(None))
        if request.ip not in session.scalars(open_ones).all():
            words = _("{ip} is not an address of {name}.")
            raise Refused(
                words.format(ip=request.ip, name=accepted.about),
                remedy=_("Choose one from the list of its addresses."),
            )
        return accepted

    def steps(self, _request: SetReverseDns) -> Sequence[Step[SetReverseDns]]:
        return (
            Step("set", N_("Set the reverse DNS entry at the provider"), self._set, 3),
            Step("wait", N_("Wait until the provider has set the entry"), self._wait, 10, "provider"),
            Step("see", N_("Read the reverse DNS entry back"), self._see, 5, "provider"),
        )

    def _set(self, ctx: StepContext[SetReverseDns]) -> StepOutcome:
        server, ip, name = server_of(ctx), ctx.job.request.ip, ctx.job.request.name
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        before = provider.reverse_names(machine_id).get(ip)
        if before == name:
            return Done(_("already in this state"), NameSent(before=before))
        return Done("", NameSent(provider.set_reverse(machine_id, ip, name).id, before))

    def _wait(self, ctx: StepContext[SetReverseDns]) -> StepOutcome:
        server, sent = server_of(ctx), ctx.need("set", NameSent)
        provider = self._accounts.provider(server.account_id)
        follow(ctx, provider, machine_id_of(server), sent.action_id)
        return Done()

    def _see(self, ctx: StepContext[SetReverseDns]) -> StepOutcome:
        server, ip, name = server_of(ctx), ctx.job.request.ip, ctx.job.request.name
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)

        def look() -> bool | None:
            return True if provider.reverse_names(machine_id).get(ip) == name else None

        told = clouds()[provider.kind].can("reverse_told")
        if told and ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=SEEN_LIMIT_S) is None:
            raise ProviderRefused(_("The provider does not return the new reverse DNS entry."), remedy=_("Retry."))
        words = _("Reverse DNS of {ip}: {name}").format(ip=ip, name=name)
        self._repository.reverse_is(ctx, server.id, ip, name, words)
        return Done(
            words if told else _("{words}; not verified, because the provider does not report it").format(words=words)
        )
