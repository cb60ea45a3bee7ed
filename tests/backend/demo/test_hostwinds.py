"""The emulated Hostwinds: shapes as documented, time that passes through kill -9, refusals as the service has them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.backend.demo.hostwinds import ORDER, Account, Record, emulated
from tests.backend.demo.machines import Machines
from tests.backend.providers.cases.hostwinds import API, IMAGE
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = emulated


@pytest.fixture
def api(eased: Emulator) -> Iterator[Account]:
    client = Account(eased)
    yield client
    client.close()


@pytest.fixture
def drift(new_emulator: Callable[..., Emulator]) -> Iterator[Account]:
    client = Account(new_emulator(kind="hostwinds", mode="drift"))
    yield client
    client.close()


@pytest.fixture
def its(own: Emulator) -> Iterator[Account]:
    client = Account(own)
    yield client
    client.close()


def _only(account: Account) -> Record:
    """The one server of an account, wrapped or bare."""
    body = account.call("get_instances")
    (server,) = body["success"] if isinstance(body, dict) else body
    return dict(server)


@contextmanager
def _time_stands(emulator: Emulator) -> Iterator[None]:
    """Inside, nothing that takes its time comes to its end."""
    emulator.set("hold", is_held=True)
    yield
    emulator.set("hold", is_held=False)


def test_an_order_is_paid_and_made_after_a_while_and_never_tells_its_number(api: Account, running: Emulator) -> None:
    with _time_stands(running):
        told = api.call("add_instance", **ORDER)
        (server,) = api.told("get_instances")

    assert [(each["result"], each["action"]) for each in told] == [
        ("success", "Invoice Paid"),
        ("success", "Add Instance"),
    ]
    assert str(server["serviceid"]) not in json.dumps(told)
    assert (server["status"], server["vm_state"], server["power_state"], server["main_ip"]) == (
        "BUILD",
        "building",
        0,
        "",
    )
    made = api.becomes(server["serviceid"], "ACTIVE")
    assert (made["vm_state"], made["power_state"], bool(made["main_ip"])) == ("active", 1, True)


def test_an_order_of_several_makes_several(api: Account) -> None:
    api.call("add_instance", **ORDER | {"qty": 3})

    names = [each["srvrname"] for each in api.told("get_instance_ids")]
    assert names == ["mx1", "mx1", "mx1"]


def test_a_server_has_the_documented_fields_with_their_types(api: Account) -> None:
    server = api.get(api.active())

    assert {name for name, value in server.items() if value in (0, 1) and isinstance(value, int)} >= {
        "is_suspended",
        "locked",
        "hourly",
        "upgrade_available",
    }
    assert len(server) == 49
    assert isinstance(server["bandwidth_used"], str)
    assert (server["ram"], server["cpu"], server["disk"], server["bandwidth"]) == (2048, 1, 50, 2000)
    assert server["image"]["name"] == "Debian 12"
    assert all(server[name].startswith("CANARY-") for name in ("password", "configkey"))


@pytest.mark.parametrize(("mode", "included"), [("document", 2000), ("drift", "2000")])
def test_traffic_is_told_once_a_server_has_an_address(
    new_emulator: Callable[..., Emulator], mode: str, included: object
) -> None:
    emulator = new_emulator(kind="hostwinds", mode=mode)
    account = Account(emulator)
    with _time_stands(emulator):
        account.call("add_instance", **ORDER)
        first = _only(account)
    until(lambda: _only(account)["main_ip"], "its address")
    unused = _only(account)
    emulator.set("traffic", id=first["serviceid"], received=3_000, sent=5_000, cpu=1.0)
    used = _only(account)
    account.close()

    told = [(each["bandwidth"], each["bandwidth_used"]) for each in (first, unused, used)]
    assert told == [(None, None), (included, "0"), (included, "8000")]


def test_in_drift_nothing_is_wrapped_and_types_are_others(drift: Account) -> None:
    drift.call("add_instance", **ORDER)
    (server,) = drift.call("get_instances")
    error = drift.call("get_instance", serviceid=1)

    assert server["serviceid"].isdecimal()
    assert (server["locked"], server["ips"], server["flavor"]) == ("0", None, False)
    assert "id" not in server
    assert error["message"] == "A valid serviceid is required."
    assert drift.answer("boot", serviceid=server["serviceid"]).json()["action"] == "Boot"


def test_the_price_list_is_a_map_with_management_unless_told_otherwise(api: Account) -> None:
    plain, managed = api.told("get_price_list", managed=0), api.told("get_price_list")

    canonical = plain["52"]
    assert (canonical["cpu"], canonical["ram"], canonical["disk"], canonical["bandwidth"]) == ("1", "2", "50", "2")
    assert (canonical["monthly"], canonical["quarterly"], canonical["rid"]) == ("9.99", "29.97", 52)
    assert "hourly" not in canonical
    assert [key for key, entry in plain.items() if "pricing" in entry] == ["99"]
    assert set(plain) & set(managed) == {"99"}
    assert api.told("get_price_list", managed=0, drive_type="hdd") == {}
    assert "36" not in api.told("get_price_list", managed=0, disk=50)


def test_ids_come_in_pages_and_by_words(api: Account, running: Emulator) -> None:
    running.set("fill", kind="servers", count=5)

    assert [each["srvrname"] for each in api.told("get_instance_ids", limit=2, page=2)] == ["bulk-2", "bulk-3"]
    assert [each["srvrname"] for each in api.told("get_instance_ids", search="bulk-4")] == ["bulk-4"]
    assert api.told("get_instance_ids", location_id=2) == []
    assert set(api.told("get_instance_ids")[0]) == {"id", "hostname", "srvrname", "ips", "dedicatedip", "ip_v6"}


@pytest.mark.parametrize(
    ("action", "words", "title", "status"),
    [
        ("reboot", "Instance rebooted", "Reboot", "ACTIVE"),
        ("shutdown", "Instance Server#{} has been shut down!", "Shutdown", "SHUTOFF"),
        ("boot", "Instance Server#{} has been started!", "Boot", "ACTIVE"),
        ("regenerate_networking", "Regenerating Network for Server#{}", "Regenerate Networking", "ACTIVE"),
        ("recreate", "Recreating Server#{}", "Rercreate", "ACTIVE"),
    ],
)
def test_commands_are_answered_in_the_services_words_and_take_their_time(
    api: Account, running: Emulator, action: str, words: str, title: str, status: str
) -> None:
    number = api.active()

    with _time_stands(running):
        (told,) = api.call(action, serviceid=number)
        assert api.get(number)["task_state"]

    assert told == {"result": "success", "action": title, "message": words.format(number)}
    api.becomes(number, status)


def test_a_reboot_is_seen_as_maintenance(api: Account, running: Emulator) -> None:
    number = api.active()

    with _time_stands(running):
        api.call("reboot", serviceid=number)
        assert api.words("get_instance_maintenance", serviceid=number) == "Server is rebooting."

    api.becomes(number, "ACTIVE")
    assert api.words("get_instance_maintenance", serviceid=number) == ""


def test_an_upgrade_is_invoiced_paid_applied_and_confirmed_or_reverted(api: Account, running: Emulator) -> None:
    number = api.active()
    assert api.told("check_upgrade_order", serviceid=number) == []
    assert api.words("upgrade_instance", serviceid=number, rid=53) == "Service has been upgraded!"
    order = api.told("check_upgrade_order", serviceid=number)
    assert set(order) == {"id", "orderid", "invoiceid", "duedate", "total"}
    assert order["total"] == "9.00"
    assert (api.told("check_upgrade_reboot", serviceid=number), api.get(number)["ram"]) == (True, 2048)
    running.set("pay", serviceid=number)
    assert api.told("check_upgrade_order", serviceid=number) == []

    with _time_stands(running):
        assert api.words("upgrade_server", serviceid=number) == f"Server Server#{number} is being upgraded."
        assert api.get(number)["status"] == "RESIZE"
    assert api.becomes(number, "RESIZED")["ram"] == 4096
    assert api.words("revert_upgrade", serviceid=number) == "Upgrade Reverted!"
    assert api.becomes(number, "ACTIVE")["ram"] == 2048


def test_a_lock_is_toggled_and_forbids_what_destroys(api: Account) -> None:
    number = api.active()
    assert api.words("toggle_lock", serviceid=number) == "Service has been locked."

    for action in ("terminate", "recreate", "reinstall_instance"):
        assert api.words(action, serviceid=number, template=IMAGE) == "Service is locked."
    assert api.get(number)["locked"] == 1
    api.call("toggle_lock", serviceid=number)
    assert api.call("terminate", serviceid=number) == [{"result": "success", "message": "Instance deleted"}]
    assert api.words("get_instance", serviceid=number) == "A valid serviceid is required."


def test_a_new_address_is_seen_later_and_after_three_the_call_only_says_yes(api: Account, running: Emulator) -> None:
    number = api.active()
    seen = [api.get(number)["main_ip"]]
    for _turn in range(3):
        with _time_stands(running):
            assert api.words("change_main_ip", serviceid=number) == "Main IP address changed successfully!"
            assert api.get(number)["main_ip"] == seen[-1]
        until(lambda: api.get(number)["main_ip"] != seen[-1], "the new address")
        seen.append(api.get(number)["main_ip"])
        assert running.seen("reachable")[seen[-1]] is False
        until(lambda: running.seen("reachable")[seen[-1]], "traffic to get to the new address")

    assert api.words("change_main_ip", serviceid=number) == "Main IP address changed successfully!"
    api.active()  # takes longer than any address
    assert api.get(number)["main_ip"] == seen[-1]
    assert len(set(seen)) == 4


def test_json_and_a_query_are_taken_too(api: Account, running: Emulator) -> None:
    fields = {"action": "get_instance_ids", "API": running.token}

    assert httpx.post(f"{running.url}{API}", json=fields).json() == {"success": []}
    assert httpx.get(f"{running.url}{API}", params=fields).json() == {"success": []}
    assert httpx.get(f"{running.url}/cloud/other.php", params=fields).status_code == 404


def test_what_the_emulator_cannot_do_it_does_not_pretend_to_do(api: Account) -> None:
    assert api.answer("rescue").status_code == 501
    assert api.answer("add_instance", **ORDER | {"rid": 99}).status_code == 501


def test_the_request_log_has_titles_and_errors_and_no_key(api: Account, running: Emulator) -> None:
    api.call("get_instance", serviceid=1)
    api.call("get_instance_ids")

    requests = running.seen("requests")["requests"]
    assert [(each["status"], each["method"], each["action"], each["error"]) for each in requests] == [
        ("error", "POST", "Get Instance", "A valid serviceid is required."),
        ("success", "POST", "Get Instance Ids", ""),
    ]
    assert running.token not in json.dumps([requests, running.log(), running.counters()])


def test_password_and_keys_reach_the_machine_under_a_decimal_number(
    its: Account, own: Emulator, machines: Machines
) -> None:
    own.set("fill", kind="keys", count=2)
    number = its.active(**{"keys[]": ["key-1"]})

    (order,) = machines.orders
    seen = its.get(number)
    assert order["root_password"] == seen["password"]
    assert order["mac"] == seen["mac_address"]
    assert order["id"] == str(number)
    assert (order["memory_mb"], order["vcpus"], order["disk_gb"]) == (2048, 1, 50)
    assert [key.split()[0] for key in order["public_keys"]] == ["ssh-ed25519"]
    assert (order["name"], order["user_data"]) == (f"hwsrv-{number}.hostwindsdns.com", "")
    assert seen["main_ip"] == "10.77.1.10"


def test_what_was_ordered_is_there_after_a_kill_and_made_once(
    its: Account, own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    machines.may_answer.clear()
    number = its.ordered()
    until(lambda: len(machines.calls) == 1, "the machine to be ordered")
    start_anew()

    its.becomes(number, "ACTIVE")
    assert machines.calls == [("create", str(number))] * 2
    assert own.counters()["tallies"]["servers created"] == 1


def test_an_upgrade_goes_on_after_a_kill_at_every_stage(
    its: Account, own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    number = its.active()
    its.call("upgrade_instance", serviceid=number, rid=53)
    order = its.told("check_upgrade_order", serviceid=number)
    start_anew()
    assert its.told("check_upgrade_order", serviceid=number) == order
    own.set("pay", serviceid=number)
    machines.may_answer.clear()
    its.call("upgrade_server", serviceid=number)
    until(lambda: machines.calls[-1][0] == "power", "the machine to be stopped")
    start_anew()

    assert its.becomes(number, "RESIZED")["ram"] == 4096
    its.call("confirm_upgrade", serviceid=number)
    own.kill()
    own.start()
    assert its.becomes(number, "ACTIVE")["ram"] == 4096
    assert own.counters()["tallies"]["upgrades applied"] == 1


def test_a_server_being_deleted_is_deleted_after_a_kill(
    its: Account, own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    number = its.active()
    machines.may_answer.clear()
    its.call("terminate", serviceid=number)
    until(lambda: machines.calls[-1][0] == "delete", "the deletion to begin")
    start_anew()

    until(lambda: machines.calls.count(("delete", str(number))) == 2, "the second deletion")
    assert its.told("get_instances") == []


def test_numbers_are_never_given_twice_and_ended_keys_stay_ended(
    its: Account, own: Emulator, machines: Machines, start_anew: Callable[[], None]
) -> None:
    first = its.active()
    its.call("terminate", serviceid=first)
    own.set("tokens", token="second", expires_at=time.time() - 1)
    start_anew()

    assert its.ordered() > first
    second = Account(own, key="second")
    assert second.words("get_instances") == "Not Authorized!"
    second.close()


def test_a_machine_that_cannot_be_made_is_an_error_of_its_server(api: Account, running: Emulator) -> None:
    running.set("errored", type="create")

    assert api.becomes(api.ordered(), "ERROR")["power_state"] == 0
