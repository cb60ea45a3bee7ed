"""The overview: what needs a person, most urgent first, and how the fleet stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal
from uuid import UUID

from sqlalchemy import func, select

from backend.accounts.queries import AccountRow, Accounts
from backend.core.present import format as words
from backend.core.present.status import Status, account_state
from backend.core.present.text import _, ngettext
from backend.engine.queries import JobRow, Jobs
from backend.inventory.queries import OrphanRow, Orphans
from backend.servers.queries import ServerRow, Servers
from backend.store.schema.fleet import Server
from backend.store.schema.observations import Check
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope

#: A token that ends is told of for so long before; a failed job for so long after.
TOKEN_ENDS_WITHIN, FAILED_WITHIN = timedelta(days=14), timedelta(days=14)
URGENCY = (Status.CRITICAL, Status.WAITING, Status.WARNING, Status.INCONCLUSIVE)
STATES = ("waiting_for_you", "failed")
Kind = Literal["job", "server", "account", "orphans"]


@dataclass(frozen=True)
class Need:
    """One thing a person should see to. ``target`` is the id of what ``kind`` says; None for orphans.

    ``since`` None: it is not known. ``act`` are the words of its one button.
    """

    kind: Kind
    target: UUID | None
    status: Status
    title: str
    detail: str
    where: str
    since: datetime | None
    act: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True)
class Ending:
    """Something with an end that is near; ``at`` in UTC."""

    title: str
    account: UUID
    at: datetime


@dataclass(frozen=True)
class OverviewRows:
    """``fleet`` counts servers by status. ``observed_at`` is the newest sample of any server, None where there is none.

    ``accounts`` counts provider accounts; with none, and no server, this is the first minute. ``monthly`` is what the
    servers cost a month by currency in micro-units, ``unpriced`` how many of them have no known price.
    """

    needs: tuple[Need, ...]
    fleet: Mapping[Status, int]
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
    """Query: about ten statements however many servers there are. ``jobs`` asks for those in :data:`STATES`.

    A client's scope sees its own servers; jobs, accounts and orphans are the agency's.
    """

    scope: Scope
    jobs: Jobs
    topics: ClassVar[tuple[str, ...]] = ("servers", "jobs", "accounts", "orphans", "workspaces")

    def run(self, source: Source) -> OverviewRows:
        servers = Servers(self.scope).run(source)
        jobs = self.jobs.run(source)
        is_agency = self.scope.covers(AGENCY)
        accounts = Accounts().run(source) if is_agency else ()
        orphans = Orphans().run(source).orphans if is_agency else ()
        since = _since(source, servers)
        found = [
            *_of_jobs(jobs, _mended(source, jobs), source.now),
            *_of_servers(servers, since),
            *_of_accounts(accounts, source.now),
            *_of_orphans(orphans),
        ]
        return OverviewRows(
            needs=tuple(sorted(found, key=_urgency)),
            fleet=Counter(row.status for row in servers),
            servers=len(servers),
            accounts=len(accounts),
            observed_at=max((row.sampled_at for row in servers if row.sampled_at), default=None),
            endings=tuple(_endings(accounts, source.now)),
            monthly=_monthly(servers),
            unpriced=sum(row.monthly_micro is None for row in servers),
        )


def _since(source: Source, servers: tuple[ServerRow, ...]) -> Mapping[UUID, datetime]:
    """Since when the present verdict on a server holds."""
    if not servers:
        return {}
    statement = select(Check.subject_id, Check.since).where(Check.kind == "sample")
    with source.store.read(ENGINE_SCOPE) as session:
        known = dict(session.execute(statement).tuples().all())
    return {row.id: known[row.id] for row in servers if row.id in known}


def _mended(source: Source, jobs: tuple[JobRow, ...]) -> frozenset[UUID]:
    """Failed jobs that nobody need look at any more: a later one of their kind went well, or their server is gone."""
    failed = [row for row in jobs if row.state == "failed" and row.about_id is not None]
    about = {row.about_id for row in failed}
    if not about:
        return frozenset()
    later = select(Job.kind, Job.about_id, func.max(Job.wished_at)).where(Job.about_id.in_(about))
    later = later.where(Job.state == "succeeded").group_by(Job.kind, Job.about_id)
    gone = select(Server.id).where(Server.id.in_(about), Server.gone_at.is_not(None))
    with source.store.read(ENGINE_SCOPE) as session:
        good = {(kind, about_id): at for kind, about_id, at in session.execute(later)}
        ended = set(session.scalars(gone))
    return frozenset(
        row.id
        for row in failed
        if row.about_id in ended or good.get((row.kind, row.about_id), row.wished_at) > row.wished_at
    )


def _of_jobs(jobs: tuple[JobRow, ...], mended: frozenset[UUID], now: datetime) -> Iterator[Need]:
    """What waits for a yes, and what failed and was not mended."""
    for row in jobs:
        title = _("{job}: {about}").format(job=row.title, about=row.about) if row.about else row.title
        if row.state == "waiting_for_you":
            detail = _("It waits for your yes.")
            yield Need("job", row.id, Status.WAITING, title, detail, "", row.wished_at, _("Review"))
        elif row.state == "failed" and row.id not in mended:
            at = row.ended_at or row.wished_at
            if now - at < FAILED_WITHIN:
                yield Need("job", row.id, Status.CRITICAL, title, row.cause, "", at, _("See why"))


def _of_servers(servers: tuple[ServerRow, ...], since: Mapping[UUID, datetime]) -> Iterator[Need]:
    for row in servers:
        if row.status in (Status.CRITICAL, Status.WARNING):
            where = ", ".join(row.workspaces)
            yield Need("server", row.id, row.status, row.name, row.health_note, where, since.get(row.id), _("Open"))


def _of_accounts(accounts: tuple[AccountRow, ...], now: datetime) -> Iterator[Need]:
    for row in accounts:
        status, state = account_state(row.state)
        if status in (Status.CRITICAL, Status.INCONCLUSIVE):
            yield Need("account", row.id, status, _trouble(row, state), row.note, "", row.looked_at, _("Open"))
        elif row.token_ends_at is not None and row.token_ends_at <= now:
            title = _("The token of {account} has ended").format(account=row.name)
            detail = _("Its servers can neither be read nor changed.")
            yield Need("account", row.id, Status.CRITICAL, title, detail, "", row.token_ends_at, _("Renew"))
        elif row.token_ends_at is not None and row.token_ends_at - now < TOKEN_ENDS_WITHIN:
            title = _("The token of {account} ends on {day}").format(account=row.name, day=words.day(row.token_ends_at))
            detail = _("From then on its servers can neither be read nor changed.")
            yield Need("account", row.id, Status.WARNING, title, detail, "", None, _("Renew"))


def _trouble(row: AccountRow, state: str) -> str:
    return _("{account}: {state}").format(account=row.name, state=state)


def _of_orphans(orphans: tuple[OrphanRow, ...]) -> Iterator[Need]:
    if orphans:
        title = ngettext("{n} orphan", "{n} orphans", len(orphans)).format(n=words.number(len(orphans)))
        detail = _("Made by Mailyard at a provider, and of no use to anything here; some cost money.")
        oldest = min(row.found_at for row in orphans)
        yield Need("orphans", None, Status.WARNING, title, detail, "", oldest, _("Open"))


def _endings(accounts: tuple[AccountRow, ...], now: datetime) -> Iterator[Ending]:
    """Within thirty days, the nearest first."""
    dated = ((row.token_ends_at, row) for row in accounts if row.token_ends_at is not None)
    for at, row in sorted(dated, key=lambda pair: pair[0]):
        if timedelta() < at - now < timedelta(days=30):
            yield Ending(_("API token, {account}").format(account=row.name), row.id, at)


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
