"""What the order of an interface must hold: one kind, with what belongs to it. API reference, post-linode-interface."""

from __future__ import annotations

import re
from ipaddress import ip_interface
from typing import Any

from backend.demo.linode import network_refusals as words
from backend.demo.linode import refusals, shapes
from backend.demo.linode.refusals import bad

Record = dict[str, Any]

KINDS = ("public", "vpc", "vlan")
VLAN_LABEL = re.compile(r"[a-zA-Z0-9](-?[a-zA-Z0-9])*\Z", re.ASCII)
VLAN_LABEL_LENGTH = (1, 64)
ROUTES = frozenset({"ipv4", "ipv6"})
ADDRESSED = frozenset({"ipv4", "ipv6"})


def kind_and_detail(body: Record) -> tuple[str, Record]:
    """Which kind is ordered, and what is told of it.

    :raises Refusal: the first thing that is wrong, with its field.
    """
    told = shapes.record(body, "", {*KINDS, "default_route"}, elsewhere={"firewall_id"})
    for family, is_route in shapes.record(told.get("default_route", {}), "default_route", ROUTES).items():
        if not isinstance(is_route, bool):
            raise bad(refusals.NO_BOOLEAN, f"default_route.{family}")
    kinds = [kind for kind in KINDS if kind in told]
    if len(kinds) != 1:
        raise bad(words.ONE_KIND)
    return kinds[0], _CHECKS[kinds[0]](told[kinds[0]])


def _public(told: Any) -> Record:
    return shapes.record(told, "public", frozenset(), elsewhere=ADDRESSED)


def _vpc(told: Any) -> Record:
    detail = shapes.record(told, "vpc", {"subnet_id"}, elsewhere=ADDRESSED)
    if "subnet_id" not in detail:
        raise bad(refusals.REQUIRED.format(name="subnet_id"), "vpc.subnet_id")
    if not isinstance(detail["subnet_id"], int) or isinstance(detail["subnet_id"], bool):
        raise bad(refusals.NO_INTEGER, "vpc.subnet_id")
    return detail


def _vlan(told: Any) -> Record:
    detail = shapes.record(told, "vlan", {"vlan_label", "ipam_address"})
    if "vlan_label" not in detail:
        raise bad(refusals.REQUIRED.format(name="vlan_label"), "vlan.vlan_label")
    if not VLAN_LABEL.match(shapes.text(detail["vlan_label"], "vlan.vlan_label", VLAN_LABEL_LENGTH)):
        raise bad(words.VLAN_LABEL, "vlan.vlan_label")
    if "ipam_address" in detail and not _is_with_mask(detail["ipam_address"]):
        raise bad(words.NETWORK, "vlan.ipam_address")
    return detail


def _is_with_mask(told: Any) -> bool:
    try:
        return isinstance(told, str) and "/" in told and bool(ip_interface(told))
    except ValueError:
        return False


_CHECKS = {"public": _public, "vpc": _vpc, "vlan": _vlan}
