"""Linode's answers read leniently: states, what is missing or new, events, disks, tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from backend.core.errors import BadResponse
from backend.providers.linode import parsing


@pytest.mark.parametrize(
    ("status", "state", "power"),
    [
        ("running", "active", "on"),
        ("offline", "off", "off"),
        ("stopped", "off", "off"),
        ("billing_suspension", "off", "off"),
        ("provisioning", "creating", "unknown"),
        ("deleting", "gone", "off"),
        ("booting", "unknown", "unknown"),
        ("rebooting", "unknown", "unknown"),
        ("shutting_down", "unknown", "unknown"),
        ("resizing", "unknown", "unknown"),
        ("on_fire", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_what_is_under_way_is_neither_on_nor_off(status: str | None, state: str, power: str) -> None:
    read = parsing.machine({"id": 1, "status": status})

    assert (read.state, read.power) == (state, power)


@pytest.mark.parametrize(
    "changes",
    [
        {"label": None},
        {"label": ""},
        {"ipv4": None, "ipv6": None},
        {"ipv4": ["192.168.133.7", "nowhere", None], "ipv6": "nowhere/128"},
        {"specs": None, "type": None, "region": None, "image": None},
        {"specs": {"disk": "much", "memory": None}},
        {"tags": None},
        {"created": "yesterday"},
        {"brand_new": {"field": [1]}},
    ],
)
def test_what_is_missing_or_new_is_read_past(changes: Mapping[str, Any]) -> None:
    read = parsing.machine({"id": 7, "status": "running", **changes})

    assert (read.id, read.name, read.state) == ("7", "7", "active")
    assert (read.ipv4, read.ipv6, read.disk_gb, read.tags) == ((), (), 0, ())


def test_an_address_between_servers_is_not_public() -> None:
    read = parsing.machine(
        {"id": 7, "ipv4": ["203.0.113.7", "192.168.133.7", "203.0.113.7"], "ipv6": "2001:db8::7/128"}
    )

    assert (read.ipv4, read.ipv6) == (("203.0.113.7",), ("2001:db8::7",))


def test_a_record_without_id_is_no_server() -> None:
    with pytest.raises(BadResponse):
        parsing.machine({"label": "mx1"})


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        ({}, True),
        ({"site_type": "core"}, True),
        ({"site-type": "core"}, True),
        ({"site_type": "distributed"}, False),
        ({"site-type": "distributed"}, False),
        ({"status": "outage"}, False),
        ({"status": None}, False),
        ({"capabilities": ["Linodes"]}, False),
        ({"capabilities": None}, False),
    ],
)
def test_a_region_is_open_where_a_server_can_get_user_data(changes: Mapping[str, Any], *, is_open: bool) -> None:
    raw = {"id": "eu-central", "status": "ok", "capabilities": ["Linodes", "Metadata"], **changes}

    assert parsing.region(raw).available is is_open


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "running"),
        ([("linode_update", "notification")], "running"),
        ([("linode_resize", "scheduled")], "running"),
        ([("linode_resize", "started")], "running"),
        ([("linode_resize", "dreaming")], "running"),
        ([("linode_resize", "finished")], "done"),
        ([("linode_resize", "notification")], "done"),
        ([("linode_resize", "finished"), ("linode_boot", "scheduled")], "running"),
        ([("linode_resize", "finished"), ("linode_boot", "finished")], "done"),
        ([("linode_resize", "failed")], "failed"),
        ([("linode_resize", "failed"), ("linode_boot", "started")], "failed"),
        ([("linode_resize", "started"), ("linode_delete", "notification")], "failed"),
    ],
)
def test_an_action_is_done_when_its_event_is_and_nothing_follows_any_more(
    events: Sequence[tuple[str, str]], state: str
) -> None:
    raws = [{"action": action, "status": status} for action, status in events]

    assert parsing.outcome("linode_resize:1", "linode_resize", raws).state == state


@pytest.mark.parametrize(
    ("disks", "main"),
    [
        ([], None),
        ([{"id": 1, "filesystem": "swap", "size": 9_000}], None),
        ([{"id": 1, "filesystem": "swap", "size": 9_000}, {"id": 2, "filesystem": "ext4", "size": 8_000}], "2"),
        ([{"id": 1, "filesystem": "ext4", "size": 10}, {"id": 2, "filesystem": "raw", "size": 80_000}], "2"),
        ([{"id": 1}, {"filesystem": "ext4", "size": 10}], "1"),
    ],
)
def test_the_main_disk_is_the_largest_that_is_no_swap(disks: Sequence[Mapping[str, Any]], main: str | None) -> None:
    assert parsing.main_disk(disks) == main


def test_images_kept_of_deleted_servers_are_no_snapshots() -> None:
    raws = [
        {"id": "private/1", "label": "one", "type": "manual", "is_public": False, "status": "available"},
        {"id": "private/2", "label": "two", "type": "automatic", "is_public": False, "status": "available"},
        {"id": "linode/debian12", "label": "Debian 12", "type": "manual", "is_public": True, "status": "available"},
        {"id": "private/3", "label": None, "status": "pending_upload"},
    ]

    assert [(each.id, each.name, each.is_ready) for each in parsing.snapshots(raws)] == [
        ("private/1", "one", True),
        ("private/3", "private/3", False),
    ]


@pytest.mark.parametrize(
    ("listed", "scopes"),
    [
        ({"token": "token-0123456789", "scopes": "*"}, ("*",)),
        (
            {"token": "token-0123456789", "scopes": "linodes:read_only ips:read_only"},
            ("linodes:read_only", "ips:read_only"),
        ),
        (
            {"token": "token-0123456789", "scopes": "linodes:read_only,ips:read_only"},
            ("linodes:read_only", "ips:read_only"),
        ),
        ({"token": "token-of-another", "scopes": "*"}, None),
        ({"token": "token", "scopes": "*"}, None),
        ({"token": None, "scopes": "*"}, None),
        ({}, None),
    ],
)
def test_a_token_is_found_by_its_first_letters(listed: Mapping[str, Any], scopes: tuple[str, ...] | None) -> None:
    note = parsing.token_note([listed], "token-0123456789-and-the-rest")

    assert (note.scopes if note else None) == scopes


def test_a_user_with_grants_of_their_own_may_or_may_not_write() -> None:
    everything = parsing.TokenNote(("*",))

    assert parsing.token_details({"username": "olga"}, everything).can_write is True
    assert parsing.token_details({"username": "olga", "restricted": True}, everything).can_write is None
    assert parsing.token_details({"username": "olga"}, parsing.TokenNote(("linodes:read_only",))).can_write is False
    assert parsing.token_details({"username": "olga"}, parsing.TokenNote(())).can_write is None
    assert parsing.token_details({}, None).holder == ""


@pytest.mark.parametrize("raw", [{}, {"ipv4": None}, {"ipv4": {"public": None}, "ipv6": {"slaac": None}}, None])
def test_addresses_that_are_not_told_have_no_names(raw: Any) -> None:
    assert parsing.reverse_names(raw) == {}
