"""A region where an account may do nothing: what stands there is not observed, and never taken for deleted."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.accounts.queries import Accounts
from backend.core.errors import Unauthorized
from backend.engine.jobs import ENDED
from backend.fleet.ownership import ownership_tag
from backend.providers.models import Listed
from backend.servers.provider_actions import told_of
from backend.store.schema.fleet import Account, Orphan, Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.providers.cases import EC2
from tests.backend.servers.late import HELD, THINGS, Site, Thing, site_at, standing
from tests.installation import until

HERE, THERE = "us-east-1", "eu-central-1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for site in site_at(EC2, tmp_path_factory):
        site.reset()
        yield site


@pytest.fixture(autouse=True)
def open_afterwards(site: Site) -> Iterator[None]:
    yield
    site.emulator.set("late")
    _close(site)


def _close(site: Site, *regions: str) -> None:
    closed = dict.fromkeys(regions, "UnauthorizedOperation")
    site.emulator.set("tokens", token=site.emulator.token, closed=closed)


def _refreshed(site: Site) -> None:
    job = site.world.ended("inventory.refresh", account_id=str(site.world.account))
    assert job.state == "succeeded", job.cause


def _row(site: Site, server: UUID) -> Server:
    with site.world.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Server, (AGENCY, server))


def test_a_server_there_is_not_observed_until_the_region_is_open_again(site: Site) -> None:
    server = standing(site)
    _close(site, HERE)
    for _time in range(2):
        _refreshed(site)

    assert (_row(site, server).life, _row(site, server).power, _row(site, server).gone_at) == (
        "active",
        "unknown",
        None,
    )
    said = [text for kind, text in site.world.events(server) if kind == "drift"]
    assert said == [f"Not observed: the account has no permissions in {HERE}"]
    (account,) = site.world.ask(Accounts())
    assert (account.state, account.note) == (
        "verified",
        f"Not observed, because the account has no permissions there: {HERE}",
    )
    assert site.world.ended("account.verify", account_id=str(site.world.account)).state == "succeeded"

    _close(site)
    _refreshed(site)

    assert (_row(site, server).life, _row(site, server).power) == ("active", "on")
    assert [text for kind, text in site.world.events(server) if kind == "drift"] == said
    assert site.world.ask(Accounts())[0].note == ""
    assert site.world.ended("account.verify", account_id=str(site.world.account)).state == "succeeded"


def test_a_server_that_is_missing_elsewhere_is_gone_all_the_same(site: Site) -> None:
    server = standing(site)
    _close(site, THERE)
    site.world.installation._accounts.provider(site.world.account).delete(str(_row(site, server).provider_id))

    _refreshed(site)

    assert _row(site, server).life == "decommissioned"
    with site.world.installation.store.read(ENGINE_SCOPE) as session:
        assert session.get_one(Account, (AGENCY, site.world.account)).closed_regions == [THERE]
    _close(site)


def test_an_orphan_there_stays_listed_and_is_not_called_removed(site: Site) -> None:
    server = standing(site)
    driver = site.world.installation._accounts.provider(site.world.account)
    machine = str(_row(site, server).provider_id)
    name = ownership_tag(uuid4())
    made = driver.firewalls.make(machine, name, [])
    assert site.world.ended("orphans.scan").state == "succeeded"
    assert _orphans(site) == [made]
    _close(site, HERE)

    assert site.world.ended("orphans.scan").state == "succeeded"

    assert _orphans(site) == [made]
    request = {"account_id": str(site.world.account), "resource": "firewall", "provider_id": made}
    job = site.world.ended("orphan.remove", **request, typed_name=name)
    assert job.state == "failed"
    _close(site)


def test_an_order_there_that_looking_cannot_find_is_not_taken_for_never_made(site: Site) -> None:
    site.emulator.fault("lost_answer", *site.case.call("order"))
    job_id = site.order()
    job = site.world.driver.wait_for(job_id)
    assert site.world.step(job.id) == "ssh", job.cause
    _close(site, HERE)

    assert _back(site, job).state == "failed"
    assert site.made() > 0
    _close(site)


@pytest.mark.parametrize("thing", THINGS.values(), ids=[*THINGS])
def test_what_was_ordered_there_without_an_answer_is_not_taken_for_never_made(site: Site, thing: Thing) -> None:
    """Neither by its job, nor on its way back, nor by reconciliation, however much time has passed."""
    server = standing(site)
    before, sent = site.count(thing), site.ordered(thing.calls["ec2"])
    site.emulator.set("late", lists=HELD)
    site.emulator.fault("lost_answer", *thing.calls["ec2"])
    job_id = site.request(thing, server)
    site.waiting(job_id)
    assert site.count(thing) == before + 1
    _close(site, HERE)
    site.show()
    site.move(601)

    job = site.world.driver.wait_for(job_id, "failed", "succeeded")
    assert (job.state, site.ordered(thing.calls["ec2"])) == ("failed", sent + 1)
    job = _back(site, job)
    assert (job.state, job.cause) == ("failed", f"The account has no permissions in {HERE}.")
    reconciled = site.world.ended("intents.reconcile")
    assert "1 could not be checked" in site.world.driver.steps(reconciled.id)[0].note
    assert site.count(thing) == before + 1

    _close(site)
    reconciled = site.world.ended("intents.reconcile")
    assert "1 found" in site.world.driver.steps(reconciled.id)[0].note
    assert _back(site, job).state == "rolled_back"
    assert site.count(thing) == before


def test_where_the_region_is_not_known_no_list_with_a_closed_one_tells_that_nothing_is_there() -> None:
    listed = Listed[str]((), frozenset({HERE, THERE}))

    with pytest.raises(Unauthorized, match=f"{THERE}, {HERE}"):
        told_of(listed, "")
    assert told_of(listed, "us-west-2") == listed
    assert told_of(Listed[str](()), "") == Listed[str](())


def _back(site: Site, job: Job) -> Job:
    """Rolled back, or as far as that came."""
    site.world.driver.act(job.id, "job.roll_back")

    def stopped() -> Job | None:
        now = site.world.driver.job(job.id)
        return now if now is not None and now.run > job.run and now.state in ENDED else None

    found = until(stopped, "the way back to end")
    assert found is not None
    return found


def _orphans(site: Site) -> list[str]:
    with site.world.installation.store.read(ENGINE_SCOPE) as session:
        return [*session.scalars(select(Orphan.provider_id).where(Orphan.resource == "firewall"))]
