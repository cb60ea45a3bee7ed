"""The job that asks a provider what a server used this month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.present import format as words
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.servers.acting import about_server, machine_id_of, server_of

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.servers.holdings import Holdings
    from backend.store.scope import ScopedSession


class ReadUsage:
    """Job ``server.usage``: asked when a person wants to know, for it takes calls for this server alone."""

    name: ClassVar[str] = "server.usage"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Ask for traffic used")
    priority: ClassVar[int] = 4

    def __init__(self, accounts: AccountAccess, holdings: Holdings) -> None:
        self._accounts = accounts
        self._holdings = holdings

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        return about_server(session, wish)

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (Step("ask", N_("Ask the provider"), self._ask, 3, "provider"),)

    def _ask(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        usage = self._accounts.provider(server.account_id).usage(machine_id_of(server))
        self._holdings.used(ctx, server.id, usage)
        counted = usage.counted_bytes if usage.counted_bytes is not None else usage.sent_bytes
        if counted is None:
            return Done(_("the provider does not tell"))
        return Done(_("{volume} this month").format(volume=words.size(counted)))
