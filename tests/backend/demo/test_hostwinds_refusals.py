"""The emulated Hostwinds refuses what the service refuses, in its words where anybody wrote them down."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from backend.demo.hostwinds.refusals import BEYOND_THE_DOCUMENT
from tests.backend.demo.hostwinds import ORDER, Account, Record, emulated
from tests.emulators.process import Emulator

pytestmark = emulated


@pytest.fixture
def api(eased: Emulator) -> Iterator[Account]:
    client = Account(eased)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("details", "status"), [({"addresses": ["192.0.2.1"]}, 403), ({"expires_at": 1.0}, 401), (None, 401)]
)
def test_keys_are_good_from_their_addresses_until_they_end(
    running: Emulator,
    new_emulator: Callable[..., Emulator],
    details: Record | None,
    status: int,
) -> None:
    told = {"result": "error", "action": "Authorization", "message": "Not Authorized!"}
    other = new_emulator(kind="hostwinds", mode="drift")
    for emulator, answer in ((running, (200, [told])), (other, (status, told))):
        if details is not None:
            emulator.set("tokens", token="second", **details)
        stranger = Account(emulator, key="second")
        refused = stranger.answer("get_instance_ids")
        stranger.close()

        assert (refused.status_code, refused.json()) == answer


@pytest.mark.parametrize(
    ("action", "fields", "told"),
    [
        ("no_such_thing", {}, {"message": "Invalid Action.", "ERROR": "6734"}),
        ("", {}, {"message": "Invalid Action.", "ERROR": "6734"}),
        ("get_instance", {}, {"action": "Get Instance", "message": "A valid serviceid is required."}),
        ("set_rdns", {"serviceid": 1}, {"action": "Set rDNS", "message": "A valid serviceid is required."}),
        ("toggle_lock", {}, {"action": "Toggle Lock", "message": "Service Id is required.", "ERROR": "5529903"}),
        (
            "upgrade_server",
            {},
            {"action": "Upgrade Server", "message": "A valid serviceid is required.", "ERROR": "721334"},
        ),
        (
            "add_instance",
            ORDER | {"location_id": 99},
            {"action": "Add Instance", "message": "Location Id is invalid.", "ERROR": "342432"},
        ),
    ],
)
def test_what_the_documentation_says_of_refusals_is_so(api: Account, action: str, fields: Record, told: Record) -> None:
    assert api.call(action, **fields) == [{"result": "error", **told}]


def test_a_server_paid_by_the_hour_cannot_be_upgraded(api: Account) -> None:
    number = api.active(billingcycle="hourly")

    assert api.words("upgrade_instance", serviceid=number, rid=53).startswith("Hourly products are disabled!")


def _limited(api: Account, running: Emulator) -> str:
    running.set("quota", servers=0)
    return api.words("add_instance", **ORDER)


def _too_often(api: Account, running: Emulator) -> str:
    running.set("limits", per_second=0)
    return api.words("get_instances")


def _of_a_locked(api: Account) -> str:
    number = api.active()
    api.call("toggle_lock", serviceid=number)
    return api.words("terminate", serviceid=number)


def _beside_another(api: Account, running: Emulator) -> str:
    number = api.active()
    running.set("hold", is_held=True)
    api.call("reboot", serviceid=number)
    return api.words("shutdown", serviceid=number)


def _second_order(api: Account) -> str:
    number = api.active()
    api.call("upgrade_instance", serviceid=number, rid=53)
    return api.words("upgrade_instance", serviceid=number, rid=54)


def _unpaid(api: Account) -> str:
    number = api.active()
    api.call("upgrade_instance", serviceid=number, rid=53)
    return api.words("upgrade_server", serviceid=number)


BEYOND: dict[str, Callable[[Account, Emulator], str]] = {
    "the limit of servers": _limited,
    "too many calls": _too_often,
    "a locked server terminated": lambda api, _e: _of_a_locked(api),
    "a task beside another": _beside_another,
    "an unknown plan": lambda api, _e: api.words("add_instance", **ORDER | {"rid": 999}),
    "an unknown system": lambda api, _e: api.words("add_instance", **ORDER | {"template": "no"}),
    "an unknown login key": lambda api, _e: api.words("add_instance", **ORDER | {"keys[]": ["no"]}),
    "a second upgrade order": lambda api, _e: _second_order(api),
    "an upgrade before it is paid": lambda api, _e: _unpaid(api),
    "an upgrade that was not ordered": lambda api, _e: api.words("upgrade_server", serviceid=api.active()),
    "a plan with a smaller disk": lambda api, _e: api.words("upgrade_instance", serviceid=api.active(), rid=36),
    "a confirmation of nothing": lambda api, _e: api.words("confirm_upgrade", serviceid=api.active()),
    "the reverse name of a strange address": lambda api, _e: api.words(
        "set_rdns", serviceid=api.active(), ip="192.0.2.200", rdns="mail.acme.example"
    ),
    "an unknown firewall profile": lambda api, _e: api.words(
        "set_instance_firewall", serviceid=api.active(), name="smtp"
    ),
    "charts of an unknown period": lambda api, _e: api.words("get_server_charts", serviceid=api.active(), period="24h"),
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert [rule.split(":")[0] for rule, _source in BEYOND_THE_DOCUMENT] == list(BEYOND)


@pytest.mark.parametrize(("rule", "source"), BEYOND_THE_DOCUMENT, ids=[*BEYOND])
def test_what_is_refused_in_words_nobody_wrote_down(api: Account, running: Emulator, rule: str, source: str) -> None:
    name, _colon, told = rule.partition(": ")

    assert BEYOND[name](api, running) == told.strip("'")
    assert "assumed" in source
