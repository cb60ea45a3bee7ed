"""What came to Linode's API after the document that prism checks: names of fields as a later version of it lists them.

That list (API 4.229.1) has no types that a request could be checked by, and of nested fields of a request the last
part of the name only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.backend.demo.linode import INSTANCES, ORDER, emulated_live, running_server, status
from tests.requirements import shared

pytestmark = emulated_live

SETTINGS, FIREWALLS = "/account/settings", "/networking/firewalls"
LINODE, INTERFACES = "/linode/instances/{linodeId}", "/linode/instances/{linodeId}/interfaces"
NEWER: dict[str, Any] = {"interface_generation": "linode"}
VPC = {"vpc": {"subnet_id": 629_501}, "default_route": {"ipv4": True}}


@dataclass(frozen=True)
class Exchange:
    """One call by its path in the list, what was sent, and what of the answer is looked at."""

    method: str
    path: str
    sent: Any
    answered: Any


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    file = shared("contracts", "openapi", "linode-4.229.1-attributes.json")
    paths: dict[str, Any] = json.loads(file.read_text())["paths"]
    return paths


def leaves(value: Any, name: str = "") -> Iterator[str]:
    """The names of all fields, those of objects in lists as those of one."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from leaves(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value:
        for each in value:
            yield from leaves(each, name)
    elif name:
        yield name


def unlisted(listed: dict[str, Any], seen: Exchange) -> list[str]:
    """Fields of a request or an answer that the list does not have; where nothing is in it, a whole object may be."""
    call = listed[seen.path][seen.method]
    request = {each["name"] for each in call.get("request", ())}
    answer = {each["name"] for each in call["response"]}
    wholes = {name.rsplit(".", number)[0] for name in answer for number in range(1, name.count(".") + 1)}
    told = [name for name in leaves(seen.sent) if name.rpartition(".")[2] not in request]
    return [*told, *(name for name in leaves(seen.answered) if name not in answer | wholes)]


def _sent(api: httpx.Client, method: str, call: str, path: str, body: Any = None) -> Exchange:
    answer = api.request(method, f"/v4{call}", json=body)
    assert answer.status_code == 200, answer.text
    return Exchange(method, path, body, answer.json())


def _off(api: httpx.Client) -> str:
    server = running_server(api, **NEWER)
    api.post(f"{server}/shutdown")
    assert status(api, server) == "offline"
    return server.removeprefix("/v4")


def _get_settings(api: httpx.Client) -> Exchange:
    return _sent(api, "GET", SETTINGS, SETTINGS)


def _set_settings(api: httpx.Client) -> Exchange:
    return _sent(api, "PUT", SETTINGS, SETTINGS, {"interfaces_for_new_linodes": "linode_only"})


def _get_server(api: httpx.Client) -> Exchange:
    return _sent(api, "GET", _off(api), LINODE)


def _get_interface(api: httpx.Client) -> Exchange:
    server = _off(api)
    number = _sent(api, "GET", f"{server}/interfaces", INTERFACES).answered["interfaces"][0]["id"]
    return _sent(api, "GET", f"{server}/interfaces/{number}", f"{INTERFACES}/{{interfaceId}}")


def _attach(api: httpx.Client) -> Exchange:
    interface = _get_interface(api).answered["id"]
    rules = {"inbound": [], "inbound_policy": "DROP", "outbound": [], "outbound_policy": "ACCEPT"}
    firewall = _sent(api, "POST", FIREWALLS, FIREWALLS, {"label": "mail", "rules": rules}).answered["id"]
    path = f"{FIREWALLS}/{{firewallId}}/devices"
    body = {"id": interface, "type": "linode_interface"}
    return _sent(api, "POST", f"{FIREWALLS}/{firewall}/devices", path, body)


def _get_firewalls(api: httpx.Client) -> Exchange:
    device = _attach(api).answered["entity"]
    url = str(device["url"]).removeprefix("/v4")
    seen = _sent(api, "GET", f"{url}/firewalls", f"{INTERFACES}/{{interfaceId}}/firewalls")
    return Exchange(seen.method, seen.path, None, seen.answered["data"])


CALLS: dict[str, Callable[[httpx.Client], Exchange]] = {
    "the account's settings": _get_settings,
    "another setting": _set_settings,
    "a server": _get_server,
    "an interface": _get_interface,
    "a firewall stands before an interface": _attach,
    "firewalls of an interface": _get_firewalls,
}


@pytest.mark.parametrize("call", CALLS)
def test_no_field_is_our_own(api: httpx.Client, listed: dict[str, Any], call: str) -> None:
    seen = CALLS[call](api)

    assert list(leaves(seen.answered))
    assert unlisted(listed, seen) == []


@pytest.mark.parametrize(
    ("of", "body", "one"),
    [(INTERFACES, VPC, f"{INTERFACES}/{{interfaceId}}"), ("/linode/instances", ORDER | NEWER, LINODE)],
    ids=["an interface", "a server"],
)
def test_what_is_made_is_asked_for_and_answered_as_listed(
    api: httpx.Client, listed: dict[str, Any], of: str, body: dict[str, Any], one: str
) -> None:
    """What may be sent stands at the list of all; what is answered is the one, whose fields stand at its own call."""
    call = f"{_off(api)}/interfaces" if of == INTERFACES else INSTANCES.removeprefix("/v4")
    seen = _sent(api, "POST", call, of, body | ({"label": "more"} if "label" in body else {}))

    assert unlisted(listed, Exchange("POST", of, seen.sent, {})) == []
    assert unlisted(listed, Exchange("GET", one, None, seen.answered)) == []


def test_the_settings_of_the_account_are_all_there(api: httpx.Client, listed: dict[str, Any]) -> None:
    """Which kind of interfaces new servers have among them."""
    names = {each["name"] for each in listed[SETTINGS]["GET"]["response"]}

    assert "interfaces_for_new_linodes" in names
    assert set(_get_settings(api).answered) == names


def test_a_field_of_our_own_is_seen(api: httpx.Client, listed: dict[str, Any]) -> None:
    answered = _get_settings(api).answered

    assert unlisted(listed, Exchange("PUT", SETTINGS, {"colour": 1}, answered | {"shade": {"blue": 2}})) == [
        "colour",
        "shade.blue",
    ]
