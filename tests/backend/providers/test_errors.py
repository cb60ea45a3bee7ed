"""What the wire can do to a driver: each trouble becomes one error that says whether the request may have been done."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from backend.core import http
from backend.core.errors import (
    BadResponse,
    MailyardError,
    NoNetwork,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Unauthorized,
)
from backend.core.secrets.values import Secret
from backend.providers.hostwinds.driver import LOOKS
from backend.providers.ports import ComputeProvider
from backend.providers.registry import known_providers
from tests.backend.providers.cases import CASES, Case
from tests.backend.providers.cases.case import Call
from tests.backend.providers.conftest import Cloud

READING = [
    ("500", {}, ProviderUnavailable),
    ("429", {"retry_after": 0}, RateLimited),
    ("html", {}, ProviderUnavailable),
    ("html", {"status": 200}, BadResponse),
    ("html", {"status": 302}, BadResponse),
    ("html", {"status": 404}, BadResponse),
    ("html", {"status": 403}, BadResponse),
    ("malformed", {}, BadResponse),
    ("cut_body", {}, OutcomeUnknown),
    ("close", {}, OutcomeUnknown),
]
WRITING = [
    ("500", {}, OutcomeUnknown, 0),
    ("500_after", {}, OutcomeUnknown, 1),
    ("lost_answer", {}, OutcomeUnknown, 1),
    ("malformed", {}, OutcomeUnknown, 1),
    ("cut_body", {}, OutcomeUnknown, 1),
    ("html", {"status": 200}, OutcomeUnknown, 0),
    ("timeout_before", {}, OutcomeUnknown, 0),
    ("429", {"retry_after": 0}, RateLimited, 0),
]


OPERATIONS: list[Call] = ["resize", "snapshot", "delete", "shutdown"]
FAULTS = [
    ("500", {}),
    ("500_after", {}),
    ("lost_answer", {}),
    ("html", {"status": 502}),
    ("timeout_before", {}),
    ("429", {"retry_after": 0}),
    ("close", {}),
]


#: Whose lists say how many there are. Others tell where the next page begins by what stands last on this one.
COUNTING = [case for case in CASES if case.tells_total]


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def nobody(request: pytest.FixtureRequest) -> Iterator[tuple[Case, ComputeProvider]]:
    """A driver at an address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        token = Secret(request.param.credential("token"))
        driver = known_providers().open(request.param.kind, token, endpoint_url=url)
        yield request.param, driver
    driver.close()


@pytest.mark.parametrize(("kind", "details", "error"), READING)
def test_trouble_while_reading_is_named_and_can_be_tried_again(
    plain_cloud: Cloud, kind: str, details: dict[str, object], error: type[ProviderError]
) -> None:
    plain_cloud.strike(kind, "read", **details)

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
    plain_cloud.strike(kind, "order", **details)

    with pytest.raises(error) as failed:
        plain_cloud.driver.create(order)

    assert failed.value.retryable
    assert len(plain_cloud.driver.find(intent)) == made
    assert plain_cloud.emulator.counters()["tallies"].get("servers created", 0) == made


def test_a_lost_answer_to_a_key_registration_can_be_looked_up_by_name(plain_cloud: Cloud) -> None:
    plain_cloud.emulator.fault("lost_answer", "POST", plain_cloud.case.keys)
    if not plain_cloud.can("login_keys"):
        assert plain_cloud.order().key_id == ""
        assert plain_cloud.emulator.log() == []
        return

    with pytest.raises(OutcomeUnknown):
        plain_cloud.order()

    (name,) = plain_cloud.emulator.counters()["keys"]
    assert plain_cloud.driver.find_key(name) is not None


def test_a_lost_answer_to_a_deletion_can_simply_be_asked_again(plain_cloud: Cloud) -> None:
    machine = plain_cloud.active()
    plain_cloud.strike("lost_answer", "delete")

    with pytest.raises(OutcomeUnknown):
        plain_cloud.driver.delete(machine.id)
    plain_cloud.driver.delete(machine.id)

    with pytest.raises(NotFound):
        plain_cloud.driver.get(machine.id)


def test_a_page_of_somebody_else_never_makes_a_server_look_deleted(plain_cloud: Cloud) -> None:
    """A captive portal or a proxy in maintenance answers 404 too."""
    machine = plain_cloud.active()
    plain_cloud.strike("html", "show", status=404)
    with pytest.raises(BadResponse):
        plain_cloud.driver.get(machine.id)

    plain_cloud.strike("html", "delete", status=404)
    with pytest.raises(BadResponse):
        plain_cloud.driver.delete(machine.id)

    assert plain_cloud.driver.get(machine.id).id == machine.id


def test_a_slow_answer_within_the_time_out_is_waited_for(plain_cloud: Cloud) -> None:
    plain_cloud.strike("slow", "account", seconds=0.3)

    assert plain_cloud.driver.verify().holder


def test_an_answer_that_does_not_come_in_time_ends_the_wait(
    plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "READ_S", 0.2)
    hasty = plain_cloud.driver_for(plain_cloud.emulator.token)
    plain_cloud.strike("slow", "account", seconds=1.5)

    with pytest.raises(OutcomeUnknown, match="did not respond in time"):
        hasty.verify()
    hasty.close()


def test_nothing_was_sent_when_nobody_listens(nobody: tuple[Case, ComputeProvider]) -> None:
    case, driver = nobody
    with pytest.raises(NoNetwork) as failed:
        driver.verify()

    assert failed.value.title == f"{case.name} cannot be reached."
    assert "network" in failed.value.remedy


def test_an_order_whose_answer_lacks_the_server_is_looked_up(
    plain_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, record = plain_cloud.case, plain_cloud.case.server
    monkeypatch.setattr("backend.providers.hostwinds.driver.LOOK_PAUSE_S", 0)
    for without in ([record], [f"{record}.id"]) if record else ([case.record_id],):
        intent = uuid4()
        order = plain_cloud.order(intent)
        if case.answers_order_with_server:
            plain_cloud.strike("changed", "order", without=without)
        else:  # the driver looks by itself, and does not see it
            plain_cloud.strike("changed", "read", without=["0"], times=LOOKS)

        with pytest.raises(OutcomeUnknown):
            plain_cloud.driver.create(order)

        assert len(plain_cloud.driver.find(intent)) == 1


def test_an_answer_without_an_id_is_unreadable(plain_cloud: Cloud) -> None:
    machine, case = plain_cloud.active(), plain_cloud.case
    name = case.path_in(case.server, case.record_id)
    plain_cloud.strike("changed", "show", without=[name])

    with pytest.raises(BadResponse):
        plain_cloud.driver.get(machine.id)


def test_an_unknown_field_and_a_lost_list_of_tags_are_read_past(plain_cloud: Cloud) -> None:
    machine, case = plain_cloud.active(), plain_cloud.case
    told = {"brand_new": {"field": [1]}, **case.untagged, case.status: "on_fire"}
    changes = {case.path_in(case.server, name): value for name, value in told.items()}
    plain_cloud.strike("changed", "show", changes=changes)

    read = plain_cloud.driver.get(machine.id)

    assert (read.id, read.tags) == (machine.id, ())
    assert (read.name == machine.name) != plain_cloud.case.name_is_tag
    assert read.state == "unknown"


@pytest.mark.parametrize("plain_cloud", COUNTING, ids=lambda case: case.kind, indirect=True)
def test_a_list_that_shrank_between_two_pages_is_not_taken_for_whole(plain_cloud: Cloud) -> None:
    """What moved up to a page already read would look deleted."""
    plain_cloud.fill(520)
    if not plain_cloud.case.is_paged:
        assert len(plain_cloud.driver.machines()) == 520
        asked = [each for each in plain_cloud.emulator.log() if "fault" not in each]  # another test's may come late
        assert [each["path"] for each in asked].count(plain_cloud.case.call("read")[1]) == 1
        return
    first = plain_cloud.case.path_in(plain_cloud.case.listed, "0")
    plain_cloud.strike("changed", "read", skip=1, without=[first])

    with pytest.raises(BadResponse):
        plain_cloud.driver.machines()

    assert len(plain_cloud.driver.machines()) == 520


def test_a_failure_on_the_second_page_gives_no_half_list(plain_cloud: Cloud) -> None:
    plain_cloud.fill(520)
    plain_cloud.strike("500", "read", skip=1 if plain_cloud.case.is_paged else 0)

    with pytest.raises(ProviderUnavailable):
        plain_cloud.driver.machines()


@pytest.mark.parametrize(("fault", "details"), FAULTS, ids=[fault for fault, _details in FAULTS])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_trouble_with_a_writing_call_is_named_and_the_call_goes_out_once(
    plain_cloud: Cloud, operation: Call, fault: str, details: dict[str, object]
) -> None:
    """Whatever happened to the call, looking afterwards tells: nothing was done twice, and the way on is open."""
    case, machine = plain_cloud.case, plain_cloud.active()
    if operation == "snapshot" and not plain_cloud.can("snapshot"):
        _nothing_is_sent(plain_cloud, machine.id)
        return
    if operation == "resize" and case.must_be_off_to_resize:
        plain_cloud.ended(machine.id, plain_cloud.stopping)
    plain_cloud.strike(fault, operation, **details)
    sent = len(plain_cloud.emulator.log())

    with pytest.raises(MailyardError) as failed:
        _write(plain_cloud, operation, machine.id)

    assert failed.value.retryable
    assert failed.value.title
    assert failed.value.remedy
    assert _calls_of(plain_cloud, operation, sent) == 1
    plain_cloud.emulator.heal()
    assert plain_cloud.driver.verify().holder


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_token_that_ended_is_named_whatever_is_asked(plain_cloud: Cloud, operation: Call) -> None:
    machine = plain_cloud.active()
    if operation == "snapshot" and not plain_cloud.can("snapshot"):
        _nothing_is_sent(plain_cloud, machine.id)
        return
    plain_cloud.emulator.set("revoke", token=plain_cloud.emulator.token)

    with pytest.raises(Unauthorized) as refused:
        _write(plain_cloud, operation, machine.id)

    assert "Settings > Accounts" in refused.value.remedy


def _calls_of(cloud: Cloud, name: Call, since: int) -> int:
    """How many calls of a kind the log has since its entry of this number."""
    method, path = cloud.case.call(name)
    log = cloud.emulator.log()[since:]
    return sum(each["method"] == method and each["path"].startswith(path) for each in log)


def _nothing_is_sent(cloud: Cloud, machine_id: str) -> None:
    """What the matrix says no to ends before the wire."""
    sent = len(cloud.emulator.log())
    with pytest.raises(Refused):
        _write(cloud, "snapshot", machine_id)
    assert len(cloud.emulator.log()) == sent


def _write(cloud: Cloud, operation: Call, machine_id: str) -> None:
    if operation == "resize":
        cloud.driver.resize(machine_id, cloud.case.larger, grow_disk=True)
    elif operation == "snapshot":
        cloud.driver.take_snapshot(machine_id, "kept")
    elif operation == "delete":
        cloud.driver.delete(machine_id)
    else:
        cloud.driver.power(machine_id, cloud.stopping)
