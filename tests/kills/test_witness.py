"""A wait of a campaign that was in vain tells what is needed to judge it."""

from __future__ import annotations

import re

import pytest

from tests.installation import until
from tests.kills.conftest import NewCampaign
from tests.kills.witness import NOT_REACHED


def test_a_job_that_never_ends_is_told_with_all_that_keeps_it(new_campaign: NewCampaign) -> None:
    campaign = new_campaign(hosts=lambda: {"m1": "off, started twice"})
    campaign.emulator.fault("slow", "GET")
    job = campaign.order()
    until(lambda: any(NOT_REACHED in line for line in campaign.engines_said()), "a dial")

    with pytest.raises(AssertionError) as caught:
        campaign.settle(1.0)

    told = str(caught.value)
    assert told.startswith("waited 1 s for all jobs to end\n== jobs that have not ended:\n  server.provision")
    assert "does not respond over SSH. ConnectionRefusedError: [Errno 111] Connection refused" in told
    assert "  m1: off, started twice" in told
    assert '"name": "mx1.example.net"' in told
    assert "  digitalocean: POST /v2/droplets 202" in told
    assert re.search(r"  digitalocean: GET /v2/\S+ 0 slow", told)
    assert "Thread 0x" in told
    assert "backend/servers/provision/first_login.py" in told
    with pytest.raises(AssertionError, match="== where the threads of the engine stand:"):
        campaign.driver.wait_for(job, seconds=0.1)


def test_a_part_that_cannot_be_told_hides_no_other(new_campaign: NewCampaign) -> None:
    def gone() -> dict[str, object]:
        raise ConnectionError("the lab is gone")

    campaign = new_campaign(hosts=gone)
    campaign.kill()

    with pytest.raises(AssertionError) as caught:
        campaign.wait(lambda: False, "what never comes", 0.0)

    assert "== in the lab:\n  cannot be told: ConnectionError('the lab is gone')\n== at the" in str(caught.value)
    assert str(caught.value).endswith("stand:\n  no engine runs")
