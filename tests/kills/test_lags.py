"""Fifty orders at five clouds that show late what they made and lose answers, under kills: one server each."""

from __future__ import annotations

import time
from random import Random
from uuid import UUID

import pytest

from backend.engine.jobs import ENDED
from tests.backend.providers.cases import CASES
from tests.kills.campaign import Books, Campaign, Site
from tests.kills.conftest import NewCampaign

pytestmark = pytest.mark.tier("all", reason="it draws lags and kills at random moments")

SEED = 20_261_202
ROUNDS = 10
#: Seconds after which clouds showed what they had made, and the part of it that the tests wait: the engines of a
#: campaign take for never made what is not shown after two seconds instead of ten minutes.
LAGS_S, PART = (0.0, 5.0, 13.0, 45.0, 300.0), 1 / 300
#: A call by the number of what was just made was answered with 404 for a minute at most.
LONGEST_BY_ID_S = 60.0
LONGEST_LIFE_S, CREATED_S = 1.5, 120.0


def order_everywhere(campaign: Campaign, draw: Random, turn: int) -> list[UUID]:
    """One server at each cloud, each with lags of its own, every third with its answer lost."""
    jobs = []
    for site in campaign.sites:
        lag = draw.choice(LAGS_S)
        site.emulator.set("late", lists=lag * PART, by_id=min(lag, LONGEST_BY_ID_S) * PART)
        if draw.random() < 1 / 3:
            site.emulator.fault("lost_answer", *site.case.call("order"))
        jobs.append(campaign.order(f"mx{turn}.{site.case.kind}.example.net", site))
    return jobs


def kill_until_created(campaign: Campaign, draw: Random, jobs: list[UUID]) -> None:
    """Two kills at random moments, then an engine that is left alone."""
    for _kill in range(2):
        time.sleep(draw.uniform(0.0, LONGEST_LIFE_S))  # a random moment is what is asked for
        campaign.kill()
        campaign.start()

    def created() -> bool:
        campaign.go_on()
        return all(is_created(campaign, job) for job in jobs)

    campaign.wait(created, "every server to be made", CREATED_S)


def is_created(campaign: Campaign, job: UUID) -> bool:
    return any(step.key == "create" and step.state == "done" for step in campaign.driver.steps(job))


def made(site: Site) -> int:
    return int(site.emulator.counters()["tallies"].get("servers created", 0))


@pytest.mark.timeout(1200)
def test_fifty_orders_under_lags_and_kills_make_one_server_each(new_campaign: NewCampaign) -> None:
    campaign, draw = new_campaign(*CASES), Random(SEED)
    jobs = list[UUID]()
    for turn in range(ROUNDS):
        ordered = order_everywhere(campaign, draw, turn)
        kill_until_created(campaign, draw, ordered)
        jobs += ordered
        assert [made(site) for site in campaign.sites] == [turn + 1] * len(CASES)
        for job in ordered:
            campaign.driver.act(job, "job.cancel")
            campaign.driver.wait_for(job, "cancelled")

    assert len(jobs) == 50
    assert len(campaign.live_servers()) == 50
    books = campaign.books()
    assert (books.orphans, books.doubles, books.open_intents) == ((), 0, 0)
    campaign.roll_back_failures()
    assert all(job.state in ENDED for job in campaign.jobs())
    assert campaign.books() == Books(orphans=(), doubles=0, keys=(), open_intents=0)
    assert [site.emulator.counters()["servers"] for site in campaign.sites] == [[]] * len(CASES)
    assert campaign.kills == 2 * ROUNDS
