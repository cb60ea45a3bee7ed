"""Linode's events in place of actions, and its images in place of snapshots."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.core.errors import ProviderRefused, ProviderUnavailable
from backend.providers.ports import ActionState
from tests.backend.providers.cases import LINODE, both_modes, mode_name
from tests.backend.providers.conftest import Cloud

linode = pytest.mark.parametrize("cloud", both_modes(LINODE), indirect=True, ids=mode_name)


@linode
def test_while_something_is_done_with_a_server_nothing_else_can_be(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("hold")
    started = cloud.driver.take_snapshot(machine.id, "one")

    begins: list[Callable[[], ActionState]] = [
        lambda: cloud.driver.take_snapshot(machine.id, "two"),
        lambda: cloud.driver.power(machine.id, "reboot"),
        lambda: cloud.driver.resize(machine.id, LINODE.larger, grow_disk=True),
    ]
    for begin in begins:
        with pytest.raises(ProviderUnavailable, match="still busy with this server"):
            begin()

    cloud.emulator.set("go_on")
    assert cloud.end_of(machine.id, started).state == "done"
    assert cloud.emulator.names("snapshots") == ["one"]


@linode
def test_an_action_is_followed_by_another_driver_with_nothing_but_its_id(cloud: Cloud) -> None:
    machine = cloud.active()
    started = cloud.driver.power(machine.id, "shutdown")
    after_a_restart = cloud.driver_for(cloud.emulator.token)

    assert after_a_restart.action(machine.id, started.id).state in ("running", "done")
    assert cloud.end_of(machine.id, started).state == "done"
    assert after_a_restart.action(machine.id, started.id).state == "done"
    after_a_restart.close()


@linode
def test_the_same_action_again_is_not_taken_for_the_one_before(cloud: Cloud) -> None:
    machine = cloud.active()
    assert cloud.ended(machine.id, "reboot").state == "done"
    cloud.emulator.set("errored", type="reboot")

    second = cloud.driver.power(machine.id, "reboot")

    assert cloud.driver.action(machine.id, second.id).state != "done"
    assert cloud.end_of(machine.id, second).state == "failed"


@linode
def test_an_action_on_a_server_that_was_deleted_meanwhile_has_failed(cloud: Cloud) -> None:
    machine = cloud.active()
    started = cloud.driver.resize(machine.id, LINODE.larger, grow_disk=True)
    cloud.driver.delete(machine.id)

    assert cloud.driver.action(machine.id, started.id).state == "failed"


@linode
def test_a_resize_that_failed_says_so_and_leaves_the_server_as_it_was(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="resize")

    ended = cloud.end_of(machine.id, cloud.driver.resize(machine.id, LINODE.larger, grow_disk=True))

    assert (ended.state, ended.note) == ("failed", "linode_resize")
    assert cloud.becomes(machine.id, lambda seen: seen.state == "active").plan == machine.plan


@linode
def test_a_server_that_runs_is_back_when_its_resize_is_done_and_one_that_is_off_stays_off(cloud: Cloud) -> None:
    machine = cloud.active()
    grown = cloud.end_of(machine.id, cloud.driver.resize(machine.id, LINODE.larger, grow_disk=True))
    assert (grown.state, cloud.driver.get(machine.id).power) == ("done", "on")
    cloud.ended(machine.id, "off")

    again = cloud.end_of(machine.id, cloud.driver.resize(machine.id, "g6-standard-4", grow_disk=False))

    assert again.state == "done"
    assert (cloud.driver.get(machine.id).power, cloud.driver.get(machine.id).plan) == ("off", "g6-standard-4")


@linode
def test_the_way_back_is_open_only_where_the_disk_did_not_grow(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.end_of(machine.id, cloud.driver.resize(machine.id, LINODE.larger, grow_disk=False))
    back = cloud.end_of(machine.id, cloud.driver.resize(machine.id, machine.plan, grow_disk=False))
    assert (back.state, cloud.driver.get(machine.id).plan) == ("done", machine.plan)
    cloud.end_of(machine.id, cloud.driver.resize(machine.id, LINODE.larger, grow_disk=True))

    with pytest.raises(ProviderRefused, match="more disk allocated than the new plan allows"):
        cloud.driver.resize(machine.id, machine.plan, grow_disk=False)


@linode
def test_a_snapshot_says_whose_it_is_and_outlives_its_server(cloud: Cloud) -> None:
    machine = cloud.active()
    started = cloud.driver.take_snapshot(machine.id, "one")
    assert [each.is_ready for each in cloud.driver.snapshots()] == [False]
    assert cloud.end_of(machine.id, started).state == "done"
    cloud.driver.delete(machine.id)

    (snapshot,) = cloud.driver.snapshots()

    assert (snapshot.machine_id, snapshot.name, snapshot.is_ready) == (machine.id, "one", True)
    assert snapshot.id.startswith("private/")
    assert snapshot.size_gb == 49.5  # the plan's disk without the swap


@linode
def test_a_snapshot_that_failed_says_so_and_leaves_nothing(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.emulator.set("errored", type="snapshot")

    ended = cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "one"))

    assert ended.state == "failed"
    assert ended.note
    assert list(cloud.driver.snapshots()) == []


@linode
def test_a_restored_server_keeps_its_addresses_its_plan_and_its_name(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.end_of(machine.id, cloud.driver.take_snapshot(machine.id, "one"))
    (snapshot,) = cloud.driver.snapshots()

    assert cloud.end_of(machine.id, cloud.driver.restore(machine.id, snapshot.id)).state == "done"

    after = cloud.driver.get(machine.id)
    assert (after.name, after.plan, after.ipv4, after.ipv6) == (
        machine.name,
        machine.plan,
        machine.ipv4,
        machine.ipv6,
    )
    assert (after.state, after.image) == ("active", snapshot.id)
