"""The job that asks a provider what a server used this month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from backend.core.present import format as words
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.fleet.acts import about_server, machine_id_of, server_of
from backend.servers.requests import ReadUsage

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.servers.network.attached_resources import AttachedResourceRepository
    from backend.store.scope import ScopedSession


class ReadUsageJob:
    """Job ``server.usage``: asked when a person wants to know, for it takes calls for this server alone."""

    request: ClassVar[type[ReadUsage]] = ReadUsage
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Refresh traffic usage")
    priority: ClassVar[int] = 4
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, resources: AttachedResourceRepository) -> None:
        self._accounts = accounts
        self._resources = resources

    def accept(self, session: ScopedSession, request: ReadUsage) -> Accepted:
        return about_server(session, request)

    def steps(self, _request: ReadUsage) -> Sequence[Step[ReadUsage]]:
        return (Step("ask", N_("Read the traffic from the provider"), self._ask, 3, "provider"),)

    def _ask(self, ctx: StepContext[ReadUsage]) -> StepOutcome:
        server = server_of(ctx)
        usage = self._accounts.provider(server.account_id).usage(machine_id_of(server))
        self._resources.used(ctx, server.id, usage)
        counted = usage.counted_bytes if usage.counted_bytes is not None else usage.sent_bytes
        if counted is None:
            return Done(_("not reported by the provider"))
        return Done(_("{volume} this month").format(volume=words.size(counted)))
