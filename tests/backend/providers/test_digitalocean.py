"""What only DigitalOcean does: pending events, unique keys, limits that name their waiting time."""

from __future__ import annotations

import pytest

from backend.core.errors import BadResponse, ProviderRefused, ProviderUnavailable, RateLimited
from backend.core.ssh.keys import new_key_pair
from tests.backend.providers.cases import DIGITALOCEAN, both_modes, mode_name
from tests.backend.providers.conftest import Cloud
from tests.clocks import Countdown

droplets = pytest.mark.parametrize("cloud", both_modes(DIGITALOCEAN), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [DIGITALOCEAN], indirect=True, ids=["digitalocean"])


@droplets
def test_a_second_action_while_one_runs_has_to_wait(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("hold")
    cloud.driver.power(machine.id, "reboot")

    with pytest.raises(ProviderUnavailable, match="still busy with this server") as told:
        cloud.driver.power(machine.id, "reboot")

    cloud.emulator.set("go_on")
    assert told.value.retryable
    assert "pending event" in told.value.detail


@droplets
def test_a_key_that_is_in_the_account_already_is_refused(cloud: Cloud) -> None:
    public = new_key_pair().public
    cloud.driver.register_key("one", public)

    with pytest.raises(ProviderRefused, match="already in use"):
        cloud.driver.register_key("two", public)


@droplets
def test_too_many_calls_are_answered_with_the_providers_own_waiting_time(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_minute=1)
    minute = Countdown(60)
    cloud.driver.verify()

    with pytest.raises(RateLimited) as told:
        cloud.driver.verify()

    assert told.value.retryable
    assert minute.is_left(told.value.retry_after_s or 0)


@droplets
def test_an_action_that_ends_in_error_says_which_it_was(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="power_off")

    ended = cloud.ended(machine.id, "off")

    assert (ended.state, ended.note) == ("failed", "power_off")
    assert cloud.driver.get(machine.id).power == "on"


@pytest.mark.parametrize(
    "changes",
    [
        {"droplet.status": "on_fire"},
        {"droplet.networks": None},
        {"droplet.networks.v6": None},
        {"droplet.size": None},
        {"droplet.image": None},
        {"droplet.region": None},
        {"droplet.tags": None},
        {"droplet.created_at": "yesterday"},
        {"droplet.memory": None, "droplet.vcpus": None, "droplet.disk": None},
        {"droplet.size.price_monthly": None, "droplet.size.price_hourly": None},
        {"droplet.networks.v4.0.type": "mesh"},
        {"droplet.brand_new": {"field": [1]}},
    ],
)
@plain
def test_what_the_driver_does_not_know_is_read_past(plain_cloud: Cloud, changes: dict[str, object]) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), changes=changes)

    read = plain_cloud.driver.get(machine.id)

    assert (read.id, read.name) == (machine.id, machine.name)
    assert read.state == ("unknown" if "droplet.status" in changes else "active")
    assert (read.monthly_micro is None) == any(name.startswith("droplet.size") for name in changes)


@pytest.mark.parametrize("missing", ["networks", "size", "image", "region", "tags", "created_at", "features", "vcpus"])
@plain
def test_a_field_that_is_missing_is_unknown_not_fatal(plain_cloud: Cloud, missing: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), without=[f"droplet.{missing}"])

    assert plain_cloud.driver.get(machine.id).id == machine.id


@pytest.mark.parametrize("without", ["droplet", "droplet.id", "droplet.name"])
@plain
def test_an_answer_without_what_makes_a_server_is_unreadable(plain_cloud: Cloud, without: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), without=[without])

    with pytest.raises(BadResponse):
        plain_cloud.driver.get(machine.id)


@plain
def test_an_action_of_an_unknown_status_still_runs(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    started = plain_cloud.driver.power(machine.id, "reboot")
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), changes={"action.status": "new"})

    assert plain_cloud.driver.action(machine.id, started.id).state == "running"


@droplets
def test_what_a_droplet_costs_is_owed_also_when_it_is_gone(cloud: Cloud) -> None:
    machine = cloud.active()
    owed = cloud.driver.charges().so_far_micro
    cloud.driver.delete(machine.id)

    assert owed == cloud.driver.charges().so_far_micro == 10_000
