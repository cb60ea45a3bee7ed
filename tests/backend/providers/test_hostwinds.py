"""What only Hostwinds does: intents in labels, upgrades in stages, a first contact with a password, IPv4 alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.errors import (
    MailyardError,
    NoNetwork,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.providers.hostwinds import labels, wire
from backend.providers.hostwinds.driver import Hostwinds
from backend.providers.hostwinds.wire import BURST, PER_MINUTE
from backend.providers.ports import BoundContact, Machine, MachineMarks, StagedResize, intent_tag
from tests.backend.providers.cases import HOSTWINDS, both_modes, mode_name
from tests.backend.providers.cases.hostwinds import API
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.recorded import answering

hostwinds = pytest.mark.parametrize("cloud", both_modes(HOSTWINDS), indirect=True, ids=mode_name)
plain = pytest.mark.parametrize("plain_cloud", [HOSTWINDS], indirect=True, ids=["hostwinds"])


def _driver(cloud: Cloud) -> Hostwinds:
    assert isinstance(cloud.driver, Hostwinds)
    return cloud.driver


def _told(cloud: Cloud, machine_id: str) -> dict[str, Any]:
    """The server as the service tells of it, secrets included."""
    with cloud.emulator.client() as client:
        form = {"action": "get_instance", "API": cloud.emulator.token, "serviceid": machine_id}
        body: dict[str, Any] = client.post(API, data=form).json()
    found: dict[str, Any] = body.get("success", body)
    return found


def _changed(cloud: Cloud, machine_id: str, **changes: object) -> None:
    """What the service itself or a person in the portal did to a server."""
    cloud.emulator.set("change", serviceid=machine_id, changes=changes)


def _unconfirmed(cloud: Cloud) -> Machine:
    """A server whose larger plan was ordered, paid and applied."""
    driver, machine = _driver(cloud), cloud.active()
    started = driver.resize(machine.id, HOSTWINDS.larger, grow_disk=True)
    cloud.emulator.set("pay", serviceid=machine.id)
    assert driver.continue_resize(machine.id, started.id).state == "running"
    assert cloud.end_of(machine.id, started).state == "unconfirmed"
    return machine


@contextmanager
def _nothing_sent(cloud: Cloud, *reads: str) -> Iterator[None]:
    """Inside, only calls that read go out, and those named exactly."""
    before = len(cloud.emulator.log())
    yield
    calls = [entry["path"].split("/")[3] for entry in cloud.emulator.log()[before:]]
    assert calls == list(reads)


@hostwinds
def test_the_driver_offers_what_only_it_can_do(cloud: Cloud) -> None:
    assert isinstance(cloud.driver, StagedResize)
    assert isinstance(cloud.driver, BoundContact)


@hostwinds
def test_the_account_is_named_by_the_number_that_stands_with_its_servers(cloud: Cloud) -> None:
    cloud.active()

    assert cloud.driver.verify().holder == "Hostwinds account 4711"


@pytest.mark.parametrize(
    ("label", "name", "is_ours"),
    [
        (labels.written("mx1.example.net", UUID(int=7)), "mx1.example.net", True),
        ("a--b--00000000000000000000000000000007", "a--b", True),
        ("mx1.example.net", "mx1.example.net", False),
        ("mx1--0000000000000000000000000000000G", "mx1--0000000000000000000000000000000G", False),
        ("--00000000000000000000000000000007", "--00000000000000000000000000000007", False),
        ("", "", False),
    ],
)
def test_a_label_holds_name_and_intent(label: str, name: str, is_ours: bool) -> None:
    assert labels.read(label) == (name, ("mailyard", intent_tag(UUID(int=7))) if is_ours else ())


@hostwinds
def test_a_server_of_the_same_name_is_not_taken_for_the_one_just_ordered(cloud: Cloud) -> None:
    first, second = cloud.driver.create(cloud.order()), cloud.driver.create(cloud.order())

    assert first.id != second.id
    assert first.name == second.name


@plain
def test_a_server_that_is_listed_late_is_waited_for(plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.providers.hostwinds.driver.LOOK_PAUSE_S", 0.01)
    plain_cloud.strike("changed", "read", without=["0"], times=3)

    made = plain_cloud.driver.create(plain_cloud.order(uuid4()))

    assert [made.id] == plain_cloud.emulator.server_ids()


@hostwinds
def test_a_larger_plan_is_ordered_paid_applied_and_kept(cloud: Cloud) -> None:
    driver, machine = _driver(cloud), cloud.active()

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

    back = _driver(cloud).settle_resize(machine.id, keep=False)

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
    driver, machine = _driver(cloud), cloud.active()
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
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"suspended": 1}, "has suspended this server"),
        ({"locked": 1}, "is locked"),
        ({"status": "RESIZED"}, "waits to be confirmed"),
    ],
)
def test_a_server_in_no_state_for_it_gets_no_order(cloud: Cloud, changes: dict[str, object], words: str) -> None:
    machine = cloud.active()
    _changed(cloud, machine.id, **changes)

    with _nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match=words) as refused:
        cloud.driver.resize(machine.id, "53", grow_disk=False)

    assert refused.value.remedy


@hostwinds
def test_a_server_something_is_done_with_is_waited_for(cloud: Cloud) -> None:
    machine = cloud.active()
    _changed(cloud, machine.id, task="rebooting")

    with _nothing_sent(cloud, "get_instance"), pytest.raises(ProviderUnavailable, match="still busy"):
        cloud.driver.resize(machine.id, "53", grow_disk=False)


@hostwinds
def test_a_change_that_failed_says_so(cloud: Cloud) -> None:
    driver, machine = _driver(cloud), cloud.active()
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
        with _nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match="waits to be confirmed"):
            _driver(cloud).settle_resize(machine.id, keep=keep)


@hostwinds
def test_a_locked_server_is_not_deleted_and_the_remedy_says_where_to_unlock_it(cloud: Cloud) -> None:
    machine = cloud.active()
    _changed(cloud, machine.id, locked=1)

    with _nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match="is locked") as refused:
        cloud.driver.delete(machine.id)

    assert "portal" in refused.value.remedy
    assert cloud.driver.get(machine.id).power == "on"


@hostwinds
def test_what_no_call_does_is_refused_before_anything_is_sent(cloud: Cloud) -> None:
    with _nothing_sent(cloud):
        for action in HOSTWINDS.no_power:
            with pytest.raises(Refused, match="No call cuts the power"):
                cloud.driver.power("798836", action)
        with pytest.raises(Refused, match="makes the pair itself"):
            cloud.driver.register_key("one", "ssh-ed25519 AAAA")


@hostwinds
def test_a_reverse_name_is_set_at_the_service_though_it_does_not_tell_it(cloud: Cloud) -> None:
    machine = cloud.active()
    cloud.driver.set_reverse(machine.id, machine.ipv4[0], "mail.acme.example")

    assert cloud.emulator.seen("names") == {"names": {machine.ipv4[0]: "mail.acme.example"}}
    assert set(cloud.driver.reverse_names(machine.id).values()) == {None}


@hostwinds
def test_a_key_used_from_a_foreign_address_or_ended_is_refused(cloud: Cloud) -> None:
    for details in ({"addresses": ["192.0.2.1"]}, {"expires_at": time.time() - 1}):
        cloud.emulator.set("tokens", token="token-not-for-here", **details)
        stranger = cloud.driver_for("token-not-for-here")
        with pytest.raises(Unauthorized) as refused:
            stranger.machines()
        stranger.close()

        assert "IPv4 address of this computer" in refused.value.remedy


@hostwinds
def test_too_many_calls_are_answered_with_a_pause_and_no_more_is_sent(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_second=0)
    with pytest.raises(RateLimited):
        cloud.driver.verify()

    with _nothing_sent(cloud), pytest.raises(RateLimited) as told:
        cloud.driver.machines()

    assert 50 < (told.value.retry_after_s or 0) <= 60


def test_two_calls_a_second_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PER_MINUTE", PER_MINUTE)
    with answering({"get_instances": (200, {"success": []})}) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        began = time.monotonic()
        for _call in range(BURST + 2):
            driver.verify()
        took = time.monotonic() - began
        driver.close()

    assert took >= 0.95


def test_calls_go_out_over_ipv4_alone() -> None:
    """A key is tied to IPv4 addresses: over IPv6 we would be a stranger."""
    with socket.socket(socket.AF_INET6) as listener:
        listener.bind(("::1", 0))
        listener.listen()
        driver = Hostwinds(Secret("token"), endpoint_url=f"http://[::1]:{listener.getsockname()[1]}")
        with pytest.raises(NoNetwork):
            driver.verify()
        driver.close()
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    ("endpoint", "server", "path"),
    [
        ("https://clients.hostwinds.com/cloud/api.php", "https://clients.hostwinds.com", API),
        ("http://127.0.0.1:4000", "http://127.0.0.1:4000", API),
        ("http://127.0.0.1:4000/", "http://127.0.0.1:4000", API),
        ("https://relay.example/hostwinds/api.php", "https://relay.example", "/hostwinds/api.php"),
    ],
)
def test_another_server_has_the_api_at_the_same_path_unless_it_names_its_own(
    endpoint: str, server: str, path: str
) -> None:
    assert wire.server_and_path(endpoint) == (server, path)


@hostwinds
def test_a_machine_is_entered_once_with_its_password_and_its_marks(cloud: Cloud) -> None:
    machine, met = cloud.active(), []

    def meet(address: str, password: Secret, marks: MachineMarks) -> str:
        met.append((address, password, marks))
        return "ssh-ed25519 AAAA"

    assert _driver(cloud).enter(machine.id, meet) == "ssh-ed25519 AAAA"

    told = _told(cloud, machine.id)
    ((address, password, marks),) = met
    assert (address, password.reveal()) == (machine.ipv4[0], told["password"])
    assert marks == MachineMarks(told["mac_address"], told["server_uuid"], (*machine.ipv4, *machine.ipv6))
    assert told["password"] not in repr(met)


@hostwinds
def test_a_machine_that_is_not_made_yet_is_entered_later(cloud: Cloud) -> None:
    made = cloud.driver.create(cloud.order())
    _changed(cloud, made.id, password="")

    with pytest.raises(ProviderUnavailable):
        _driver(cloud).enter(made.id, lambda *_about: pytest.fail("it was entered"))
