"""What a provider shows late of what it was ordered to make: one order, a job that waits and says why, a good end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from backend.engine import intents
from backend.servers import provider_actions
from backend.servers.provision import create
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.providers.cases import CASES
from tests.backend.servers.late import HELD, NOT_SHOWN, RULES, THINGS, Site, site_at, standing
from tests.backend.servers.world import World
from tests.installation import until

pytestmark = pytest.mark.judged_once

LAGS_S = (5, 13, 45, 300)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.kind)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from site_at(request.param, tmp_path_factory)


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


def test_an_order_without_an_answer_that_is_shown_late_goes_out_once(site: Site) -> None:
    """However late: at each of the moments it may be shown from now on."""
    call = site.case.call("order")
    site.emulator.set("late", lists=HELD)
    site.emulator.fault("lost_answer", *call)
    job_id = site.order()
    if site.case.kind == "ec2":  # a second order is the first one again there
        until(lambda: site.world.step(job_id) == "ssh", "the server to be known")
    else:
        site.waiting(job_id)
        assert NOT_SHOWN in site.note(job_id)
        for since, lag_s in pairwise((0, *LAGS_S)):
            site.looks_again(job_id, lag_s - since)
            assert NOT_SHOWN in site.note(job_id)
            assert site.ordered(call) == 1
    site.show()

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert (site.made(), site.emulator.counters()["doubles"]) == (1, 0)
    site.world.rolled_back(job)
    assert site.made() == 0


def test_an_order_that_nothing_came_of_goes_out_again_after_ten_minutes(site: Site) -> None:
    call = site.case.call("order")
    site.emulator.fault("timeout_before", *call)
    job_id = site.order()
    if site.case.kind != "ec2":  # there a second order is the first one again
        site.looks_again(job_id, 590)
        assert site.ordered(call) == 1
        site.move(15)

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert (site.made(), site.ordered(call)) == (1, 2)


@pytest.mark.parametrize("set_by", [3600.0, -3600.0, 365 * 86_400.0], ids=str)
def test_a_clock_that_is_set_sends_no_second_order_early(site: Site, set_by: float) -> None:
    call = site.case.call("order")
    if site.case.kind == "ec2":
        pytest.skip("a second order is the first one again there")
    site.emulator.fault("timeout_before", *call)
    job_id = site.order()
    site.looks_again(job_id, 60)
    site.looks_again(job_id, 60, set_by=set_by)
    site.looks_again(job_id, 60)
    assert NOT_SHOWN in site.note(job_id)
    assert site.ordered(call) == 1
    site.move(425)

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert (site.made(), site.ordered(call)) == (1, 2)


def test_a_server_shown_after_the_ten_minutes_is_never_left_behind(site: Site) -> None:
    """A second order went out by then, or was refused because the first server has the name; both go with the job."""
    if site.case.kind == "ec2":
        pytest.skip("a second order is the first one again there")
    site.emulator.set("late", lists=HELD)
    site.emulator.fault("lost_answer", *site.case.call("order"), times=2)
    job_id = site.order()
    site.looks_again(job_id, 601)
    assert NOT_SHOWN in site.note(job_id)
    made = site.made()
    site.show()

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert made == (1 if site.case.kind == "linode" else 2)
    site.world.rolled_back(job)
    assert site.made() == 0


def test_a_server_that_is_not_known_by_its_number_yet_is_waited_for(site: Site) -> None:
    site.emulator.set("late", by_id=HELD)
    job_id = site.order()
    site.world.waits_at(job_id, "boot")
    for _half in range(2):
        asked = len(site.emulator.log())
        until(lambda asked=asked: len(site.emulator.log()) > asked + 2, "more looks")  # type: ignore[misc]
        site.move(30)
    assert site.world.step(job_id) == "boot"
    site.show()

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert site.made() == 1


@pytest.mark.parametrize("set_by", [3600.0, -3600.0], ids=str)
def test_a_clock_that_is_set_calls_no_young_server_deleted(site: Site, set_by: float) -> None:
    site.emulator.set("late", by_id=HELD)
    job_id = site.order()
    site.world.waits_at(job_id, "boot")
    site.clock.move(seconds=set_by)
    asked = len(site.emulator.log())
    until(lambda: len(site.emulator.log()) > asked + 2, "more looks")
    assert site.world.step(job_id) == "boot"
    site.show()

    job = site.world.driver.wait_for(job_id)

    assert site.world.step(job.id) == "ssh", job.cause
    assert site.made() == 1


def test_a_server_that_stays_unknown_is_called_deleted_after_the_grace(site: Site) -> None:
    site.emulator.set("late", by_id=HELD)
    job_id = site.order()
    site.world.waits_at(job_id, "boot")
    site.move(provider_actions.UNKNOWN_YET.total_seconds())

    job = site.world.driver.wait_for(job_id, "failed")

    assert job.cause == "The server was deleted at the provider while it was being created."
    site.show()
    site.world.rolled_back(job)
    assert site.made() == 0


def test_rolling_back_waits_for_a_server_that_is_not_shown_yet(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """To delete nothing, and take that for the end of it, leaves a server that costs."""
    monkeypatch.setattr(create, "BOOT_LIMIT_S", 0.2)
    site.emulator.set("late", lists=HELD, by_id=HELD)
    job = site.world.driver.wait_for(site.order(), "failed", "waiting_until")
    if job.state == "waiting_until":  # Hostwinds answers with no number: only the list tells it
        site.world.driver.act(job.id, "job.cancel")
        site.world.driver.wait_for(job.id, "cancelled")
    site.world.driver.act(job.id, "job.roll_back")
    site.waiting(job.id)
    assert site.made() == 1
    site.show()

    assert site.world.driver.wait_for(job.id, "rolled_back").state == "rolled_back"
    assert site.made() == 0
    site.emulator.set("late")


def test_a_server_that_lists_lack_still_is_not_taken_for_deleted(site: Site) -> None:
    if not site.case.answers_order_with_server:
        pytest.skip("lists alone tell what was ordered there")
    site.emulator.set("late", lists=HELD)
    job = site.world.driver.wait_for(site.order())
    assert site.world.step(job.id) == "ssh"
    _becomes_ready(site.world, job)
    for set_by, seconds, by_id, life in (
        (3600, 0, 0, "active"),
        (-7200, 0, HELD, "active"),
        (0, 601, 0, "active"),
        (0, 0, HELD, "decommissioned"),
    ):
        site.clock.move(seconds=set_by)
        site.move(seconds)
        site.emulator.set("late", lists=HELD, by_id=by_id)
        assert site.world.ended("inventory.refresh", account_id=str(site.world.account)).state == "succeeded"
        assert _row(site.world, job).life == life


def test_what_is_held_for_a_server_and_shown_late_is_ordered_once(site: Site) -> None:
    if not site.things:
        pytest.skip("nothing is held for servers there")
    server = standing(site)
    site.emulator.set("late", lists=HELD)
    for thing in site.things:
        call, before = thing.calls[site.case.kind], site.count(thing)
        sent = site.ordered(call)
        site.emulator.fault("lost_answer", *call)
        job_id = site.request(thing, server)
        site.waiting(job_id)
        for lag_s in (5, 300):
            site.looks_again(job_id, lag_s)
            assert NOT_SHOWN in site.note(job_id)
        site.show()

        job = site.world.driver.wait_for(job_id)

        assert job.state == "succeeded", (job.cause, site.world.driver.described(job_id))
        assert (site.ordered(call), site.count(thing)) == (sent + 1, before + 1)


def test_what_is_held_for_a_server_and_not_known_yet_is_waited_for(site: Site) -> None:
    if not site.things:
        pytest.skip("nothing is held for servers there")
    server = standing(site)
    site.emulator.set("late", lists=HELD, by_id=HELD)
    for thing in site.things:
        before = site.count(thing)
        job_id = site.request(thing, server)
        until(lambda: site.count(thing) > before, "it to be made")  # noqa: B023 - asked within this turn alone
        asked = len(site.emulator.log())
        until(lambda: len(site.emulator.log()) > asked, "a look")  # noqa: B023
        site.move(50)
        site.show()

        job = site.world.driver.wait_for(job_id)

        assert job.state == "succeeded", (job.cause, site.world.driver.described(job_id))
        assert site.count(thing) == before + 1


def test_a_firewall_whose_rules_were_refused_at_first_is_the_only_one_though_lists_lack_it(site: Site) -> None:
    if site.case.kind not in RULES:
        pytest.skip("it is made with its rules in one call there, or not at all")
    server, thing = standing(site), THINGS["firewall"]
    before = site.count(thing)
    site.emulator.set("late", lists=HELD)
    site.emulator.fault("429", "POST", RULES[site.case.kind])
    job_id = site.request(thing, server)
    site.waiting(job_id)
    site.move(60)

    job = site.world.driver.wait_for(job_id)

    assert job.state == "succeeded", (job.cause, site.world.driver.described(job_id))
    assert site.count(thing) == before + 1


def _row(world: World, job: Job) -> Server:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Server, (AGENCY, job.about_id))


def _becomes_ready(world: World, job: Job) -> None:
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, job.about_id)).life = "active"


def test_the_times_are_those_that_are_promised() -> None:
    assert timedelta(minutes=10) == intents.SHOWN_WITHIN
    assert timedelta(seconds=60) < provider_actions.UNKNOWN_YET < intents.SHOWN_WITHIN
