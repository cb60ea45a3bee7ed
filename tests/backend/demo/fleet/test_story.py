"""The demo tells one story: what was made is not found, nothing names this computer, and a restart changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import String, Text, inspect, select

from backend.accounts.owed import Owed
from backend.accounts.queries import Accounts
from backend.core.checks import SERVER
from backend.demo.fleet.mail import RESTARTING
from backend.demo.fleet.seed import account_id_of
from backend.demo.fleet.servers import FILLING, OUTGROWN, SILENT, demo_servers
from backend.demo.fleet.twins import TWINS
from backend.engine.job_filter import Which
from backend.engine.queries import Jobs
from backend.engine.schedule_queries import Schedules
from backend.overview.queries import Overview
from backend.servers.queries import ServerDetails, Servers
from backend.store.schema import tables
from backend.store.schema.base import Said
from backend.store.schema.fleet import Server, ServerEvent, Snapshot
from backend.store.schema.observations import Check, CheckInterval
from backend.store.schema.operations import Job, ScheduleRun
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.installation import ask, until

WHOLE = Scope.of(AGENCY)
#: What is meant for the program alone: where a cloud listens.
NO_WORDS = {("account", "endpoint_url")}


#: Opening the demo and looking at every server once belong to whichever test is the first.
pytestmark = pytest.mark.timeout(600)


@dataclass(frozen=True)
class Told:
    """What the demo tells before its engine ran."""

    now: datetime
    jobs: Sequence[Any]
    servers: Sequence[Any]
    details: dict[str, Any]
    owed: Sequence[Any]
    schedule_runs: int
    in_trouble: set[UUID]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One demo for all: each test leaves it with its engine at work, and may find what those before it did."""
    with opened_demo(tmp_path_factory.mktemp("story")) as made:
        yield made


@pytest.fixture(scope="module")
def told(opened: Opened) -> Told:
    installation = opened.installation
    servers = ask(installation, Servers(WHOLE))
    with installation.store.read(ENGINE_SCOPE) as session:
        runs = len(session.scalars(select(ScheduleRun)).all())
        intervals = session.scalars(select(CheckInterval).where(CheckInterval.verdict != "ok")).all()
    return Told(
        now=installation.clock.now(),
        jobs=ask(installation, Jobs(WHOLE, installation.kinds, which=Which("noteworthy"))),
        servers=servers,
        details={row.name: ask(installation, ServerDetails(WHOLE, row.id)) for row in servers},
        owed=ask(installation, Owed()),
        schedule_runs=runs,
        in_trouble={each.subject_id for each in intervals},
    )


@pytest.fixture(scope="module")
def story(opened: Opened, told: Told) -> Opened:
    """The same once its engine has looked at everything."""
    run(opened)
    return opened


def run(opened: Opened) -> None:
    """As a person would who waits until everything was looked at: each server sampled, nothing under way."""
    installation = opened.installation
    begun, under_way = installation.clock.now(), Jobs(WHOLE, installation.kinds, states=("queued", "running"))
    assert installation.become_engine("test")
    until(lambda: not behind(opened, begun), "every server to be checked", 300)
    until(lambda: not ask(installation, under_way), "jobs", 60)


def behind(opened: Opened, begun: datetime) -> list[Any]:
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        servers = session.scalars(select(Check).where(Check.subject_kind == SERVER))
        return [row for row in servers if row.observed_at <= begun]


def test_nothing_says_that_what_we_made_was_found(story: Opened) -> None:
    with story.installation.store.read(ENGINE_SCOPE) as session:
        kinds = Counter(session.scalars(select(ServerEvent.kind)))
        servers = session.scalars(select(Server)).all()
        details = [ask(story.installation, ServerDetails(WHOLE, row.id)) for row in servers]

    assert not {"found", "drift"} & kinds.keys()
    assert kinds["ordered"] == kinds["ready"] == len(demo_servers())
    assert all(row.is_ours for row in servers)
    assert all(detail.events[-1].kind == "ordered" for detail in details)
    assert all(detail.addresses[-1].since == row.created_at for row, detail in zip(servers, details, strict=True))


def test_no_word_anywhere_names_this_computer(story: Opened) -> None:
    with story.installation.store.read(ENGINE_SCOPE) as session:
        said = [
            (table.__tablename__, name, getattr(row, name))
            for table in tables()
            for row in session.scalars(select(table))
            for name, column in inspect(table).columns.items()
            if isinstance(column.type, (String, Text, Said)) and (table.__tablename__, name) not in NO_WORDS
        ]

    assert len(said) > 1_000
    assert [each for each in said if "127.0.0.1" in str(each[2]) or "localhost" in str(each[2])] == []
    assert any("does not respond over SSH" in str(each[2]) for each in said)


def test_ninety_days_fill_every_list(told: Told) -> None:
    assert len(told.jobs) > 150
    assert max(told.now - job.requested_at for job in told.jobs) > timedelta(days=89)
    assert {job.state for job in told.jobs} == {"succeeded", "failed"}
    assert len({job.title for job in told.jobs}) >= 6
    details = told.details
    assert min(len(detail.events) for detail in details.values()) >= 6
    assert sum(len(detail.snapshots) for detail in details.values()) >= 15
    assert all(each.ptr == name for name, detail in details.items() for each in detail.addresses if each.family == 4)
    begun = told.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    share = (told.now - begun + timedelta(hours=2)) / timedelta(days=28)
    assert all(row.so_far_micro <= share * row.invoices[0].total_micro for row in told.owed)
    assert all(row.so_far_micro and len(row.invoices) >= 2 for row in told.owed)
    assert told.schedule_runs > 100
    in_trouble = (FILLING, OUTGROWN, SILENT, *RESTARTING)
    assert told.in_trouble == {row.id for row in told.servers if row.name in in_trouble}


def test_both_clouds_keep_what_the_past_tells_of(story: Opened) -> None:
    """A snapshot of the past can be put back, a bill is the cloud's own, a reverse name is what it answers."""
    with story.installation.store.read(ENGINE_SCOPE) as session:
        rows = session.scalars(select(Snapshot).where(Snapshot.gone_at.is_(None))).all()
        servers = session.scalars(select(Server)).all()
    for kind in TWINS:
        provider = story.installation._accounts.provider(account_id_of(kind))
        kept = {each.id: (each.name, each.created_at, each.size_gb) for each in provider.snapshots()}
        mine = [row for row in rows if row.account_id == account_id_of(kind)]
        assert kept.keys() == {row.provider_id for row in mine}
        for row in mine:
            name, at, size = kept[row.provider_id]
            assert name == row.name
            assert size == pytest.approx(row.size_gb, abs=0.01)
            assert at is not None
            assert abs(at - row.created_at) < timedelta(seconds=2)
        for server in (each for each in servers if each.account_id == account_id_of(kind)):
            assert provider.reverse_names(str(server.provider_id))[str(server.address)] == server.name
    scan = story.driver.request("orphans.scan", {})
    assert story.driver.wait_for(scan).state == "succeeded"
    kept_at = next(row for row in rows if row.account_id == account_id_of("digitalocean"))
    name = next(server.name for server in servers if server.id == kept_at.server_id)
    back = {"server_id": str(kept_at.server_id), "snapshot_id": kept_at.provider_id, "typed_name": name}
    assert story.driver.wait_for(story.driver.request("server.restore", back), seconds=90).state == "succeeded"


def shown(opened: Opened) -> dict[str, Any]:
    """What pages say, without the ages of what was looked at."""
    installation = opened.installation
    jobs = Jobs(WHOLE, installation.kinds, which=Which("noteworthy"))
    overview = ask(installation, Overview(Jobs(WHOLE, installation.kinds), installation.features))
    servers = ask(installation, Servers(WHOLE))
    details = {row.name: ask(installation, ServerDetails(WHOLE, row.id)) for row in servers}
    ages = ("sampled_at", "seen_at")
    return {
        "needs": [(each.kind, each.status, each.title, each.detail, each.where, each.since) for each in overview.needs],
        "fleet": dict(overview.fleet),
        "servers": [{key: v for key, v in vars(row).items() if key not in ages} for row in servers],
        "details": details,
        "jobs": [(row.id, row.state, row.cause, row.ended_at) for row in ask(installation, jobs)],
        "schedules": [(row.kind, row.enabled) for row in ask(installation, Schedules(WHOLE, installation.kinds))],
        "accounts": [(row.name, row.state, row.servers) for row in ask(installation, Accounts())],
        "bills": [(row.account, row.invoices) for row in ask(installation, Owed())],
    }


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("restarts", [2, pytest.param(10, marks=pytest.mark.soak)])
def test_restarts_change_nothing_that_a_page_shows(story: Opened, restarts: int) -> None:
    """Each looks at every server again, which takes half a minute; the token that ends soon still ends in as many
    days."""
    until(lambda: story.job(OUTGROWN, "server.resize").state == "waiting_for_you", "the question", 60)  # type: ignore[union-attr]
    before = shown(story)
    for _restart in range(restarts):
        story.close()
        story.open()
        run(story)
        assert shown(story) == before
    with story.installation.store.read(ENGINE_SCOPE) as session:
        failed = session.scalars(select(Job).where(Job.state == "failed", Job.author.startswith("schedule"))).all()
    assert failed == []
