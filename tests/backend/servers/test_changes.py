"""A server gets another plan or its reverse DNS name: what is refused, what a lost answer does, what is written
down."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.accounts.queries import Offers
from backend.core.prices import priced_in
from backend.core.secrets.values import Secret
from backend.fleet.prices import OfferPrices
from backend.providers.ports import Catalogue, Machine
from backend.providers.registry import known_providers
from backend.servers.price_check import question_of_price
from backend.servers.repository import ServerRepository
from backend.servers.requests import PowerServer, ResizeServer
from backend.store.schema.fleet import Address, Offer, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.steps import step_context
from tests.backend.servers.world import World, row_of
from tests.installation import question_of, until

LARGER, SMALLER = "s-2vcpu-4gb", "s-1vcpu-1gb"
LARGER_MICRO = 24_000_000


def ip_of(world: World, server: UUID) -> str:
    return str(row_of(world, server).address)


def test_a_running_server_is_shut_down_resized_and_runs_again(world: World, server: UUID) -> None:
    job = world.ended(
        "server.resize", server_id=str(server), plan=LARGER, grow_disk=True, seen_monthly_micro=LARGER_MICRO
    )

    assert job.state == "succeeded", job.cause
    row = row_of(world, server)
    assert (row.plan, row.power, row.memory_mb, row.disk_gb) == (LARGER, "on", 4096, 80)
    assert row.monthly_micro == LARGER_MICRO
    assert ("resized", f"Resized: s-1vcpu-2gb to {LARGER}") in world.events(server)
    intervals = world.intervals(server)
    assert [each.plan for each in intervals][-1] == LARGER
    assert intervals[-1].until is None
    assert all(each.until is not None for each in intervals[:-1])
    assert not [text for kind, text in world.events(server) if kind == "drift"]


def test_a_lost_answer_to_the_resize_is_looked_up_and_not_asked_twice(world: World, server: UUID) -> None:
    before = world.emulator.counters()["tallies"].get("actions resize", 0)
    path = f"/v2/droplets/{row_of(world, server).provider_id}/actions"
    world.emulator.fault("lost_answer", "POST", path, skip=1)  # the first one shuts it down

    job = world.ended("server.resize", server_id=str(server), plan=LARGER, grow_disk=False)

    assert job.state == "succeeded", job.cause
    assert row_of(world, server).plan == LARGER
    assert row_of(world, server).disk_gb == 50
    assert world.emulator.counters()["tallies"]["actions resize"] == before + 1


def test_a_failed_resize_can_be_rolled_back_and_the_server_runs_as_before(world: World, server: UUID) -> None:
    world.emulator.set("errored", type="resize")

    job = world.ended("server.resize", server_id=str(server), plan=LARGER, grow_disk=True)
    assert job.state == "failed"
    world.rolled_back(job)

    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    row = row_of(world, server)
    assert (row.plan, row.power) == ("s-1vcpu-2gb", "on")


def test_a_server_that_is_off_stays_off(world: World, server: UUID) -> None:
    provider_id = row_of(world, server).provider_id
    with world.emulator.client() as client:
        assert client.post(f"/v2/droplets/{provider_id}/actions", json={"type": "power_off"}).status_code == 201
    until(lambda: _refreshed(world, server).power == "off", "the server to be off")

    job = world.ended("server.resize", server_id=str(server), plan=LARGER, grow_disk=True)

    assert job.state == "succeeded", job.cause
    assert row_of(world, server).power == "off"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"plan": "s-1vcpu-2gb"}, "already has this plan"),
        ({"plan": "no-such-plan"}, "is not available in fra1"),
        ({"plan": SMALLER}, "is smaller than the server's"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    world: World, server: UUID, asked: dict[str, str], words: str
) -> None:
    assert words in world.refusal("server.resize", server_id=str(server), **asked)
    assert row_of(world, server).power == "on"


def test_a_price_that_went_up_is_asked_about_before_the_server_is_touched(world: World, server: UUID) -> None:
    request = {"server_id": str(server), "plan": LARGER, "grow_disk": True, "seen_monthly_micro": LARGER_MICRO - 10_000}
    job = world.asked(world.driver.request("server.resize", request))

    cost, *meaning, so_far = question_of(job).effects
    assert [each.label for each in meaning] == ["Downtime", "Mail", "Memory", "Reversible"]
    assert meaning[-1].value == "no"
    assert (cost.value, cost.note) == (
        "12.00 USD → 24.00 USD a month",
        "23.99 USD when shown to you",
    )
    assert so_far.value == "nothing was changed"
    assert _refreshed(world, server).power == "on"
    world.says_yes(job)
    assert world.driver.wait_for(job.id, seconds=120).state == "succeeded"
    assert row_of(world, server).plan == LARGER


def test_an_address_gets_its_reverse_name_and_the_row_knows_it(world: World, server: UUID) -> None:
    ip = ip_of(world, server)

    job = world.ended("server.reverse_dns", server_id=str(server), ip=ip, name="Mail.Acme.example.")

    assert job.state == "succeeded", job.cause
    with world.installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalars(select(Address.ptr).where(Address.server_id == server, Address.ip == ip)).one() == (
            "mail.acme.example"
        )
    assert ("reverse", f"Reverse DNS of {ip}: mail.acme.example") in world.events(server)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"name": "mail"}, "is not a full host name"),
        ({"name": "203.0.113.7"}, "is not a full host name"),
        ({"name": "mail.acme.example", "ip": "192.0.2.77"}, "is not an address of"),
    ],
)
def test_a_reverse_name_that_makes_no_sense_is_refused(
    world: World, server: UUID, asked: dict[str, str], words: str
) -> None:
    assert words in world.refusal("server.reverse_dns", server_id=str(server), **{"ip": ip_of(world, server), **asked})


def _refreshed(world: World, server: UUID) -> Server:
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    return row_of(world, server)


def test_a_region_that_costs_more_is_asked_for_its_own_price(world: World, server: UUID) -> None:
    """Vultr and Linode have such regions; here the account's offers say so."""
    with world.installation.store.write(ENGINE_SCOPE) as session:
        offer = session.get_one(Offer, (AGENCY, world.account, "plan", "s-1vcpu-2gb"))
        there = {"region": "fra1", "hourly_micro": 26_790, "monthly_micro": 18_000_000}
        offer.data = {**offer.data, "overrides": [there]}

    plan = next(plan for plan in world.ask(Offers(world.account)).plans if plan.slug == "s-1vcpu-2gb")

    assert priced_in(plan, "fra1").monthly_micro == 18_000_000
    assert priced_in(plan, "nyc1").monthly_micro == 12_000_000
    unpriced = Machine("1", "mx1", "fra1", "s-1vcpu-2gb", "active", "on", (), (), ())
    with world.installation.store.read(ENGINE_SCOPE) as session:
        prices = OfferPrices(session, world.account)
    assert prices.fill(unpriced).monthly_micro == 18_000_000
    elsewhere = prices.fill(replace(unpriced, region="nyc1"))
    assert (elsewhere.hourly_micro, elsewhere.price_source) == (17_860, "DigitalOcean API v2")
    assert elsewhere.priced_at == offer.read_at
    assert prices.fill(replace(unpriced, monthly_micro=1)).monthly_micro == 1
    assert prices.fill(replace(unpriced, plan="unheard-of")).monthly_micro is None


def test_a_price_that_is_no_longer_known_is_not_the_one_that_was_seen(world: World, server: UUID) -> None:
    plan = next(each for each in world_catalogue(world).plans if each.slug == LARGER)

    ctx = step_context(world.installation, ResizeServer(server, LARGER))

    assert question_of_price(ctx, plan, LARGER_MICRO, "Resize") is None
    asked = question_of_price(ctx, replace(plan, monthly_micro=None), LARGER_MICRO, "Resize")
    assert asked is not None
    assert asked.question.title == f"The price of {LARGER} is no longer known."
    assert asked.question.effects[0].value == "24.00 USD a month → unknown"


def test_where_a_stop_takes_the_address_away_the_new_one_is_known_at_once(world: World, server: UUID) -> None:
    before = ip_of(world, server)
    moved = Machine("1", "mx1", "fra1", LARGER, "active", "on", ("203.0.113.77",), (), ())
    ctx = step_context(world.installation, PowerServer(server, "reboot"))

    ServerRepository(world.installation.store).reached_at(ctx, server, moved)

    assert ip_of(world, server) == "203.0.113.77"
    assert ("address", f"Address changed: {before} to 203.0.113.77") in world.events(server)
    ServerRepository(world.installation.store).reached_at(ctx, server, replace(moved, ipv4=()))
    assert ip_of(world, server) == "203.0.113.77"


def test_of_another_plan_without_a_known_price_the_old_price_is_not_shown(world: World, server: UUID) -> None:
    unpriced = Machine("1", "mx1", "fra1", "unheard-of", "active", "on", (), (), ())
    ctx = step_context(world.installation, ResizeServer(server, LARGER))
    assert row_of(world, server).monthly_micro is not None

    ServerRepository(world.installation.store).size_is(ctx, server, unpriced, "resized")

    assert row_of(world, server).monthly_micro is None


def world_catalogue(world: World) -> Catalogue:
    driver = known_providers().open("digitalocean", Secret(world.emulator.token), endpoint_url=world.emulator.url)
    try:
        return driver.catalogue()
    finally:
        driver.close()
