"""What the demo's past says follows from one story: its bills, its plans, its jobs and their failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.accounts.owed import Owed
from backend.demo.fleet.seed import account_id_of
from backend.demo.fleet.twins import TWINS
from backend.engine.queries import JobDetail, JobDetails, Jobs
from backend.servers.provider_actions import BACK_LIMIT_S
from backend.servers.queries import Servers
from backend.store.schema.fleet import Offer, Server, ServerInterval
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.installation import ask

WHOLE = Scope.of(AGENCY)
#: Opening the demo belongs to whichever test is the first.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One for all who read what a demo begins with: its engine never runs."""
    with opened_demo(tmp_path_factory.mktemp("opened")) as made:
        yield made


@pytest.fixture
def at_work(tmp_path: Path) -> Iterator[Opened]:
    """Another, whose engine runs."""
    with opened_demo(tmp_path, has_engine=True) as made:
        yield made


def paid(opened: Opened, kind: str, begin: datetime, end: datetime) -> tuple[float, float]:
    """What our own history of a cloud's servers comes to between two moments, by the prices we read, and how far a
    provider's rounding may be from it: a begun hour and a cent for each plan of each server."""
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        account = account_id_of(kind)
        offers = select(Offer.slug, Offer.data).where(Offer.account_id == account, Offer.kind == "plan")
        prices = {slug: (data["hourly_micro"], data["monthly_micro"]) for slug, data in session.execute(offers)}
        rows = session.scalars(select(ServerInterval).join(Server, Server.id == ServerInterval.server_id)).all()
        own = set(session.scalars(select(Server.id).where(Server.account_id == account)))
    total = slack = 0.0
    for row in rows:
        hours = (min(row.until or end, end) - max(row.since, begin)) / timedelta(hours=1)
        if row.server_id in own and hours > 0:
            hourly, monthly = prices[row.plan]
            total += min(hours * hourly, monthly) / 1e6
            slack += hourly / 1e6 + 0.01
    return total, slack


@pytest.mark.parametrize("kind", TWINS)
def test_its_bills_are_what_its_servers_cost_by_our_own_history(opened: Opened, kind: str) -> None:
    """One for each month that is over; the first one has only the days since the fleet began."""
    now = opened.installation.clock.now()
    (owed,) = (row for row in ask(opened.installation, Owed()) if row.provider == kind)
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        end = first = min(session.scalars(select(Server.created_at)))
    months = []
    while end <= now:
        begin, end = end, (end.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0)
        months.append((begin, min(end, now)))

    *over, present = months
    assert months[0][0] == first
    assert [invoice.issued for invoice in reversed(owed.invoices)] == [end.date() for _begin, end in over]
    for invoice, (begin, end) in zip(reversed(owed.invoices), over, strict=True):
        total, slack = paid(opened, kind, begin, end)
        assert (invoice.total_micro or 0) / 1e6 == pytest.approx(total, abs=slack)
        assert slack < total / 4
    total, slack = paid(opened, kind, *present)
    assert (owed.so_far_micro or 0) / 1e6 == pytest.approx(total, abs=slack)


def test_what_was_ordered_is_the_plan_that_a_server_began_with(opened: Opened) -> None:
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        asked = session.scalars(select(Job).where(Job.kind == "server.provision")).all()
        intervals = session.scalars(select(ServerInterval).order_by(ServerInterval.since)).all()
        servers = {row.id: row for row in session.scalars(select(Server))}
    for server_id, server in servers.items():
        plans = [row.plan for row in intervals if row.server_id == server_id]
        (order,) = (job.request for job in asked if job.about_id == server_id)
        assert order["plan"] == plans[0], server.name
        assert server.plan == plans[-1], server.name
    assert sum(len([row for row in intervals if row.server_id == server_id]) == 2 for server_id in servers) == 1


def detail_of(opened: Opened, job: UUID) -> JobDetail:
    found = ask(opened.installation, JobDetails(WHOLE, job, opened.installation.kinds))
    assert found is not None
    return found


def test_failures_of_the_past_took_their_time_and_say_so(opened: Opened) -> None:
    kinds = opened.installation.kinds
    failed = ask(opened.installation, Jobs(WHOLE, kinds, states=("failed",)))
    assert len(failed) == 2
    for row in failed:
        detail = detail_of(opened, row.id)
        (step,) = (step for step in detail.steps if step.state == "failed")
        assert row.cause == step.note
        assert row.remedy
        assert (step.spent_s or 0.0) >= BACK_LIMIT_S * step.tries
        assert step.ended_at == row.ended_at
        assert [line.text for line in detail.log] == [row.cause] * step.tries
        assert detail.log[-1].at == step.ended_at
        assert step.started_at is not None
        assert all(line.at > step.started_at for line in detail.log)
        assert all(step.spent_s for step in detail.steps if step.state == "done")


def test_jobs_of_the_past_read_like_those_of_today(at_work: Opened) -> None:
    """What a job of today is called and leaves, one of the past is and left."""
    name = "mx2.acme-dental.example"
    request = {"server_id": str(ask(at_work.installation, Servers(WHOLE))[0].id), "action": "reboot"}
    today = at_work.driver.wait_for(at_work.driver.request("server.power", request), seconds=90)
    assert today.state == "succeeded", today.cause
    kinds = at_work.installation.kinds
    rows = ask(at_work.installation, Jobs(WHOLE, kinds))
    (title,) = {row.title for row in rows if row.id == today.id}
    past = [row for row in rows if row.kind == "server.power" and row.id != today.id]

    assert {row.title for row in past} == {title}
    went_well = next(row for row in past if row.state == "succeeded" and row.about == name)
    before, after = detail_of(at_work, went_well.id).steps, detail_of(at_work, today.id).steps
    assert [(step.title, step.note) for step in before] == [(step.title, step.note) for step in after]
