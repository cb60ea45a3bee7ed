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
    MailyardError,
    NoNetwork,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.providers.ports import ComputeProvider
from backend.providers.registry import known_providers
from tests.backend.providers.cases import CASES, Case
from tests.backend.providers.conftest import Cloud

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
    ("html", {"status": 200}, AnswerUnknown, 0),
    ("timeout_before", {}, AnswerUnknown, 0),
    ("429", {"retry_after": 0}, RateLimited, 0),
]


FAULTS = [
    ("500", {}),
    ("500_after", {}),
    ("lost_answer", {}),
    ("html", {"status": 502}),
    ("timeout_before", {}),
    ("429", {"retry_after": 0}),
    ("close", {}),
]


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def nobody(request: pytest.FixtureRequest) -> Iterator[tuple[Case, ComputeProvider]]:
    """A driver at an address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        driver = known_providers().open(request.param.kind, Secret("token"), endpoint_url=url)
        yield request.param, driver
    driver.close()


@pytest.mark.parametrize(("kind", "details", "error"), READING)
def test_trouble_while_reading_is_named_and_can_be_tried_again(
    plain_cloud: Cloud, kind: str, details: dict[str, object], error: type[ProviderError]
) -> None:
    plain_cloud.emulator.fault(kind, "GET", plain_cloud.case.servers, **details)

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
    plain_cloud.emulator.fault(kind, "POST", plain_cloud.case.servers, **details)

    with pytest.raises(error) as failed:
        plain_cloud.driver.create(order)

    assert failed.value.retryable
    assert len(plain_cloud.driver.find(intent)) == made
    assert plain_cloud.emulator.counters()["tallies"].get("servers created", 0) == made


def test_a_lost_answer_to_a_key_registration_can_be_looked_up_by_name(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("lost_answer", "POST", plain_cloud.case.keys)

    with pytest.raises(AnswerUnknown):
        plain_cloud.order()

    (name,) = plain_cloud.emulator.counters()["keys"]
    assert plain_cloud.driver.find_key(name) is not None


def test_a_lost_answer_to_a_deletion_can_simply_be_asked_again(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("lost_answer", "DELETE", plain_cloud.case.servers)

    with pytest.raises(AnswerUnknown):
        plain_cloud.driver.delete(machine.id)
    plain_cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        plain_cloud.driver.get(machine.id)


def test_a_page_of_somebody_else_never_makes_a_server_look_deleted(plain_cloud: Cloud) -> None:
    """A captive portal or a proxy in maintenance answers 404 too."""
    machine = plain_cloud.active()
    plain_cloud.emulator.fault("html", "GET", plain_cloud.path(machine), status=404)
    with pytest.raises(BadAnswer):
        plain_cloud.driver.get(machine.id)

    plain_cloud.emulator.fault("html", "DELETE", plain_cloud.path(machine), status=404)
    with pytest.raises(BadAnswer):
        plain_cloud.driver.delete(machine.id)

    assert plain_cloud.driver.get(machine.id).id == machine.id


def test_a_slow_answer_within_the_time_out_is_waited_for(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("slow", "GET", plain_cloud.case.account, seconds=0.3)

    assert plain_cloud.driver.verify().holder


def test_an_answer_that_does_not_come_in_time_ends_the_wait(
    plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_S", 0.2)
    hasty = plain_cloud.driver_for(plain_cloud.emulator.token)
    plain_cloud.emulator.fault("slow", "GET", plain_cloud.case.account, seconds=1.5)

    with pytest.raises(AnswerUnknown, match="did not answer in time"):
        hasty.verify()
    hasty.close()


def test_nothing_was_sent_when_nobody_listens(nobody: tuple[Case, ComputeProvider]) -> None:
    case, driver = nobody
    with pytest.raises(NoNetwork) as failed:
        driver.verify()

    assert failed.value.title == f"{case.name} cannot be reached."
    assert "network" in failed.value.remedy


def test_an_order_whose_answer_lacks_the_server_is_looked_up(plain_cloud: Cloud) -> None:
    record = plain_cloud.case.server
    for without in ([record], [f"{record}.id"]) if record else (["id"],):
        intent = uuid4()
        order = plain_cloud.order(intent)
        plain_cloud.emulator.fault("changed", "POST", plain_cloud.case.servers, without=without)

        with pytest.raises(AnswerUnknown):
            plain_cloud.driver.create(order)

        assert len(plain_cloud.driver.find(intent)) == 1


def test_an_answer_without_an_id_is_unreadable(plain_cloud: Cloud) -> None:
    machine, record = plain_cloud.active(), plain_cloud.case.server
    name = f"{record}.id" if record else "id"
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), without=[name])

    with pytest.raises(BadAnswer):
        plain_cloud.driver.get(machine.id)


def test_an_unknown_field_and_a_lost_list_of_tags_are_read_past(plain_cloud: Cloud) -> None:
    machine, record = plain_cloud.active(), plain_cloud.case.server
    before = f"{record}." if record else ""
    changes = {f"{before}brand_new": {"field": [1]}, f"{before}tags": None, f"{before}status": "on_fire"}
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.path(machine), changes=changes)

    read = plain_cloud.driver.get(machine.id)

    assert (read.id, read.name, read.tags) == (machine.id, machine.name, ())
    assert read.state == "unknown"


def test_a_list_that_shrank_between_two_pages_is_not_taken_for_whole(plain_cloud: Cloud) -> None:
    """What moved up to a page already read would look deleted."""
    plain_cloud.fill(520)
    first = f"{plain_cloud.case.listed}.0"
    plain_cloud.emulator.fault("changed", "GET", plain_cloud.case.servers, skip=1, without=[first])

    with pytest.raises(BadAnswer):
        plain_cloud.driver.machines()

    assert len(plain_cloud.driver.machines()) == 520


def test_a_failure_on_the_second_page_gives_no_half_list(plain_cloud: Cloud) -> None:
    plain_cloud.fill(520)
    plain_cloud.emulator.fault("500", "GET", plain_cloud.case.servers, skip=1)

    with pytest.raises(ProviderUnavailable):
        plain_cloud.driver.machines()


@pytest.mark.parametrize(("fault", "details"), FAULTS, ids=[fault for fault, _details in FAULTS])
@pytest.mark.parametrize("operation", ["resize", "snapshot", "delete", "stop"])
def test_trouble_with_a_writing_call_is_named_and_the_call_goes_out_once(
    plain_cloud: Cloud, operation: str, fault: str, details: dict[str, object]
) -> None:
    """Whatever happened to the call, looking afterwards tells: nothing was done twice, and the way on is open."""
    case, machine = plain_cloud.case, plain_cloud.active()
    if operation == "resize" and case.must_be_off_to_resize:
        plain_cloud.ended(machine.id, plain_cloud.stopping)
    method = {"resize": case.resize_method, "delete": "DELETE"}.get(operation, "POST")
    plain_cloud.emulator.fault(fault, method, "", **details)
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(MailyardError) as failed:
        _write(plain_cloud, operation, machine.id)

    assert failed.value.retryable
    assert failed.value.title
    assert failed.value.remedy
    writes = [each for each in plain_cloud.emulator.log()[sent:] if each["method"] == method]
    assert len(writes) == 1
    plain_cloud.emulator.heal()
    assert plain_cloud.driver.verify().holder


@pytest.mark.parametrize("operation", ["resize", "snapshot", "delete", "stop"])
def test_a_token_that_ended_is_named_whatever_is_asked(plain_cloud: Cloud, operation: str) -> None:
    machine = plain_cloud.active()
    plain_cloud.emulator.set("revoke", token=plain_cloud.emulator.token)

    with pytest.raises(Unauthorized) as refused:
        _write(plain_cloud, operation, machine.id)

    assert "Settings > Accounts" in refused.value.remedy


def _write(cloud: Cloud, operation: str, machine_id: str) -> None:
    if operation == "resize":
        cloud.driver.resize(machine_id, cloud.case.larger, grow_disk=True)
    elif operation == "snapshot":
        cloud.driver.take_snapshot(machine_id, "kept")
    elif operation == "delete":
        cloud.driver.delete(machine_id)
    else:
        cloud.driver.power(machine_id, cloud.stopping)
