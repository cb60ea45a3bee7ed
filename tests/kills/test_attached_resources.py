"""kill -9 between an intent and the answer to its call, for what an account holds beside servers."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.core.secrets.values import Secret
from backend.providers.capabilities import clouds
from backend.providers.registry import known_providers
from tests.backend.providers.cases import CASES, Case
from tests.installation import until
from tests.kills.campaign import Campaign
from tests.kills.conftest import NewCampaign
from tests.kills.test_boundaries import stop_after_create

#: The calls that reserve an address and that make a firewall: method and beginning of the path.
CALLS = {
    "digitalocean": (("POST", "/v2/reserved_ips"), ("POST", "/v2/firewalls")),
    "vultr": (("POST", "/v2/reserved-ips/convert"), ("POST", "/v2/firewalls")),
    "linode": (("PUT", "/v4/networking/ips"), ("POST", "/v4/networking/firewalls")),
    "ec2": (("POST", "/AllocateAddress"), ("POST", "/CreateSecurityGroup")),
}
HOLDING = [
    case for case in CASES if clouds()[case.kind].can("reserved_address") and clouds()[case.kind].can("firewall")
]


def standing(campaign: Campaign) -> UUID:
    """A server that runs at the provider; whether it was proved does not matter to what is held for it."""
    stop_after_create(campaign, campaign.order())
    (server,) = campaign.live_servers()
    site = campaign.sites[0]
    driver = known_providers().open(site.case.kind, Secret(site.emulator.token), endpoint_url=site.emulator.url)
    number = str(server.provider_id)
    until(lambda: driver.get(number).state == "active", "the server to run")
    driver.close()
    return server.id


@pytest.mark.proof("a call under way at a kill")
@pytest.mark.parametrize("case", HOLDING, ids=lambda case: case.kind)
@pytest.mark.timeout(600)
def test_a_call_under_way_when_its_engine_is_killed_holds_one_thing(new_campaign: NewCampaign, case: Case) -> None:
    """The engine dies with the request at a provider that has not answered yet, and once more when the intent is
    settled."""
    campaign = new_campaign(case)
    server = str(standing(campaign))
    jobs = []
    for call, key in zip(CALLS[case.kind], ("address", "firewall"), strict=True):
        campaign.hold(*call)
        kind = "server.address.reserve" if key == "address" else "server.firewall"
        jobs.append(campaign.driver.request(kind, {"server_id": server}))
        campaign.kill_under_way(*call)
        campaign.die_at(f"intent.{key}:created")
        campaign.start()
        campaign.driver.wait_for(jobs[-1], "succeeded")

    counters = campaign.emulator.counters()
    assert (len(counters["reserved"]), len(counters["firewalls"])) == (1, 1)
    tallies = counters["tallies"]
    assert (tallies["addresses reserved"], tallies["firewalls created"]) == (1, 1)
    assert campaign.books().open_intents == 0
