"""The compute contract, held by the driver at both faces of the API: as documented (checked by prism), and as live."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from backend.core.errors import (
    LimitReached,
    MailyardError,
    NotFound,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.providers.digitalocean.driver import DigitalOcean
from backend.providers.ports import PowerAction, intent_tag
from tests.backend.providers.conftest import Cloud
from tests.installation import until


@pytest.fixture
def reader(cloud: Cloud) -> Iterator[DigitalOcean]:
    """The same account with a token that may only read."""
    cloud.emulator.set("tokens", token="dop_v1_reader", scopes=["read"])
    driver = DigitalOcean(Secret("dop_v1_reader"), endpoint_url=cloud.url)
    yield driver
    driver.close()


def test_a_good_token_tells_whose_it_is_and_how_many_servers_it_may_have(cloud: Cloud) -> None:
    standing = cloud.driver.verify()

    assert (standing.holder, standing.server_limit) == ("operations@agency.example", 25)


def test_an_unknown_token_is_refused_with_a_remedy(cloud: Cloud) -> None:
    stranger = DigitalOcean(Secret("dop_v1_unknown"), endpoint_url=cloud.url)

    with pytest.raises(Unauthorized) as refused:
        stranger.verify()
    stranger.close()

    assert refused.value.title == "DigitalOcean refused the token."
    assert "Settings > Accounts" in refused.value.remedy
    assert "dop_v1_unknown" not in refused.value.sentence() + refused.value.detail


def test_a_token_revoked_while_in_use_is_refused(cloud: Cloud) -> None:
    cloud.driver.verify()
    cloud.emulator.set("revoke", token=cloud.emulator.token)

    with pytest.raises(Unauthorized):
        cloud.driver.machines()


def test_a_token_that_may_only_read_is_told_from_a_wrong_one(cloud: Cloud, reader: DigitalOcean) -> None:
    assert reader.verify().holder

    with pytest.raises(Unauthorized) as refused:
        reader.register_key("key", new_key_pair().public)

    assert refused.value.title == "The DigitalOcean token may not do this."
    assert cloud.emulator.counters()["keys"] == []


def test_the_catalogue_has_regions_plans_with_price_and_images_and_says_where_from(cloud: Cloud) -> None:
    catalogue = cloud.driver.catalogue()

    regions = {region.slug: region for region in catalogue.regions}
    plan = next(plan for plan in catalogue.plans if plan.slug == "s-1vcpu-2gb")
    image = next(image for image in catalogue.images if image.slug == "debian-12-x64")
    assert (regions["fra1"].available, regions["sfo1"].available) == (True, False)
    assert (plan.vcpus, plan.memory_mb, plan.disk_gb, plan.transfer_gb) == (1, 2048, 50, 2000)
    assert (plan.monthly_micro, plan.hourly_micro, plan.currency) == (12_000_000, 17_860, "USD")
    assert "fra1" in plan.regions
    assert "fra1" in image.regions
    assert image.minimum_disk_gb > 0
    assert catalogue.source == "DigitalOcean API v2"


def test_a_price_that_changed_is_read_as_it_is_now(cloud: Cloud) -> None:
    cloud.emulator.offer("sizes", "s-1vcpu-2gb", price_monthly=13.5, price_hourly=0.02009)

    plan = next(plan for plan in cloud.driver.catalogue().plans if plan.slug == "s-1vcpu-2gb")

    assert (plan.monthly_micro, plan.hourly_micro) == (13_500_000, 20_090)


def test_an_order_comes_back_with_a_number_and_becomes_a_running_server(cloud: Cloud) -> None:
    intent = uuid4()

    made = cloud.driver.create(cloud.order(intent))

    assert (made.name, made.state, made.power, made.ipv4) == ("mx1.example.net", "creating", "unknown", ())
    machine = cloud.becomes(made.id, lambda machine: machine.state == "active")
    assert (machine.region, machine.plan, machine.image) == ("fra1", "s-1vcpu-2gb", "debian-12-x64")
    assert (machine.power, len(machine.ipv4), len(machine.ipv6)) == ("on", 1, 1)
    assert (machine.vcpus, machine.memory_mb, machine.disk_gb) == (1, 2048, 50)
    assert (machine.hourly_micro, machine.monthly_micro, machine.currency) == (17_860, 12_000_000, "USD")
    assert machine.created_at is not None
    assert machine.tags == ("mailyard", intent_tag(intent))


def test_a_server_is_found_by_the_tag_of_its_intent_only(cloud: Cloud) -> None:
    intent = uuid4()
    made = cloud.driver.create(cloud.order(intent))
    cloud.driver.create(cloud.order(uuid4()))

    assert [machine.id for machine in cloud.driver.find(intent)] == [made.id]
    assert list(cloud.driver.find(uuid4())) == []


def test_a_deleted_server_is_gone_and_deleting_it_again_is_no_error(cloud: Cloud) -> None:
    machine = cloud.active()

    cloud.driver.delete(machine.id)
    cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        cloud.driver.get(machine.id)
    assert cloud.emulator.counters()["tallies"]["droplets deleted"] == 1


def test_a_key_is_registered_found_by_its_exact_name_and_removed_twice_without_error(cloud: Cloud) -> None:
    key_id = cloud.driver.register_key("mailyard-one", new_key_pair().public)

    assert cloud.driver.find_key("mailyard-one") == key_id
    assert cloud.driver.find_key("mailyard") is None
    cloud.driver.remove_key(key_id)
    cloud.driver.remove_key(key_id)
    assert cloud.driver.find_key("mailyard-one") is None


def test_more_than_a_page_of_servers_is_read_whole(cloud: Cloud) -> None:
    cloud.fill(205)

    names = [machine.name for machine in cloud.driver.machines()]

    assert sorted(names) == sorted(f"bulk-{number}" for number in range(205))


def test_a_key_on_the_second_page_is_found(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_minute=1_000)
    with cloud.emulator.client() as client:
        for number in range(201):
            body = {"name": f"key-{number}", "public_key": new_key_pair().public}
            assert client.post("/v2/account/keys", json=body).status_code == 201

    assert cloud.driver.find_key("key-200") is not None


@pytest.mark.parametrize(
    ("first", "action", "power"),
    [
        (None, "shutdown", "off"),
        (None, "off", "off"),
        ("off", "on", "on"),
        (None, "reboot", "on"),
        (None, "power_cycle", "on"),
    ],
)
def test_a_power_action_is_followed_to_its_end(
    cloud: Cloud, first: PowerAction | None, action: PowerAction, power: str
) -> None:
    machine = cloud.active()
    if first:
        assert cloud.ended(machine.id, first).state == "done"

    assert cloud.ended(machine.id, action).state == "done"

    assert cloud.driver.get(machine.id).power == power


def test_an_action_that_ends_in_error_says_which_it_was(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="power_off")

    ended = cloud.ended(machine.id, "off")

    assert (ended.state, ended.note) == ("failed", "power_off")
    assert cloud.driver.get(machine.id).power == "on"


def test_the_droplet_limit_is_told_from_other_refusals(cloud: Cloud) -> None:
    cloud.emulator.set("quota", droplets=0)

    with pytest.raises(LimitReached) as refused:
        cloud.driver.create(cloud.order())

    assert "will exceed your droplet limit" in refused.value.title
    assert "higher limit" in refused.value.remedy


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"region": "sfo1"}, "not available in the specified region"),
        ({"plan": "s-999"}, "invalid size"),
        ({"image": "no-such-image"}, "invalid image"),
    ],
)
def test_what_is_not_on_offer_is_refused_in_the_providers_own_words(
    cloud: Cloud, changes: dict[str, str], words: str
) -> None:
    order = cloud.order(changes=changes)

    with pytest.raises(ProviderRefused) as refused:
        cloud.driver.create(order)

    assert words in refused.value.title
    assert refused.value.remedy
    assert not refused.value.retryable
    assert cloud.emulator.counters()["droplets"] == []


def test_a_second_action_while_one_runs_has_to_wait(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.driver.power(machine.id, "reboot")

    with pytest.raises(ProviderUnavailable, match="still busy with this server") as told:
        cloud.driver.power(machine.id, "reboot")

    assert told.value.retryable
    assert "pending event" in told.value.detail


def test_a_key_that_is_in_the_account_already_is_refused(cloud: Cloud) -> None:
    public = new_key_pair().public
    cloud.driver.register_key("one", public)

    with pytest.raises(ProviderRefused, match="already in use"):
        cloud.driver.register_key("two", public)


def test_too_many_calls_are_answered_with_the_providers_own_waiting_time(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_minute=1)
    cloud.driver.verify()

    with pytest.raises(RateLimited) as told:
        cloud.driver.verify()

    assert told.value.retryable
    assert 50 <= (told.value.retry_after_s or 0) <= 60


def test_a_long_pause_goes_back_to_the_caller_and_nothing_more_is_sent(cloud: Cloud) -> None:
    """Not one call of the account goes out before its time; a job waits for it without holding a thread."""
    cloud.emulator.fault("429", retry_after=3_600)
    with pytest.raises(RateLimited):
        cloud.driver.verify()
    sent = len(cloud.emulator.log())

    with pytest.raises(RateLimited) as told:
        cloud.driver.machines()

    assert 3_500 < (told.value.retry_after_s or 0) <= 3_600
    assert len(cloud.emulator.log()) == sent


def test_every_error_has_a_title_and_a_remedy(cloud: Cloud) -> None:
    cloud.emulator.fault("500", "GET", "/v2/account")

    with pytest.raises(MailyardError) as failed:
        cloud.driver.verify()

    assert failed.value.title
    assert failed.value.remedy
    assert until(lambda: cloud.driver.verify().holder, "the next call to work")
