"""What only Vultr does: no actions, locks told as faults, addresses a token is good from, prices by region."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from backend.core.errors import (
    BadResponse,
    LimitReached,
    MailyardError,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.providers.ports import Machine
from backend.providers.vultr import parsing
from backend.providers.vultr.driver import Vultr
from tests.backend.providers.cases import VULTR, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering
from tests.installation import until

vultr = pytest.mark.parametrize("cloud", both_modes(VULTR), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [VULTR], indirect=True, ids=["vultr"])


def _refusal(status: int, words: str) -> MailyardError:
    """What the driver makes of a refusal to show the account."""
    with answering({"/v2/account": (status, {"error": words, "status": status})}) as url:
        driver = Vultr(Secret("token"), endpoint_url=url)
        with pytest.raises(MailyardError) as refused:
            driver.verify()
        driver.close()
    return refused.value


def _status(cloud: Cloud, machine: Machine) -> str:
    """In Vultr's own word."""
    with cloud.emulator.client() as client:
        return str(client.get(f"/v2/instances/{machine.id}").json()["instance"]["status"])


@vultr
def test_a_token_tells_the_rights_of_its_user(cloud: Cloud) -> None:
    cloud.emulator.set("tokens", token="token-that-reads", scopes=["read"])
    reader = cloud.driver_for("token-that-reads")

    writes, reads = cloud.driver.verify(), reader.verify()
    reader.close()

    assert (writes.can_write, reads.can_write) == (True, False)
    assert set(reads.scopes) < set(writes.scopes)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_used_from_an_address_its_holder_did_not_allow_is_no_wrong_token(status: int) -> None:
    refused = _refusal(status, "Unauthorized IP address: 203.0.113.9")

    assert isinstance(refused, Unauthorized)
    assert "this computer's IP address" in refused.title
    assert "Access Control" in refused.remedy
    assert "203.0.113.9" in refused.detail


@pytest.mark.parametrize(
    ("status", "words", "error"),
    [
        (400, "Server add failed: You have reached the maximum monthly fee limit for this account.", LimitReached),
        (400, "This exceeds your account limits", LimitReached),
        (400, "Access is limited to the owner", ProviderRefused),
        (400, "Rate limit exceeded", ProviderRefused),
        (423, "Server is currently locked", ProviderUnavailable),
        (500, "Unable to remove VM: Server is currently locked", ProviderUnavailable),
        (422, "Invalid plan", ProviderRefused),
        (400, "", ProviderRefused),
    ],
)
def test_refusals_are_told_apart_by_their_words(status: int, words: str, error: type[MailyardError]) -> None:
    assert type(_refusal(status, words)) is error


@vultr
def test_too_many_calls_are_answered_with_the_time_to_wait(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_second=0)

    with pytest.raises(RateLimited) as told:
        cloud.driver.verify()

    assert told.value.retry_after_s == 1


@vultr
def test_the_limit_of_fees_is_a_limit_too(cloud: Cloud) -> None:
    cloud.emulator.set("quota", monthly=5)

    with pytest.raises(LimitReached, match="maximum monthly fee limit"):
        cloud.driver.create(cloud.order())


@vultr
def test_while_something_is_done_with_a_server_nothing_else_can_be(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("hold")
    started = cloud.driver.take_snapshot(machine.id, "one")

    with pytest.raises(ProviderUnavailable, match="still busy with this server"):
        cloud.driver.take_snapshot(machine.id, "two")
    with pytest.raises(ProviderUnavailable, match="still busy with this server"):
        cloud.driver.power(machine.id, "reboot")

    cloud.emulator.set("go_on")
    assert cloud.end_of(machine.id, started).state == "done"
    assert cloud.emulator.names("snapshots") == ["one"]


@plain
def test_a_deletion_refused_as_a_fault_is_known_not_to_be_done(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.driver.take_snapshot(machine.id, "one")

    with pytest.raises(ProviderUnavailable) as told:
        plain_cloud.driver.delete(machine.id)

    assert not isinstance(told.value, OutcomeUnknown)
    assert told.value.retryable
    assert plain_cloud.driver.get(machine.id).power == "on"


@vultr
def test_an_action_is_followed_by_another_driver_with_nothing_but_its_id(cloud: Cloud) -> None:
    machine = cloud.active()
    snapshot = cloud.driver.take_snapshot(machine.id, "before")
    after_a_restart = cloud.driver_for(cloud.emulator.token)

    assert after_a_restart.action(machine.id, snapshot.id).state in ("running", "done")
    after_a_restart.close()
    assert cloud.end_of(machine.id, snapshot).state == "done"


@vultr
def test_a_snapshot_that_failed_says_so_and_leaves_the_server_as_it_was(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="snapshot")

    ended = cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "before"))

    assert ended.state == "failed"
    assert ended.note
    assert list(cloud.driver.snapshots()) == []
    assert cloud.driver.get(machine.id).state == "active"


@vultr
def test_a_new_plan_that_never_comes_is_never_called_done(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="resize")
    started = cloud.driver.resize(machine.id, VULTR.larger, grow_disk=True)
    until(lambda: _status(cloud, machine) == "active", "the plan not to come")

    assert cloud.driver.action(machine.id, started.id).state == "running"
    assert cloud.driver.get(machine.id).plan == machine.plan


@vultr
def test_a_smaller_plan_is_refused(cloud: Cloud) -> None:
    machine = cloud.active()

    with pytest.raises(ProviderRefused, match="Invalid plan chosen"):
        cloud.driver.resize(machine.id, "vc2-1c-1gb", grow_disk=False)


@vultr
def test_a_server_that_is_off_is_halted_again_without_a_word_and_grows_without_being_switched_on(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.ended(machine.id, "off")

    assert cloud.ended(machine.id, "off").state == "done"
    grown = cloud.end_of(machine.id, cloud.driver.resize(machine.id, VULTR.larger, grow_disk=False))

    assert grown.state == "done"
    assert (cloud.driver.get(machine.id).state, cloud.driver.get(machine.id).disk_gb) == ("off", 80)


@vultr
def test_a_key_may_be_in_the_account_twice(cloud: Cloud) -> None:
    public = new_key_pair().public

    assert cloud.driver.register_key("one", public) != cloud.driver.register_key("two", public)


@vultr
def test_what_cannot_be_installed_is_not_on_offer(cloud: Cloud) -> None:
    names = {image.name for image in cloud.driver.catalogue().images}

    assert "Debian 12 x64 (bookworm)" in names
    assert not names & {"Custom", "Snapshot", "Backup", "Application"}
    with pytest.raises(Refused, match="no operating system debian-12"):
        cloud.driver.create(cloud.order(changes={"image": "debian-12"}))


@vultr
def test_a_region_where_no_plan_can_be_had_is_closed(cloud: Cloud) -> None:
    for plan in cloud.driver.catalogue().plans:
        cloud.emulator.offer("plans", plan.slug, locations=[slug for slug in plan.regions if slug != "hnl"])

    regions = {region.slug: region.available for region in cloud.driver.catalogue().regions}

    assert not regions["hnl"]
    assert regions["fra"]


@vultr
def test_what_a_plan_costs_elsewhere_stands_beside_its_price(cloud: Cloud) -> None:
    plan = next(plan for plan in cloud.driver.catalogue().plans if plan.slug == "vc2-1c-2gb")

    assert [(each.region, each.monthly_micro) for each in plan.overrides] == [("sao", 15_000_000)]


@vultr
def test_an_ipv6_address_gets_its_reverse_name_and_an_ipv4_address_has_one_from_the_start(cloud: Cloud) -> None:
    machine = cloud.active()
    (ipv4,), (ipv6,) = machine.ipv4, machine.ipv6

    cloud.driver.set_reverse(machine.id, ipv6, "mail.acme.example")

    assert cloud.driver.reverse_names(machine.id) == {ipv4: f"{ipv4}.vultrusercontent.com", ipv6: "mail.acme.example"}
    for stranger in ("2001:db8:ffff::1", "no address"):
        with pytest.raises(ProviderRefused):
            cloud.driver.set_reverse(machine.id, stranger, "mail.acme.example")


@vultr
def test_what_a_server_costs_is_owed_also_when_it_is_gone(cloud: Cloud) -> None:
    machine = cloud.active()
    owed = cloud.driver.charges().so_far_micro
    cloud.driver.delete(machine.id)

    assert owed == cloud.driver.charges().so_far_micro == 10_000


@vultr
def test_the_root_password_gets_nowhere(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="backend"):
        made = cloud.driver.create(cloud.order())
        seen = [made, cloud.driver.get(made.id), *cloud.driver.machines()]
    with cloud.emulator.client() as client:
        password = client.get(f"/v2/instances/{made.id}").json()["instance"]["default_password"]

    assert password
    assert password not in f"{seen} {caplog.text}"


@plain
def test_nor_into_the_error_about_an_answer_without_a_server(plain_cloud: Cloud) -> None:
    order = plain_cloud.order()
    changes = {"instance.default_password": "canary-4711"}
    plain_cloud.emulator.fault("changed", "POST", "/v2/instances", changes=changes, without=["instance.id"])

    with pytest.raises(OutcomeUnknown) as failed:
        plain_cloud.driver.create(order)

    assert "canary-4711" not in failed.value.sentence() + failed.value.detail


@pytest.mark.parametrize(
    ("told", "state", "power"),
    [
        ({"status": "pending", "power_status": "running"}, "creating", "unknown"),
        ({"server_status": "installingbooting"}, "creating", "on"),
        ({"server_status": "locked"}, "active", "on"),
        ({"status": "resizing"}, "active", "on"),
        ({"power_status": "stopped", "server_status": "none"}, "off", "off"),
        ({"status": "suspended"}, "off", "off"),
        ({"power_status": "dreaming"}, "unknown", "unknown"),
        ({"status": "on_fire"}, "unknown", "on"),
    ],
)
def test_three_words_of_vultr_make_one_state(told: Mapping[str, Any], state: str, power: str) -> None:
    raw = {"id": "one", "status": "active", "power_status": "running", "server_status": "ok", **told}

    read = parsing.machine(raw)

    assert (read.state, read.power) == (state, power)


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None, "hostname": None},
        {"label": "", "hostname": "mx1.example.net"},
        {"main_ip": None, "v6_main_ip": "nowhere", "v6_networks": [None, {"main_ip": ""}]},
        {"ram": None, "disk": "55", "vcpu_count": None},
        {"tags": None, "os_id": None, "plan": None, "region": None},
        {"date_created": "yesterday"},
        {"brand_new": {"field": [1]}},
    ],
)
def test_what_is_missing_or_new_is_read_past(changes: Mapping[str, Any]) -> None:
    read: Machine = parsing.machine({"id": "one", "status": "active", "power_status": "running", **changes})

    assert (read.id, read.state) == ("one", "active")
    assert read.name == (changes.get("hostname") or "one")


@plain
def test_a_list_that_leads_round_in_a_circle_ends(plain_cloud: Cloud) -> None:
    circle = {"meta.links.next": "bmV4dF9fMQ=="}
    plain_cloud.emulator.fault("changed", "GET", "/v2/instances", changes=circle, times=3)

    with pytest.raises(BadResponse) as told:
        plain_cloud.driver.machines()

    assert "already read" in told.value.detail
