"""The job that gives an address of a server its reverse name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import select

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.providers.capabilities import clouds
from backend.servers.acting import LOOK_EVERY_S, about_server, follow, machine_id_of, server_of
from backend.servers.provision.order import check_name, plain_name
from backend.store.schema.fleet import Address

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.servers.records import Records
    from backend.store.scope import ScopedSession

SEEN_LIMIT_S = 60.0


class NameAddress:
    """Job ``server.reverse``: ``ip`` and ``name``. The PTR is set at the provider and read back from its API.

    That resolvers see it, and that the name leads back to the address, is another matter: this job proves neither.
    """

    name: ClassVar[str] = "server.reverse"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Set reverse name")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, records: Records) -> None:
        self._accounts = accounts
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="reverse_dns")
        check_name(_name(wish))
        open_ones = select(Address.ip).where(Address.server_id == accepted.about_id, Address.until.is_(None))
        if wish.get("ip") not in session.scalars(open_ones).all():
            words = _("{ip} is not an address of {name}.")
            raise Refused(
                words.format(ip=wish.get("ip"), name=accepted.about),
                remedy=_("Choose one from the list of its addresses."),
            )
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("set", N_("Tell the provider"), self._set, 3),
            Step("wait", N_("Wait for the provider"), self._wait, 10, "provider"),
            Step("see", N_("Read it back"), self._see, 5, "provider"),
        )

    def _set(self, ctx: StepContext) -> StepOutcome:
        server, ip, name = server_of(ctx), str(ctx.job.wish["ip"]), _name(ctx.job.wish)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        before = provider.reverse_names(machine_id).get(ip)
        if before == name:
            return Done(_("it was so already"), {"before": before})
        return Done("", {"action_id": provider.set_reverse(machine_id, ip, name).id, "before": before})

    def _wait(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        follow(ctx, provider, machine_id_of(server), ctx.result("set").get("action_id"))
        return Done()

    def _see(self, ctx: StepContext) -> StepOutcome:
        server, ip, name = server_of(ctx), str(ctx.job.wish["ip"]), _name(ctx.job.wish)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)

        def look() -> bool | None:
            return True if provider.reverse_names(machine_id).get(ip) == name else None

        told = clouds()[provider.kind].can("reverse_told")
        if told and ctx.poll(look, every_s=LOOK_EVERY_S, limit_s=SEEN_LIMIT_S) is None:
            raise ProviderRefused(_("The provider does not show the new reverse name."), remedy=_("Try again."))
        words = _("Reverse name of {ip}: {name}").format(ip=ip, name=name)
        self._records.reverse_is(ctx, server.id, ip, name, words)
        return Done(
            words if told else _("{words}; the provider does not tell, so it was not read back").format(words=words)
        )


def _name(wish: Mapping[str, Any]) -> str:
    return plain_name(str(wish.get("name", "")))
