"""kill -9 at random moments, with two jobs under way at any of the providers: all kinds that touch one or a server."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest

from backend.engine.jobs import ENDED
from tests.backend.providers.cases import CASES
from tests.kills.campaign import Books, Campaign
from tests.kills.conftest import NewCampaign

pytestmark = pytest.mark.lab

SEED = 20_260_301
UNDER_WAY, MOST_SERVERS = 2, 3
LONGEST_S = 2.0  # an engine lives at most so long: a server takes about seven such lives


class Operator:
    """Keeps two jobs under way, drawn from a seeded generator."""

    def __init__(self, campaign: Campaign, draw: Random) -> None:
        self._campaign = campaign
        self._draw = draw
        self._ordered = 0

    def keep_busy(self) -> None:
        under_way = sum(
            job.state not in ENDED and not job.author.startswith("timetable") for job in self._campaign.jobs()
        )
        for _each in range(UNDER_WAY - under_way):
            self._wish()

    def _wish(self) -> None:
        driver, servers = self._campaign.driver, self._campaign.live_servers()
        ready = [server for server in servers if server.life == "active"]
        site = self._draw.choice(self._campaign.sites)
        account = {"account_id": str(site.account)}
        kind = self._draw.choices(("provision", "power", "destroy", "verify", "refresh"), weights=(50, 20, 15, 5, 10))[
            0
        ]
        if kind == "verify":
            driver.wish("account.verify", account)
        elif kind == "refresh":
            driver.wish("inventory.refresh", account)
        elif len(servers) < MOST_SERVERS and (kind == "provision" or not ready):
            self._ordered += 1
            self._campaign.order(f"mx{self._ordered}.example.net", site)
        elif ready and kind == "power":
            action = self._draw.choice(("reboot", "off", "on", "power_cycle"))
            driver.wish("server.power", {"server_id": str(self._draw.choice(ready).id), "action": action})
        elif ready:
            self._campaign.destroy(self._draw.choice(ready))
        else:
            driver.wish("inventory.refresh", account)


def kill_at_random(campaign: Campaign, times: int) -> Counter[str]:
    """Kill that many engines; how often a job of which kind was under way when its engine died."""
    draw, hit = Random(SEED), Counter[str]()
    operator = Operator(campaign, draw)
    for _each in range(times):
        operator.keep_busy()
        time.sleep(draw.uniform(0.0, LONGEST_S))  # a random moment is what is asked for; nothing is awaited
        campaign.kill()
        hit.update(job.kind for job in campaign.jobs() if job.state == "running")
        campaign.start()
    return hit


def check(campaign: Campaign, times: int, hit: Counter[str]) -> None:
    campaign.settle()
    campaign.roll_back_failures()
    jobs = campaign.jobs()
    assert [(job.kind, job.state) for job in jobs if job.state == "failed" and not job.cause] == []
    assert campaign.books() == Books(orphans=(), doubles=0, keys=(), open_intents=0)
    for server in campaign.live_servers():
        campaign.destroy(server)
    campaign.settle()
    assert [site.emulator.counters()["servers"] for site in campaign.sites] == [[]] * len(CASES)
    assert campaign.kills == times
    assert hit["server.provision"] >= times // 4, hit


@pytest.mark.timeout(400)
def test_forty_random_kills_lose_nothing_and_double_nothing(new_campaign: NewCampaign) -> None:
    campaign = new_campaign(*CASES)
    check(campaign, 40, kill_at_random(campaign, 40))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_five_hundred_random_kills_lose_nothing_and_double_nothing(new_campaign: NewCampaign) -> None:
    campaign = new_campaign(*CASES)
    check(campaign, 500, kill_at_random(campaign, 500))
