"""What only Hostwinds does: intents in labels, locks, a first contact with a password, IPv4 alone."""

from __future__ import annotations

import socket
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.core.errors import (
    NoNetwork,
    OutcomeUnknown,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.providers.capabilities import clouds
from backend.providers.hostwinds import labels, wire
from backend.providers.hostwinds.driver import Hostwinds
from backend.providers.hostwinds.wire import BURST, PER_MINUTE
from backend.providers.ports import BoundContact, MachineIdentity, PaidResize, intent_tag
from tests.backend.providers.cases import HOSTWINDS
from tests.backend.providers.cases.hostwinds import API
from tests.backend.providers.conftest import Cloud
from tests.backend.providers.hostwinds import changed, driver_of, hostwinds, nothing_sent, plain
from tests.backend.providers.recorded import answering
from tests.clocks import Countdown


def _told(cloud: Cloud, machine_id: str) -> dict[str, Any]:
    """The server as the service tells of it, secrets included."""
    with cloud.emulator.client() as client:
        form = {"action": "get_instance", "API": cloud.emulator.token, "serviceid": machine_id}
        body: dict[str, Any] = client.post(API, data=form).json()
    found: dict[str, Any] = body.get("success", body)
    return found


@hostwinds
def test_the_driver_offers_what_only_it_can_do(cloud: Cloud) -> None:
    assert isinstance(cloud.driver, PaidResize)
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


@plain
@pytest.mark.parametrize("fault", ["500", "429", "html", "lost_answer"])
def test_trouble_with_looking_for_a_server_just_ordered_never_means_order_again(plain_cloud: Cloud, fault: str) -> None:
    intent = uuid4()
    order = plain_cloud.order(intent)
    plain_cloud.strike(fault, "read")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.create(order)

    tallies = plain_cloud.emulator.counters()["tallies"]
    assert (tallies["calls add_instance"], tallies["servers created"]) == (1, 1)


@hostwinds
def test_a_locked_server_is_not_deleted_and_the_remedy_says_where_to_unlock_it(cloud: Cloud) -> None:
    machine = cloud.active()
    changed(cloud, machine.id, locked=1)

    with nothing_sent(cloud, "get_instance"), pytest.raises(ProviderRefused, match="is locked") as refused:
        cloud.driver.delete(machine.id)

    assert "portal" in refused.value.remedy
    assert cloud.driver.get(machine.id).power == "on"


@hostwinds
def test_what_no_call_does_is_refused_before_anything_is_sent(cloud: Cloud) -> None:
    with nothing_sent(cloud):
        for action in HOSTWINDS.no_power:
            with pytest.raises(Refused, match="The API cannot cut the power"):
                cloud.driver.power("798836", action)
        with pytest.raises(Refused, match="creates the key pair itself"):
            cloud.driver.register_key("one", "ssh-ed25519 AAAA")


@pytest.mark.usefixtures("pseudo")
@hostwinds
def test_the_reason_why_is_told_in_the_persons_language(cloud: Cloud) -> None:
    for action in HOSTWINDS.no_power:
        with pytest.raises(Refused) as refused:
            cloud.driver.power("798836", action)
        assert _(clouds()["hostwinds"].cells["power"].note) in refused.value.title


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

        assert "this computer's IPv4 address" in refused.value.remedy


@hostwinds
def test_too_many_calls_are_answered_with_a_pause_and_no_more_is_sent(cloud: Cloud) -> None:
    cloud.emulator.set("limits", per_second=0)
    minute = Countdown(60)
    with pytest.raises(RateLimited):
        cloud.driver.verify()

    with nothing_sent(cloud), pytest.raises(RateLimited) as told:
        cloud.driver.machines()

    assert minute.is_left(told.value.retry_after_s or 0)


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

    def meet(address: str, password: Secret, identity: MachineIdentity) -> str:
        met.append((address, password, identity))
        return "ssh-ed25519 AAAA"

    assert driver_of(cloud).enter(machine.id, meet) == "ssh-ed25519 AAAA"

    told = _told(cloud, machine.id)
    ((address, password, identity),) = met
    assert (address, password.reveal()) == (machine.ipv4[0], told["password"])
    assert identity == MachineIdentity(told["mac_address"], told["server_uuid"], (*machine.ipv4, *machine.ipv6))
    assert told["password"] not in repr(met)


@hostwinds
def test_a_machine_that_is_not_made_yet_is_entered_later(cloud: Cloud) -> None:
    made = cloud.driver.create(cloud.order())
    changed(cloud, made.id, password="")

    with pytest.raises(ProviderUnavailable):
        driver_of(cloud).enter(made.id, lambda *_about: pytest.fail("it was entered"))
