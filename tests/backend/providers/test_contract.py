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
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.ssh.keys import new_key_pair
from backend.providers.ports import ComputeProvider, PowerAction, intent_tag
from tests.backend.providers.conftest import NAME, Cloud
from tests.installation import until


@pytest.fixture
def reader(cloud: Cloud) -> Iterator[ComputeProvider]:
    """The same account with a token that may only read."""
    cloud.emulator.set("tokens", token=cloud.case.credential("token-that-reads"), scopes=["read"])
    driver = cloud.driver_for("token-that-reads")
    yield driver
    driver.close()


def test_a_good_token_tells_whose_it_is_and_how_many_servers_it_may_have(cloud: Cloud) -> None:
    token_details = cloud.driver.verify()

    assert (token_details.holder, token_details.server_limit) == (cloud.case.holder, cloud.case.server_limit)


def test_an_unknown_token_is_refused_with_a_remedy(cloud: Cloud) -> None:
    stranger = cloud.driver_for("token-of-nobody")

    with pytest.raises(Unauthorized) as refused:
        stranger.verify()
    stranger.close()

    assert refused.value.title == f"{cloud.case.name} refused the token."
    assert "Settings > Accounts" in refused.value.remedy
    assert "token-of-nobody" not in refused.value.sentence() + refused.value.detail


def test_a_token_revoked_while_in_use_is_refused(cloud: Cloud) -> None:
    cloud.driver.verify()
    cloud.emulator.set("revoke", token=cloud.emulator.token)

    with pytest.raises(Unauthorized):
        cloud.driver.machines()


def test_a_token_that_may_only_read_is_told_from_a_wrong_one(cloud: Cloud, reader: ComputeProvider) -> None:
    assert reader.verify().holder
    if not cloud.can("token_scopes"):
        assert (reader.verify().can_write, reader.verify().scopes) == (None, ())
        return
    order = cloud.order()

    with pytest.raises(Unauthorized) as refused:
        reader.create(order)

    assert refused.value.title == f"The {cloud.case.name} token does not permit this."
    assert cloud.emulator.counters()["servers"] == []


def test_the_catalogue_has_regions_plans_with_price_and_images_and_says_where_from(cloud: Cloud) -> None:
    case, catalogue = cloud.case, cloud.driver.catalogue()

    regions = {region.slug: region for region in catalogue.regions}
    plan = next(plan for plan in catalogue.plans if plan.slug == case.order["plan"])
    image = next(image for image in catalogue.images if image.slug == case.order["image"])
    assert regions[case.order["region"]].available
    assert (plan.vcpus, plan.memory_mb, plan.disk_gb, plan.transfer_gb) == case.size
    assert (plan.monthly_micro, plan.hourly_micro, plan.currency) == (*case.price, "USD")
    assert case.order["region"] in plan.regions
    assert not image.regions or case.order["region"] in image.regions
    assert image.distribution
    assert catalogue.source == case.source


def test_a_price_that_changed_is_read_as_it_is_now(cloud: Cloud) -> None:
    cloud.emulator.offer(cloud.case.plans, cloud.case.order["plan"], **cloud.case.repriced)

    plan = next(plan for plan in cloud.driver.catalogue().plans if plan.slug == cloud.case.order["plan"])

    assert plan.monthly_micro == cloud.case.price[0] * 3 // 2


def test_an_order_comes_back_with_a_number_and_becomes_a_running_server(cloud: Cloud) -> None:
    intent, case = uuid4(), cloud.case

    made = cloud.driver.create(cloud.order(intent))

    assert (made.name, made.state) == (NAME, "creating")
    machine = cloud.becomes(made.id, lambda machine: machine.state == "active")
    assert (machine.id, machine.region, machine.plan) == (made.id, case.order["region"], case.order["plan"])
    assert (machine.power, len(machine.ipv4), len(machine.ipv6)) == ("on", 1, case.ipv6)
    assert (machine.vcpus, machine.memory_mb, machine.disk_gb) == case.size[:3]
    assert machine.created_at is not None
    assert {"mailyard", intent_tag(intent)} <= set(machine.tags)


def test_a_server_is_found_by_the_tag_of_its_intent_only(cloud: Cloud) -> None:
    intent = uuid4()
    made = cloud.driver.create(cloud.order(intent))
    cloud.driver.create(cloud.order(uuid4(), {"name": "mx2.example.net"}))

    assert [machine.id for machine in cloud.driver.find(intent)] == [made.id]
    assert list(cloud.driver.find(uuid4())) == []


def test_a_deleted_server_is_gone_and_deleting_it_again_is_no_error(cloud: Cloud) -> None:
    machine = cloud.active()

    cloud.driver.delete(machine.id)
    cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        cloud.driver.get(machine.id)
    assert cloud.emulator.counters()["tallies"]["servers deleted"] == 1
    assert machine.id not in [each.id for each in cloud.driver.machines()]


def test_a_key_is_registered_found_by_its_exact_name_and_removed_twice_without_error(cloud: Cloud) -> None:
    if not cloud.can("login_keys"):
        with pytest.raises(Refused):
            cloud.driver.register_key("mailyard-one", new_key_pair().public)
        assert list(cloud.driver.login_keys()) == []
        return
    key_id = cloud.driver.register_key("mailyard-one", new_key_pair().public)

    assert cloud.driver.find_key("mailyard-one") == key_id
    assert cloud.driver.find_key("mailyard") is None
    cloud.driver.remove_key(key_id)
    cloud.driver.remove_key(key_id)
    assert cloud.driver.find_key("mailyard-one") is None


def test_more_than_a_page_of_servers_is_read_whole(cloud: Cloud) -> None:
    cloud.fill(520)

    names = [machine.name for machine in cloud.driver.machines()]

    assert sorted(names) == sorted(f"bulk-{number}" for number in range(520))


def test_a_key_beyond_the_first_page_is_found(cloud: Cloud) -> None:
    if not cloud.can("login_keys"):
        assert cloud.driver.find_key("key-519") is None
        return
    cloud.fill(520, "keys")

    assert cloud.driver.find_key("key-519") is not None


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
    if action in cloud.case.no_power:
        with pytest.raises(Refused):
            cloud.driver.power(machine.id, action)
        assert cloud.driver.get(machine.id).power == "on"
        return
    if first:
        possible: PowerAction = "shutdown" if first in cloud.case.no_power else first
        assert cloud.ended(machine.id, possible).state == "done"

    assert cloud.ended(machine.id, action).state == "done"

    assert cloud.driver.get(machine.id).power == power


def test_the_limit_of_servers_is_told_from_other_refusals(cloud: Cloud) -> None:
    cloud.emulator.set("quota", servers=0)

    with pytest.raises(LimitReached) as refused:
        cloud.driver.create(cloud.order())

    assert cloud.case.limit_words in refused.value.title
    assert "higher limit" in refused.value.remedy


def test_what_is_not_on_offer_is_refused_in_the_providers_own_words(cloud: Cloud) -> None:
    for changes, words in cloud.case.refused:
        order = cloud.order(changes=changes)
        with pytest.raises(ProviderRefused) as refused:
            cloud.driver.create(order)

        assert words in refused.value.title
        assert refused.value.remedy
        assert not refused.value.retryable
    assert cloud.emulator.counters()["servers"] == []


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
    cloud.strike("500", "account")

    with pytest.raises(MailyardError) as failed:
        cloud.driver.verify()

    assert failed.value.title
    assert failed.value.remedy
    assert until(lambda: cloud.driver.verify().holder, "the next call to work")


def test_a_server_gets_a_larger_plan(cloud: Cloud) -> None:
    machine = cloud.active()
    if cloud.case.must_be_off_to_resize:
        cloud.ended(machine.id, cloud.stopping)

    assert cloud.grown(machine.id, cloud.case.larger).state == "done"
    larger = cloud.driver.get(machine.id)
    assert larger.plan == cloud.case.larger
    assert larger.memory_mb > machine.memory_mb
    assert (larger.disk_gb > machine.disk_gb) == cloud.case.grows_disk


def test_a_plan_that_is_not_on_offer_is_refused_and_nothing_changes(cloud: Cloud) -> None:
    machine = cloud.active()
    if cloud.case.must_be_off_to_resize:
        cloud.ended(machine.id, cloud.stopping)

    with pytest.raises(ProviderRefused):
        cloud.driver.resize(machine.id, "no-such-plan", grow_disk=False)

    assert cloud.driver.get(machine.id).plan == machine.plan


def test_a_snapshot_is_taken_listed_restored_and_deleted_twice_without_error(cloud: Cloud) -> None:
    machine = cloud.active()
    if not cloud.can("snapshot"):
        for never in (cloud.driver.take_snapshot, cloud.driver.restore):
            with pytest.raises(Refused):
                never(machine.id, "before the upgrade")
        with pytest.raises(Refused):
            cloud.driver.delete_snapshot("before the upgrade")
        assert list(cloud.driver.snapshots()) == []
        return

    taken = cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "before the upgrade"))

    assert taken.state == "done"
    (snapshot,) = cloud.driver.snapshots()
    assert (snapshot.name, snapshot.is_ready, snapshot.created_at is not None) == ("before the upgrade", True, True)
    assert snapshot.machine_id in (machine.id, None)
    if cloud.case.restores:
        restored = cloud.end_of(machine.id, cloud.driver.restore(machine.id, snapshot.id))
        assert restored.state == "done"
        cloud.becomes(machine.id, lambda seen: seen.state == "active")
    else:
        with pytest.raises(Refused):
            cloud.driver.restore(machine.id, snapshot.id)
    cloud.driver.delete_snapshot(snapshot.id)
    cloud.driver.delete_snapshot(snapshot.id)
    assert list(cloud.driver.snapshots()) == []


def test_a_snapshot_of_what_is_not_there_is_refused(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.driver.delete(machine.id)

    with pytest.raises((NotFound, ProviderRefused) if cloud.can("snapshot") else Refused):
        cloud.driver.take_snapshot(machine.id, "too late")


def test_an_address_gets_its_reverse_name(cloud: Cloud) -> None:
    machine = cloud.active()
    (ip,) = machine.ipv4
    cloud.emulator.set("forward", name="mail.acme.example", ip=ip)
    if cloud.case.elastic:
        with pytest.raises(Refused, match="Elastic IP"):
            cloud.driver.set_reverse(machine.id, ip, "mail.acme.example")
        cloud.emulator.set("elastic", id=machine.id)

    done = cloud.end_of(machine.id, cloud.driver.set_reverse(machine.id, ip, "mail.acme.example"))

    assert done.state == "done"
    assert cloud.driver.reverse_names(machine.id)[ip] == ("mail.acme.example" if cloud.case.tells_reverse else None)
    assert set(cloud.driver.reverse_names(machine.id)) == {*machine.ipv4, *machine.ipv6}


def test_the_reverse_name_of_somebody_elses_address_is_refused(cloud: Cloud) -> None:
    machine = cloud.active()

    with pytest.raises((NotFound, ProviderRefused)):
        cloud.driver.set_reverse(machine.id, "192.0.2.200", "mail.acme.example")


def test_what_the_account_owes_is_told(cloud: Cloud) -> None:
    charges = cloud.driver.charges()

    assert (charges.balance_micro, charges.so_far_micro, charges.currency) == (*cloud.case.charges, "USD")
