"""A larger plan at Hostwinds: ordered, paid, applied, then kept or taken back, and what may come between."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.core.errors import MailyardError, ProviderRefused, ProviderUnavailable, Refused
from backend.providers.ports import Machine
from tests.backend.providers.cases import HOSTWINDS
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.hostwinds import changed, driver_of, hostwinds, nothing_sent, plain


def _unconfirmed(cloud: Cloud) -> Machine:
    """A server whose larger plan was ordered, paid and applied."""
    driver, machine = driver_of(cloud), cloud.active()
    started = driver.resize(machine.id, HOSTWINDS.larger, grow_disk=True)
    cloud.emulator.set("pay", serviceid=machine.id)
    assert driver.continue_resize(machine.id, started.id).state == "running"
    assert cloud.end_of(machine.id, started).state == "unconfirmed"
    return machine


@hostwinds
def test_a_larger_plan_is_ordered_paid_applied_and_kept(cloud: Cloud) -> None:
    driver, machine = driver_of(cloud), cloud.active()

    ordered = driver.resize(machine.id, "53", grow_disk=False)
    assert (ordered.id, ordered.state) == ("resize:53", "unpaid")
    assert driver.action(machine.id, ordered.id) == ordered
    assert ordered.invoice is not None
    assert (ordered.invoice.total_micro, ordered.invoice.currency) == (9_000_000, "USD")
    assert ordered.invoice.due is not None
    assert ordered.invoice.due > datetime.now(UTC).date()

    cloud.emulator.set("pay", serviceid=machine.id)
    paid = driver.action(machine.id, ordered.id)
    assert (paid.state, paid.invoice) == ("paid", None)
    assert driver.get(machine.id).plan == "52"

    assert driver.continue_resize(machine.id, ordered.id).state == "running"
    assert cloud.end_of(machine.id, ordered).state == "unconfirmed"
    assert driver.get(machine.id).plan == "53"

    kept = driver.settle_resize(machine.id, keep=True)
    assert (kept.id, cloud.end_of(machine.id, kept).state) == ("settle:keep", "done")
    assert driver.action(machine.id, ordered.id).state == "done"


@hostwinds
def test_a_larger_plan_that_is_taken_back_leaves_the_old_size(cloud: Cloud) -> None:
    machine = _unconfirmed(cloud)

    back = driver_of(cloud).settle_resize(machine.id, keep=False)

    assert (back.id, cloud.end_of(machine.id, back).state) == ("settle:revert", "done")
    read = cloud.driver.get(machine.id)
    assert (read.plan, read.memory_mb, read.disk_gb, read.power) == ("52", 2048, 50, "on")


@hostwinds
def test_every_stage_is_seen_by_another_driver_with_nothing_but_the_id(cloud: Cloud) -> None:
    machine = _unconfirmed(cloud)
    after_a_restart = cloud.driver_for(cloud.emulator.token)

    assert after_a_restart.action(machine.id, "resize:53").state == "unconfirmed"
    after_a_restart.close()


@hostwinds
def test_a_server_that_is_off_stays_off_through_all_stages(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.ended(machine.id, "shutdown")

    assert cloud.grown(machine.id, HOSTWINDS.larger).state == "done"

    assert cloud.driver.get(machine.id).power == "off"


@hostwinds
def test_nothing_is_applied_before_it_is_paid_nor_twice(cloud: Cloud) -> None:
    driver, machine = driver_of(cloud), cloud.active()
    ordered = driver.resize(machine.id, "53", grow_disk=False)

    assert driver.continue_resize(machine.id, ordered.id).state == "unpaid"
    cloud.emulator.set("pay", serviceid=machine.id)
    driver.continue_resize(machine.id, ordered.id)
    driver.continue_resize(machine.id, ordered.id)
    cloud.end_of(machine.id, ordered)
    assert driver.continue_resize(machine.id, ordered.id).state == "unconfirmed"

    assert cloud.emulator.counters()["tallies"]["calls upgrade_server"] == 1


@hostwinds
def test_our_own_open_order_is_adopted_and_another_is_refused_with_its_invoice(cloud: Cloud) -> None:
    machine = cloud.active()
    first = cloud.driver.resize(machine.id, "53", grow_disk=False)
    stranger = cloud.driver_for(cloud.emulator.token)

    assert cloud.driver.resize(machine.id, "53", grow_disk=False) == first
    assert first.invoice is not None
    for driver, plan in ((cloud.driver, "54"), (stranger, "53")):
        with pytest.raises(Refused, match=first.invoice.number) as refused:
            driver.resize(machine.id, plan, grow_disk=False)
        assert "Pay it" in refused.value.remedy
    stranger.close()
    assert cloud.emulator.counters()["tallies"]["calls upgrade_instance"] == 1


@plain
def test_an_order_whose_answer_was_lost_is_seen_by_its_action_and_adopted(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.strike("lost_answer", "resize")
    with pytest.raises(MailyardError):
        plain_cloud.driver.resize(machine.id, "53", grow_disk=False)

    assert plain_cloud.driver.action(machine.id, "resize:53").state == "unpaid"
    assert plain_cloud.driver.resize(machine.id, "53", grow_disk=False).state == "unpaid"
    assert plain_cloud.emulator.counters()["tallies"]["upgrades ordered"] == 1


@hostwinds
def test_what_a_person_ordered_after_ours_was_refused_or_cancelled_is_not_ours(cloud: Cloud) -> None:
    refused, cancelled = cloud.active(), cloud.active()
    cloud.emulator.set("withdraw", action="upgrade_instance")
    with pytest.raises(ProviderRefused):
        cloud.driver.resize(refused.id, "53", grow_disk=False)
    cloud.emulator.set("restore", action="upgrade_instance")
    cloud.driver.resize(cancelled.id, "53", grow_disk=False)
    cloud.emulator.set("cancel", serviceid=cancelled.id)

    for machine in (refused, cancelled):
        person = cloud.driver_for(cloud.emulator.token)
        theirs = person.resize(machine.id, "53", grow_disk=False).invoice
        person.close()
        assert theirs is not None
        with pytest.raises(Refused, match=theirs.number):
            cloud.driver.resize(machine.id, "53", grow_disk=False)


@hostwinds
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"suspended": 1}, "has suspended this server"),
        ({"locked": 1}, "is locked"),
        ({"status": "RESIZED"}, "is awaiting confirmation"),
    ],
)
def test_a_server_in_no_state_for_it_gets_no_order(cloud: Cloud, changes: dict[str, object], words: str) -> None:
    machine = cloud.active()
    changed(cloud, machine.id, **changes)

    with nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match=words) as refused:
        cloud.driver.resize(machine.id, "53", grow_disk=False)

    assert refused.value.remedy


@hostwinds
def test_a_server_something_is_done_with_is_waited_for(cloud: Cloud) -> None:
    machine = cloud.active()
    changed(cloud, machine.id, task="rebooting")

    with nothing_sent(cloud, "get_instance"), pytest.raises(ProviderUnavailable, match="still busy"):
        cloud.driver.resize(machine.id, "53", grow_disk=False)


@hostwinds
def test_a_change_that_failed_says_so(cloud: Cloud) -> None:
    driver, machine = driver_of(cloud), cloud.active()
    ordered = driver.resize(machine.id, "53", grow_disk=False)
    cloud.emulator.set("pay", serviceid=machine.id)
    cloud.emulator.set("errored", type="resize")
    driver.continue_resize(machine.id, ordered.id)

    ended = cloud.end_of(machine.id, ordered)

    assert (ended.state, ended.note) == ("failed", "ERROR")


@hostwinds
def test_what_was_not_changed_can_be_neither_kept_nor_taken_back(cloud: Cloud) -> None:
    machine = cloud.active()

    for keep in (True, False):
        with nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match="is awaiting confirmation"):
            driver_of(cloud).settle_resize(machine.id, keep=keep)
