"""kill -9 at random moments, with two jobs under way at any of the providers: all kinds that touch one or a server."""

from __future__ import annotations

import logging
import time
from collections import Counter
from random import Random

import pytest

from tests.backend.providers.cases import CASES
from tests.kills.campaign import Books, Campaign
from tests.kills.conftest import NewCampaign
from tests.kills.operator import Operator

log = logging.getLogger(__name__)
pytestmark = pytest.mark.lab

SEED = 20_260_301
MAKES_OR_CHANGES = {
    "server.provision",
    "server.power",
    "server.resize",
    "server.snapshot",
    "snapshot.delete",
    "server.address.reserve",
    "server.firewall",
    "server.destroy",
}
LONGEST_S = 2.0  # an engine lives at most so long: a server takes about seven such lives


def kill_at_random(campaign: Campaign, times: int) -> Counter[str]:
    """Kill that many engines; how often a job of which kind was under way when its engine died."""
    draw, hit = Random(SEED), Counter[str]()
    operator = Operator(campaign, draw)
    for _each in range(times):
        operator.keep_busy()
        time.sleep(draw.uniform(0.0, LONGEST_S))  # house: sleeps, a random moment is what is asked for
        campaign.kill()
        hit.update(job.kind for job in campaign.jobs() if job.state == "running")
        campaign.start()
    return hit


def check(campaign: Campaign, times: int, hit: Counter[str]) -> Counter[tuple[str, str]]:
    """The books after that; how many jobs of which kind ended how."""
    campaign.settle()
    campaign.roll_back_failures()
    jobs = campaign.jobs()
    ended = Counter((job.kind, job.state) for job in jobs)
    log.info("under way when killed: %s; ended: %s", dict(hit), dict(ended))
    assert [(job.kind, job.state) for job in jobs if job.state == "failed" and not job.cause] == []
    assert campaign.books() == Books(orphans=(), doubles=0, keys=(), open_intents=0)
    for server in campaign.live_servers():
        campaign.destroy(server)
    campaign.settle()
    assert [site.emulator.counters()["servers"] for site in campaign.sites] == [[]] * len(CASES)
    assert campaign.kills == times
    assert hit["server.provision"] >= times // 4, hit
    return ended


@pytest.mark.timeout(1200)
def test_forty_random_kills_lose_nothing_and_double_nothing(new_campaign: NewCampaign) -> None:
    campaign = new_campaign(*CASES)
    check(campaign, 40, kill_at_random(campaign, 40))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_five_hundred_random_kills_lose_nothing_and_double_nothing(new_campaign: NewCampaign) -> None:
    campaign = new_campaign(*CASES)
    ended = check(campaign, 500, kill_at_random(campaign, 500))
    assert {kind for kind, state in ended if state == "succeeded"} >= MAKES_OR_CHANGES
