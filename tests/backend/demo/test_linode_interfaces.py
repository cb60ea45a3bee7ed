"""Servers of the emulated Linode with the newer interfaces: how they come to be, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.demo.linode.network_refusals import OF_INTERFACES
from tests.backend.demo.linode import create_server, emulated_live, running_server, status
from tests.backend.demo.refusing import as_linode, names

pytestmark = emulated_live

FIREWALLS, SETTINGS = "/v4/networking/firewalls", "/v4/account/settings"
NEWER: dict[str, Any] = {"interface_generation": "linode"}
VPC, VLAN = {"vpc": {"subnet_id": 629_501}}, {"vlan": {"vlan_label": "inside", "ipam_address": "10.0.0.1/24"}}


def _number(server: str) -> int:
    return int(server.rsplit("/", 1)[1])


def _firewall(api: httpx.Client, label: str = "mail") -> int:
    rules = {"inbound": [], "inbound_policy": "DROP", "outbound": [], "outbound_policy": "ACCEPT"}
    return int(api.post(FIREWALLS, json={"label": label, "rules": rules}).json()["id"])


def _attach(api: httpx.Client, firewall: int, kind: str, number: int) -> httpx.Response:
    return api.post(f"{FIREWALLS}/{firewall}/devices", json={"id": number, "type": kind})


def _interfaces(api: httpx.Client, server: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{server}/interfaces").json()["interfaces"]
    return found


def _off(api: httpx.Client) -> str:
    server = running_server(api, **NEWER)
    api.post(f"{server}/shutdown")
    assert status(api, server) == "offline"
    return server


def _add(api: httpx.Client, server: str, *bodies: dict[str, Any]) -> httpx.Response:
    return [api.post(f"{server}/interfaces", json=body) for body in bodies][-1]


def _behind_two(api: httpx.Client) -> httpx.Response:
    server = create_server(api, **NEWER)
    number = _interfaces(api, server)[0]["id"]
    assert _attach(api, _firewall(api), "linode_interface", number).status_code == 200
    return _attach(api, _firewall(api, "more"), "linode_interface", number)


def _before_vlan(api: httpx.Client) -> httpx.Response:
    number = _add(api, _off(api), VLAN).json()["id"]
    return _attach(api, _firewall(api), "linode_interface", number)


def _not_allowed(api: httpx.Client) -> httpx.Response:
    api.put(SETTINGS, json={"interfaces_for_new_linodes": "legacy_config_only"})
    return api.post(
        "/v4/linode/instances", json={"label": "mx1", "region": "eu-central", "type": "g6-nanode-1", **NEWER}
    )


REFUSED: dict[str, Callable[[httpx.Client], httpx.Response]] = {
    "a firewall before a server with the newer interfaces": lambda api: _attach(
        api, _firewall(api), "linode", _number(create_server(api, **NEWER))
    ),
    "a second firewall before an interface": _behind_two,
    "a firewall before a VLAN": _before_vlan,
    "interfaces of an older server": lambda api: api.get(f"{create_server(api)}/interfaces"),
    "an interface of no kind": lambda api: _add(api, _off(api), {}),
    "an interface for a server that runs": lambda api: _add(api, running_server(api, **NEWER), VPC),
    "a second interface to the public network": lambda api: _add(api, _off(api), {"public": {}}),
    "a VLAN twice": lambda api: _add(api, _off(api), VLAN, VLAN),
    "too many interfaces": lambda api: _add(api, _off(api), VPC, VLAN, {"vlan": {"vlan_label": "more"}}),
    "a kind of interfaces that the account may not have": _not_allowed,
    "a setting that is none": lambda api: api.put(SETTINGS, json={"interfaces_for_new_linodes": "all"}),
    **{
        name: lambda api, body=body: _add(api, _off(api), body)  # type: ignore[misc]
        for name, body in {
            "a VPC without a subnet": {"vpc": {}},
            "a subnet that is no number": {"vpc": {"subnet_id": "629501"}},
            "a VPC that is a list": {"vpc": [629_501]},
            "an unknown field of a VPC": {"vpc": {"subnet_id": 629_501, "colour": "blue"}},
            "a public network that is a list": {"public": []},
            "a VLAN without a label": {"vlan": {"ipam_address": "10.0.0.1/24"}},
            "a VLAN's label that is no text": {"vlan": {"vlan_label": 7}},
            "a VLAN's label that is empty": {"vlan": {"vlan_label": ""}},
            "a VLAN's label with blanks": {"vlan": {"vlan_label": "in side"}},
            "a VLAN that is a list": {"vlan": ["inside"]},
            "an unknown field of a VLAN": {"vlan": {"vlan_label": "inside", "colour": "blue"}},
            "an address without a mask in a VLAN": {"vlan": {"vlan_label": "inside", "ipam_address": "10.0.0.1"}},
            "an unknown field of an interface": {"vlan": {"vlan_label": "inside"}, "colour": "blue"},
            "a default route that is a list": VPC | {"default_route": []},
            "a default route that is no yes or no": VPC | {"default_route": {"ipv4": "yes"}},
        }.items()
    },
}


def test_the_table_of_refusals_and_its_cases_are_the_same() -> None:
    assert names(OF_INTERFACES) == list(REFUSED)


@pytest.mark.parametrize(("rule", "source"), OF_INTERFACES, ids=[*REFUSED])
def test_what_the_service_refuses_of_interfaces(api: httpx.Client, rule: str, source: str) -> None:
    name, _colon, told = rule.partition(": ")

    answer = REFUSED[name](api)

    assert as_linode(answer) == told
    assert source


@pytest.mark.parametrize(
    "body", [VPC | {"firewall_id": 7}, {"vpc": {"subnet_id": 7, "ipv4": {}}}, {"public": {"ipv6": {}}}]
)
def test_what_the_service_would_do_and_the_emulator_does_not_is_said_so(
    api: httpx.Client, body: dict[str, Any]
) -> None:
    assert _add(api, _off(api), body).status_code == 501


@pytest.mark.parametrize(
    ("setting", "ordered", "kind"),
    [
        ("legacy_config_only", {}, "legacy_config"),
        ("legacy_config_default_but_linode_allowed", {}, "legacy_config"),
        ("legacy_config_default_but_linode_allowed", NEWER, "linode"),
        ("linode_default_but_legacy_config_allowed", {}, "linode"),
        ("linode_default_but_legacy_config_allowed", {"interface_generation": "legacy_config"}, "legacy_config"),
        ("linode_only", {}, "linode"),
    ],
)
def test_the_account_decides_which_kind_a_new_server_has(
    api: httpx.Client, setting: str, ordered: dict[str, Any], kind: str
) -> None:
    assert api.put(SETTINGS, json={"interfaces_for_new_linodes": setting}).status_code == 200

    server = create_server(api, **ordered)

    settings = api.get(SETTINGS).json()
    assert "managed" in settings
    assert api.get(server).json()["interface_generation"] == kind
    assert settings["interfaces_for_new_linodes"] == setting
    assert api.get(f"{server}/interfaces").status_code == (200 if kind == "linode" else 400)


def test_a_firewall_stands_before_each_interface_by_itself(api: httpx.Client) -> None:
    server, firewall = _off(api), _firewall(api)
    _add(api, server, VPC)
    public, private = _interfaces(api, server)
    assert (public["public"]["ipv4"]["addresses"][0]["primary"], private["vpc"]["subnet_id"]) == (True, 629_501)
    assert api.get(f"{server}/interfaces/{private['id']}").json() == private

    _attach(api, firewall, "linode_interface", public["id"])

    before = [api.get(f"{server}/interfaces/{each['id']}/firewalls").json()["data"] for each in (public, private)]
    assert [[each["id"] for each in found] for found in before] == [[firewall], []]
    assert api.get(f"{server}/firewalls").json()["data"] == []
    api.delete(server)
    assert api.get(f"{FIREWALLS}/{firewall}/devices").json()["data"] == []
