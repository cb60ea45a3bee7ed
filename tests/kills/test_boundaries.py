"""kill -9 at each boundary of the job that makes a server, and between an intent and the answer to its call."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.providers.capabilities import clouds
from backend.servers.requests import ProvisionServer
from tests.backend.providers.cases import CASES, Case
from tests.kills.campaign import Books, Campaign
from tests.kills.conftest import NewCampaign

STEPS = (
    "check",
    "keys",
    "login_key",
    "create",
    "boot",
    "ssh",
    "nonce",
    "host_key",
    "pin",
    "harden",
    "sample",
    "ready",
)
INTENTS = {"login_key": "login_key", "create": "server"}
CLEAN = Books(orphans=(), doubles=0, keys=(), open_intents=0)


def order_with_lost_answer(campaign: Campaign) -> UUID:
    """A server whose order is carried out by a provider that hangs up in place of the answer."""
    campaign.emulator.fault("lost_answer", *campaign.sites[0].case.call("order"))
    return campaign.order()


def stop_after_create(campaign: Campaign, job_id: UUID) -> None:
    """Kill the engine when the server is made, then cancel the job."""
    campaign.die_at("create:done")
    campaign.start()
    campaign.driver.act(job_id, "job.cancel")
    campaign.driver.wait_for(job_id, "cancelled")


def kill_at(campaign: Campaign, *steps: str) -> None:
    for step in steps:
        campaign.die_at(f"{step}:running")
        campaign.die_at(f"{step}:done")


@pytest.mark.proof("a kill at every boundary of the order")
@pytest.mark.lab
@pytest.mark.timeout(900)
def test_a_server_is_made_once_although_its_engine_is_killed_at_every_boundary(new_campaign: NewCampaign) -> None:
    campaign = new_campaign()
    kind = campaign.client.kinds[ProvisionServer.kind]
    assert tuple(step.key for step in kind.steps(None)) == STEPS
    job_id = order_with_lost_answer(campaign)
    for step in STEPS:
        if step in INTENTS:
            campaign.die_at(f"{step}:running")
            campaign.die_at(f"intent.{INTENTS[step]}:open")
            campaign.die_at(f"intent.{INTENTS[step]}:created")
            campaign.die_at(f"{step}:done")
        else:
            kill_at(campaign, step)
    campaign.settle()

    job = campaign.driver.job(job_id)
    assert job is not None
    assert job.state == "succeeded", (job.cause, campaign.driver.described(job_id))
    assert [step.tries for step in campaign.driver.steps(job_id)] == [1] * len(STEPS)
    assert len(campaign.live_servers()) == 1
    assert campaign.books() == CLEAN
    assert campaign.emulator.counters()["tallies"]["servers created"] == 1
    assert campaign.kills == 2 * len(STEPS) + 4


@pytest.mark.proof("a call under way at a kill")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
@pytest.mark.timeout(600)
def test_a_call_under_way_when_its_engine_is_killed_makes_one_thing(new_campaign: NewCampaign, case: Case) -> None:
    """The engine dies between *intent written* and *call answered*, twice: with the request at a provider that has not
    answered yet, and after a hang-up in place of the answer."""
    campaign = new_campaign(case)
    takes_keys = clouds()[case.kind].can("login_keys")
    calls = [*([("POST", case.keys)] if takes_keys else []), case.call("order")]
    intents = [*(["login_key"] if takes_keys else []), "server"]
    campaign.hold(*calls[0])
    slow = campaign.order("slow.example.net")
    campaign.kill_under_way(*calls[0])
    for call in calls[1:]:
        campaign.hold(*call)
        campaign.kill_under_way(*call)
    stop_after_create(campaign, slow)
    for call in calls:
        campaign.emulator.fault("lost_answer", *call)
    lost = campaign.order("lost.example.net")
    for intent in intents:
        campaign.die_at(f"intent.{intent}:created")
    stop_after_create(campaign, lost)

    assert len(campaign.live_servers()) == 2
    tallies = campaign.emulator.counters()["tallies"]
    assert (tallies.get("keys created", 0), tallies["servers created"]) == (2 if takes_keys else 0, 2)
    assert (campaign.books().orphans, campaign.books().doubles) == ((), 0)
    campaign.roll_back_failures()
    assert campaign.live_servers() == []
    assert campaign.books() == CLEAN


def test_the_control_without_a_journal_leaves_orphans(new_campaign: NewCampaign) -> None:
    """The same kills prove nothing unless a journal that writes no intents is caught by them."""
    campaign = new_campaign(is_forgetful=True)
    order_with_lost_answer(campaign)
    kill_at(campaign, *STEPS[: STEPS.index("create") + 1])

    books = campaign.books()
    assert len(books.orphans) + books.doubles > 0, books


def test_a_roll_back_killed_at_every_boundary_leaves_nothing(new_campaign: NewCampaign) -> None:
    campaign = new_campaign()
    job_id = campaign.order()
    stop_after_create(campaign, job_id)
    campaign.driver.act(job_id, "job.roll_back")
    for step in ("create", "login_key", "keys"):
        campaign.die_at(f"{step}:undoing")
        campaign.die_at(f"{step}:undone")
    campaign.settle()

    assert campaign.driver.wait_for(job_id).state == "rolled_back"
    assert campaign.live_servers() == []
    assert campaign.books() == CLEAN
    assert campaign.emulator.counters()["servers"] == []
    assert [ref for ref in campaign.client.secrets.references() if ref.path.startswith("vps/")] == []


def test_a_destroy_killed_at_every_boundary_destroys_once(new_campaign: NewCampaign) -> None:
    campaign = new_campaign()
    stop_after_create(campaign, campaign.order())
    (server,) = campaign.live_servers()
    job_id = campaign.destroy(server)
    kill_at(campaign, "delete", "gone", "forget")
    campaign.settle()

    assert campaign.driver.wait_for(job_id).state == "succeeded"
    assert campaign.live_servers() == []
    assert campaign.emulator.counters()["servers"] == []
    assert campaign.emulator.counters()["tallies"]["servers deleted"] == 1


def test_a_request_killed_at_each_hop_to_its_end_is_carried_out_once(new_campaign: NewCampaign) -> None:
    """Written while no engine lives, taken, begun, found as cut off, ended: nothing is left out or doubled."""
    campaign = new_campaign()
    stop_after_create(campaign, campaign.order())
    (server,) = campaign.live_servers()
    campaign.kill()
    job_id = campaign.destroy(server)
    campaign.die_at("job:queued")
    campaign.die_at("job:running")  # its first step stands as running
    campaign.die_at("job:running")  # the start found it so, and carried nothing on yet
    kill_at(campaign, "gone")
    campaign.die_at("job:succeeded")
    campaign.settle()

    job = campaign.driver.wait_for(job_id)
    assert (job.state, job.run, job.cut_offs) == ("succeeded", 1, 4)
    assert [step.tries for step in campaign.driver.steps(job_id)] == [1, 1, 1]
    assert campaign.live_servers() == []
    assert campaign.emulator.counters()["servers"] == []
    assert campaign.emulator.counters()["tallies"]["servers deleted"] == 1
    assert (campaign.books().orphans, campaign.books().doubles) == ((), 0)
