"""Answers of the live Hostwinds as its users wrote them down, wrapped, bare, or of another type: all are read.

No whole answer was ever recorded. Each shape here is from a source of ``shared/contracts/hostwinds-api.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from backend.core.errors import (
    BadResponse,
    MailyardError,
    NotFound,
    OutcomeUnknown,
    ProviderRefused,
    RateLimited,
    Unauthorized,
)
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.providers.hostwinds.driver import Hostwinds
from backend.providers.hostwinds.parsing import Size
from backend.providers.ports import Catalogue, Invoice, Machine
from tests.backend.providers.recorded import answering, samples_of

Body = Any

STRANGER = {"result": "error", "action": "Authorization", "message": "Not Authorized!"}
UNKNOWN = [{"result": "error", "message": "Invalid Action.", "ERROR": "6734"}]
INSTANCE: dict[str, Any] = {
    "serviceid": 798836,
    "id": 798836,
    "userid": 4711,
    "location_id": 12,
    "server_uuid": "0F0E0D0C-0000-4000-8000-000000000001",
    "password": "CANARY-root",
    "configkey": "CANARY-config",
    "main_ip": "203.0.113.7",
    "ips": ["203.0.113.7"],
    "is_suspended": 0,
    "srvrname": "mx1.example.net--0123456789abcdef0123456789abcdef",
    "hostname": "hwsrv-798836.hostwindsdns.com",
    "locked": 0,
    "product_name": "Tier 2",
    "mac_address": "FA:16:3E:00:00:01",
    "status": "ACTIVE",
    "power_state": 1,
    "task_state": None,
    "ip_v6": "2001:db8::1/64",
    "ram": 2048,
    "cpu": 1,
    "disk": 50,
    "created_at": "2026-03-01 10:20:30",
}
PLAN: dict[str, Any] = {
    "rid": 52,
    "name": "Tier 2",
    "ram": "2",
    "cpu": "1",
    "disk": "50",
    "bandwidth": "2",
    "monthly": "9.99",
}
PRICES = {"success": {"52": PLAN}}


def _error(answers: Mapping[str, tuple[int, Body]], ask: str = "machines", *about: str) -> MailyardError:
    """What the driver makes of these answers to one of its calls."""
    with answering(answers) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        with pytest.raises(MailyardError) as told:
            getattr(driver, ask)(*about)
        driver.close()
    return told.value


def _catalogue(**answers: Body) -> Catalogue:
    usual = {"get_price_list": PRICES, "get_locations": UNKNOWN, "get_public_images": UNKNOWN}
    with answering({name: (200, body) for name, body in (usual | answers).items()}) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        found = driver.catalogue()
        driver.close()
    return found


def _machine(changes: Mapping[str, Any], *, is_bare: bool = False) -> Machine:
    raw = {**INSTANCE, **changes}
    answers = {"get_price_list": (200, PRICES), "get_instance": (200, raw if is_bare else {"success": raw})}
    with answering(answers) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        found = driver.get("798836")
        driver.close()
    return found


def test_no_recorded_answer_is_left_unread() -> None:
    with pytest.raises(KeyError):
        samples_of("hostwinds")


@pytest.mark.parametrize("body", [STRANGER, [STRANGER]], ids=["object", "list"])
@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_stranger_is_told_in_every_status_and_hears_of_addresses(status: int, body: Body) -> None:
    refused = _error({"get_instances": (status, body)})

    assert isinstance(refused, Unauthorized)
    assert "IPv4 address" in refused.remedy


@pytest.mark.parametrize("words", ["A valid serviceid is required.", "A valid serviceid is required"])
@pytest.mark.parametrize("status", [200, 404])
def test_a_server_that_is_not_there_is_told_with_and_without_the_final_dot(words: str, status: int) -> None:
    body = [{"result": "Error", "action": "Get Instance", "message": words}]

    assert isinstance(_error({"get_instance": (status, body)}, "get", "798836"), NotFound)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("Hourly products are disabled! Please contact customer service.", ProviderRefused),
        ("IP change is in cooldown", RateLimited),
        ("Too many requests", RateLimited),
        ("Something went wrong, please wait a moment", RateLimited),
        ("Rate limit exceeded", RateLimited),
    ],
)
def test_refusals_are_told_apart_by_their_words_and_never_by_their_code(words: str, error: type[MailyardError]) -> None:
    told = _error({"get_instances": (200, [{"result": "error", "message": words, "ERROR": "721334"}])})

    assert type(told) is error
    assert "721334" in told.detail


@pytest.mark.parametrize("body", [True, None, "<p>", 7])
def test_an_answer_that_is_neither_list_nor_record_is_unreadable(body: Body) -> None:
    assert isinstance(_error({"get_instances": (200, body)}), BadResponse)


@pytest.mark.parametrize("body", [[], {}, {"success": False}, [{"message": "Instance deleted"}]])
def test_a_command_answered_without_a_result_may_have_been_carried_out(body: Body) -> None:
    answers = {"get_instance": (200, {"success": INSTANCE}), "terminate": (200, body)}

    assert isinstance(_error(answers, "delete", "798836"), OutcomeUnknown)


@pytest.mark.parametrize("is_bare", [False, True])
def test_a_server_is_read_wrapped_and_bare(is_bare: bool) -> None:
    machine = _machine({}, is_bare=is_bare)

    assert (machine.id, machine.name, machine.region, machine.plan) == ("798836", "mx1.example.net", "12", "52")
    assert (machine.ipv4, machine.ipv6) == (("203.0.113.7",), ("2001:db8::1",))
    assert machine.created_at is not None
    assert machine.created_at.isoformat() == "2026-03-01T10:20:30+00:00"
    assert "CANARY" not in repr(machine)


@pytest.mark.parametrize(
    "changes",
    [
        {"serviceid": "798836", "ram": "2048", "cpu": "1", "disk": "50", "power_state": "1", "locked": "0"},
        {"ram": 2, "ips": None, "ssh_keys": "one,two", "flavor": False, "bandwidth": None},
        {"ips": "203.0.113.7, 198.51.100.9 nonsense", "task_state": "", "status": "active"},
        {"brand_new": {"field": [1]}, "image": None, "template_uuid": None, "created_at": "0000-00-00 00:00:00"},
    ],
)
def test_other_types_missing_values_and_new_fields_are_read_past(changes: Mapping[str, Any]) -> None:
    machine = _machine(changes)

    assert (machine.id, machine.plan, machine.state, machine.power) == ("798836", "52", "active", "on")
    assert machine.ipv4[0] == "203.0.113.7"


@pytest.mark.parametrize(
    ("told", "state", "power"),
    [
        ({"status": "BUILD", "power_state": 0, "task_state": "spawning"}, "creating", "unknown"),
        ({"status": "REBUILD"}, "creating", "unknown"),
        ({"status": "REBOOT", "task_state": "rebooting"}, "active", "on"),
        ({"status": "SHUTOFF", "power_state": 4}, "off", "off"),
        ({"status": "ACTIVE", "power_state": 4}, "off", "off"),
        ({"status": "RESIZED"}, "active", "on"),
        ({"status": "VERIFY_RESIZE"}, "active", "on"),
        ({"is_suspended": 1}, "off", "off"),
        ({"status": "suspended", "is_suspended": "0"}, "off", "off"),
        ({"status": "RESCUE"}, "unknown", "on"),
        ({"status": "ERROR", "power_state": 0}, "unknown", "unknown"),
        ({"status": None, "power_state": None}, "unknown", "unknown"),
    ],
)
def test_the_words_of_openstack_make_our_states(told: Mapping[str, Any], state: str, power: str) -> None:
    machine = _machine(told)

    assert (machine.state, machine.power) == (state, power)


def test_a_server_that_is_still_shown_as_deleted_is_gone() -> None:
    gone = {"success": INSTANCE | {"status": "DELETED"}}

    assert isinstance(_error({"get_instance": (200, gone)}, "get", "798836"), NotFound)
    with answering({"get_instances": (200, {"success": [gone["success"]]})}) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        assert list(driver.machines()) == []
        driver.close()


@pytest.mark.parametrize(
    "body",
    [
        {"success": {"IP Addresses": [{"ip": "203.0.113.7"}, {"ip": "198.51.100.9", "type": "secondary"}]}},
        {"success": [{"ip": "203.0.113.7"}, {"ip": "198.51.100.9"}]},
        ["203.0.113.7", "198.51.100.9"],
    ],
)
def test_addresses_beside_the_main_one_are_read_from_every_list_seen(body: Body) -> None:
    answers = {"get_instance": (200, {"success": INSTANCE}), "get_instance_ips": (200, body)}
    with answering(answers) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        names = driver.reverse_names("798836")
        driver.close()

    assert names == dict.fromkeys(["203.0.113.7", "2001:db8::1", "198.51.100.9"])


@pytest.mark.parametrize(
    ("body", "invoice"),
    [
        (
            {"success": {"id": 1, "orderid": 2, "invoiceid": 3, "duedate": "2026-04-01", "total": "4.00"}},
            ("3", 4_000_000),
        ),
        ({"id": "1", "orderid": "2", "invoiceid": "3", "duedate": None, "total": None}, ("3", None)),
        ({"success": []}, None),
        ({"success": False}, None),
        ([], None),
        ([{"result": "error", "message": "No upgrade order."}], None),
    ],
)
def test_an_open_order_and_none_are_told_in_many_ways(body: Body, invoice: tuple[str, int | None] | None) -> None:
    answers = {
        "get_instance": (200, {"success": INSTANCE}),
        "get_price_list": (200, PRICES),
        "check_upgrade_order": (200, body),
    }
    with answering(answers) as url:
        driver = Hostwinds(Secret("token"), endpoint_url=url)
        seen = driver.action("798836", "resize:53")
        driver.close()

    assert seen.state == ("paid" if invoice is None else "unpaid")
    assert _number_and_total(seen.invoice) == invoice


def test_without_calls_for_places_and_images_the_known_places_stand_and_the_source_says_so() -> None:
    catalogue = _catalogue()

    assert catalogue.source == "Hostwinds API, without locations and images"
    assert [(each.slug, each.name, each.available) for each in catalogue.regions] == [
        ("12", "Seattle", True),
        ("Dallas", "Dallas", False),
        ("Amsterdam", "Amsterdam", False),
    ]
    assert catalogue.images == ()
    assert catalogue.plans[0].regions == ("12",)


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Hostwinds API, without locations and images"),
        ({"get_locations": {"success": [{"id": 12, "name": "Seattle"}]}}, "Hostwinds API, without images"),
        ({"get_public_images": {"success": []}}, "Hostwinds API, without locations"),
    ],
)
def test_the_source_is_told_in_the_persons_language(told: Mapping[str, Body], words: str) -> None:
    assert _catalogue(**told).source == _(words)


@pytest.mark.parametrize(
    "places",
    [
        {"success": [{"id": 12, "name": "Seattle"}]},
        [{"id": "12", "name": "Seattle"}],
        {"success": {"12": {"name": "Seattle"}}},
        {"success": {"12": "Seattle"}},
        {"success": {"Locations": [{"location_id": 12, "city": "Seattle"}]}},
    ],
)
def test_places_are_read_as_a_list_a_map_and_in_groups(places: Body) -> None:
    catalogue = _catalogue(get_locations=places)

    assert [(each.slug, each.name) for each in catalogue.regions] == [("12", "Seattle")]
    assert catalogue.source == "Hostwinds API, without images"


def test_systems_are_read_with_their_family_and_retired_ones_are_left_out() -> None:
    shown = {"uuid": "b1", "name": "Debian 12", "category_name": "Debian", "min_disk": "10", "retired": "0"}
    images = {"Linux": [shown, {"uuid": "b2", "name": "Debian 9", "retired": 1}], "Windows": []}

    (image,) = _catalogue(get_public_images={"success": images}).images

    assert (image.slug, image.name, image.distribution, image.minimum_disk_gb) == ("b1", "Debian 12", "Debian", 10)


@pytest.mark.parametrize(
    ("changes", "monthly", "size", "traffic"),
    [
        ({}, 9_990_000, Size(1, 2048, 50), 2000),
        ({"monthly": 9.99, "rid": None, "ram": 2048, "bandwidth": "2000"}, 9_990_000, Size(1, 2048, 50), 2000),
        ({"monthly": "-1.00", "bandwidth": None}, None, Size(1, 2048, 50), None),
        ({"monthly": None, "cpu": None, "hourly": "0.013875"}, None, Size(0, 2048, 50), 2000),
    ],
)
def test_prices_and_sizes_are_read_in_every_form(
    changes: Mapping[str, Any], monthly: int | None, size: Size, traffic: int | None
) -> None:
    custom = PLAN | {"rid": 99, "pricing": {"ram": {"id": 1, "options": {}}}}
    catalogue = _catalogue(get_price_list={"success": {"52": {**PLAN, **changes}, "99": custom, "note": "text"}})

    (plan,) = catalogue.plans
    assert (plan.slug, plan.monthly_micro, plan.available) == ("52", monthly, monthly is not None)
    assert (Size(plan.vcpus, plan.memory_mb, plan.disk_gb), plan.transfer_gb) == (size, traffic)
    assert plan.hourly_micro == (13_875 if "hourly" in changes else None)


def _number_and_total(invoice: Invoice | None) -> tuple[str, int | None] | None:
    return None if invoice is None else (invoice.number, invoice.total_micro)
