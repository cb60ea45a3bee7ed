"""The overview: what needs attention, most urgent first, and how the fleet stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend.accounts.queries import Accounts
from backend.attention import Asked, Ending, Need
from backend.core.present.status import Status
from backend.servers.queries import ServerRow, Servers
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.attention import Features
    from backend.engine.queries import Jobs
    from backend.store.query import Source

#: What ends later than in so long is not told of yet.
NEAR = timedelta(days=30)
URGENCY = (Status.CRITICAL, Status.WAITING, Status.WARNING, Status.INCONCLUSIVE)


@dataclass(frozen=True)
class OverviewRows:
    """``fleet`` counts servers by status, ``provisioning`` those that are being created. ``observed_at`` is the newest
    sample of any server, None where there is none.

    ``accounts`` counts provider accounts; with none, and no server, this is the first minute. ``monthly`` is what the
    servers cost a month by currency in micro-units, ``unpriced`` how many of them have no known price.
    """

    needs: tuple[Need, ...]
    fleet: Mapping[Status, int]
    provisioning: int
    servers: int
    accounts: int
    observed_at: datetime | None
    endings: tuple[Ending, ...]
    monthly: Mapping[str, int]
    unpriced: int

    @property
    def is_first_minute(self) -> bool:
        return self.servers == 0 and self.accounts == 0


@dataclass(frozen=True)
class Overview:
    """Query: about ten statements however many servers there are, for the scope of ``jobs``.

    A client's scope sees its own servers; accounts and what hangs on them are the agency's.
    """

    jobs: Jobs
    features: Features

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(sorted(self.features.topics))

    def run(self, source: Source) -> OverviewRows:
        asked = Asked(source, self.jobs, self.features)
        servers = asked.ask(Servers(asked.scope))
        accounts = asked.ask(Accounts()) if asked.scope.covers(AGENCY) else ()
        return OverviewRows(
            needs=tuple(sorted(self.features.needs(asked), key=_urgency)),
            fleet=Counter(row.status for row in servers),
            provisioning=sum(row.life == "provisioning" for row in servers),
            servers=len(servers),
            accounts=len(accounts),
            observed_at=max((row.sampled_at for row in servers if row.sampled_at), default=None),
            endings=tuple(_near(self.features.endings(asked), source.now)),
            monthly=_monthly(servers),
            unpriced=sum(row.monthly_micro is None for row in servers),
        )


def _near(endings: Sequence[Ending], now: datetime) -> list[Ending]:
    """Within thirty days, the nearest first."""
    return sorted((each for each in endings if timedelta() < each.at - now < NEAR), key=lambda each: each.at)


def _monthly(servers: tuple[ServerRow, ...]) -> Mapping[str, int]:
    total = Counter[str]()
    for row in servers:
        if row.monthly_micro is not None and row.currency:
            total[row.currency] += row.monthly_micro
    return total


def _urgency(need: Need) -> tuple[int, float, str]:
    """By shape, then the newest first."""
    at = need.since.timestamp() if need.since else 0.0
    return URGENCY.index(need.status), -at, need.title
