"""What the wire can do to a driver: each trouble becomes one error that says whether the request may have been done."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from backend.core import http
from backend.core.errors import (
    AnswerUnknown,
    BadAnswer,
    NoNetwork,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
)
from backend.core.secrets.values import Secret
from backend.providers.digitalocean.driver import DigitalOcean
from tests.backend.providers.conftest import Cloud

DROPLETS = "/v2/droplets"

READING = [
    ("500", {}, ProviderUnavailable),
    ("429", {"retry_after": 0}, RateLimited),
    ("html", {}, ProviderUnavailable),
    ("html", {"status": 200}, BadAnswer),
    ("html", {"status": 302}, BadAnswer),
    ("html", {"status": 404}, BadAnswer),
    ("html", {"status": 403}, BadAnswer),
    ("malformed", {}, BadAnswer),
    ("cut_body", {}, AnswerUnknown),
    ("close", {}, AnswerUnknown),
]
WRITING = [
    ("500", {}, AnswerUnknown, 0),
    ("500_after", {}, AnswerUnknown, 1),
    ("lost_answer", {}, AnswerUnknown, 1),
    ("malformed", {}, AnswerUnknown, 1),
    ("cut_body", {}, AnswerUnknown, 1),
    ("changed", {"changes": {"droplet": None}}, AnswerUnknown, 1),
    ("changed", {"without": ["droplet.id"]}, AnswerUnknown, 1),
    ("html", {"status": 200}, AnswerUnknown, 0),
    ("timeout_before", {}, AnswerUnknown, 0),
    ("429", {"retry_after": 0}, RateLimited, 0),
]


@pytest.fixture
def nobody() -> Iterator[DigitalOcean]:
    """A driver at an address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        driver = DigitalOcean(Secret("token"), endpoint_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        yield driver
    driver.close()


@pytest.mark.parametrize(("kind", "details", "error"), READING)
def test_trouble_while_reading_is_named_and_can_be_tried_again(
    plain_cloud: Cloud, kind: str, details: dict[str, object], error: type[ProviderError]
) -> None:
    plain_cloud.emulator.fault(kind, "GET", DROPLETS, **details)

    with pytest.raises(error) as failed:
        plain_cloud.driver.machines()

    assert failed.value.retryable
    assert failed.value.title
    assert failed.value.remedy
    assert list(plain_cloud.driver.machines()) == []


@pytest.mark.parametrize(("kind", "details", "error", "made"), WRITING)
def test_after_trouble_with_an_order_the_driver_never_claims_to_know_more_than_it_does(
    plain_cloud: Cloud, kind: str, details: dict[str, object], error: type[ProviderError], made: int
) -> None:
    intent = uuid4()
    order = plain_cloud.order(intent)
    plain_cloud.emulator.fault(kind, "POST", DROPLETS, **details)

    with pytest.raises(error) as failed:
        plain_cloud.driver.create(order)

    assert failed.value.retryable
    assert len(plain_cloud.driver.find(intent)) == made
    assert plain_cloud.emulator.counters()["tallies"].get("droplets created", 0) == made


def test_a_lost_answer_to_a_key_registration_can_be_looked_up_by_name(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("lost_answer", "POST", "/v2/account/keys")

    with pytest.raises(AnswerUnknown):
        plain_cloud.order()

    (name,) = plain_cloud.emulator.counters()["keys"]
    assert plain_cloud.driver.find_key(name) is not None


def test_a_lost_answer_to_a_deletion_can_simply_be_asked_again(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "DELETE", DROPLETS)

    with pytest.raises(AnswerUnknown):
        plain_cloud.driver.delete(machine.id)
    plain_cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        plain_cloud.driver.get(machine.id)


def test_a_page_of_somebody_else_never_makes_a_server_look_deleted(plain_cloud: Cloud) -> None:
    """A captive portal or a proxy in maintenance answers 404 too."""
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("html", "GET", f"{DROPLETS}/{machine.id}", status=404)
    with pytest.raises(BadAnswer):
        plain_cloud.driver.get(machine.id)

    plain_cloud.emulator.fault("html", "DELETE", f"{DROPLETS}/{machine.id}", status=404)
    with pytest.raises(BadAnswer):
        plain_cloud.driver.delete(machine.id)

    assert plain_cloud.driver.get(machine.id).id == machine.id


def test_a_slow_answer_within_the_time_out_is_waited_for(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("slow", "GET", "/v2/account", seconds=0.3)

    assert plain_cloud.driver.verify().holder


def test_an_answer_that_does_not_come_in_time_ends_the_wait(
    plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_S", 0.2)
    hasty = DigitalOcean(Secret(plain_cloud.emulator.token), endpoint_url=plain_cloud.url)
    plain_cloud.emulator.fault("slow", "GET", "/v2/account", seconds=1.5)

    with pytest.raises(AnswerUnknown, match="did not answer in time"):
        hasty.verify()
    hasty.close()


def test_nothing_was_sent_when_nobody_listens(nobody: DigitalOcean) -> None:
    with pytest.raises(NoNetwork) as failed:
        nobody.verify()

    assert failed.value.title == "DigitalOcean cannot be reached."
    assert "network" in failed.value.remedy


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
def test_what_the_driver_does_not_know_is_read_past(plain_cloud: Cloud, changes: dict[str, object]) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", f"{DROPLETS}/{machine.id}", changes=changes)

    read = plain_cloud.driver.get(machine.id)

    assert (read.id, read.name) == (machine.id, machine.name)
    assert read.state == ("unknown" if "droplet.status" in changes else "active")
    assert (read.monthly_micro is None) == any(name.startswith("droplet.size") for name in changes)


@pytest.mark.parametrize("missing", ["networks", "size", "image", "region", "tags", "created_at", "features", "vcpus"])
def test_a_field_that_is_missing_is_unknown_not_fatal(plain_cloud: Cloud, missing: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", f"{DROPLETS}/{machine.id}", without=[f"droplet.{missing}"])

    assert plain_cloud.driver.get(machine.id).id == machine.id


@pytest.mark.parametrize("without", ["droplet", "droplet.id", "droplet.name"])
def test_an_answer_without_what_makes_a_server_is_unreadable(plain_cloud: Cloud, without: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("changed", "GET", f"{DROPLETS}/{machine.id}", without=[without])

    with pytest.raises(BadAnswer):
        plain_cloud.driver.get(machine.id)


def test_an_action_of_an_unknown_status_still_runs(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    started = plain_cloud.driver.power(machine.id, "reboot")
    plain_cloud.emulator.fault("changed", "GET", f"{DROPLETS}/{machine.id}/actions", changes={"action.status": "new"})

    assert plain_cloud.driver.action(machine.id, started.id).state == "running"


def test_a_list_that_shrank_between_two_pages_is_not_taken_for_whole(plain_cloud: Cloud) -> None:
    """What moved up to a page already read would look deleted."""
    plain_cloud.fill(201)
    plain_cloud.emulator.fault("changed", "GET", DROPLETS, skip=1, without=["droplets.0"])

    with pytest.raises(BadAnswer):
        plain_cloud.driver.machines()

    assert len(plain_cloud.driver.machines()) == 201


def test_a_failure_on_the_second_page_gives_no_half_list(plain_cloud: Cloud) -> None:
    plain_cloud.fill(201)
    plain_cloud.emulator.fault("500", "GET", DROPLETS, skip=1)

    with pytest.raises(ProviderUnavailable):
        plain_cloud.driver.machines()
