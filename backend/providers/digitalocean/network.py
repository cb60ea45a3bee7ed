"""DigitalOcean's reserved IPs and Cloud Firewalls behind the compute contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.wire import carried_out
from backend.providers.digitalocean import parsing
from backend.providers.network import ANYWHERE, Allowed, Firewall, ReservedAddress
from backend.providers.ports import ActionState
from backend.wires.digitalocean import SERVICE, DigitalOceanWire

RESERVED, FIREWALLS = "/v2/reserved_ips", "/v2/firewalls"
#: What the ids of actions begin with that are about an address: ``reserved/IP/NUMBER``, or with a word in the number's
#: place where none of ours is followed, but the address itself.
OF_ADDRESS = "reserved"
HERE, FREE = "here", "free"

# Without outbound rules nothing gets out (OpenAPI document of 2026-08-07). "1-65535" was never refused; "0" and "all",
# which mean the same, each were at some time (https://github.com/digitalocean/api-v2/issues/171, and
# https://github.com/patoroco/doorkeeper/pull/17).
OUT = [
    {"protocol": protocol, "ports": ports, "destinations": {"addresses": [*ANYWHERE]}}
    for protocol, ports in (("tcp", parsing.ALL_PORTS), ("udp", parsing.ALL_PORTS), ("icmp", parsing.NO_PORTS))
]


class ReservedIps:
    """A :class:`backend.providers.network.ReservedAddresses`. An address is its own id, and has no name.

    One that is made for a server, or moved, is *locked* until it is there: calls about it are refused meanwhile.
    """

    def __init__(self, wire: DigitalOceanWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[ReservedAddress]:
        return [parsing.reserved(raw) for raw in self._wire.pages(RESERVED, "reserved_ips")]

    def reserve(self, machine_id: str, _name: str) -> ReservedAddress:
        """It is on its way to the server already."""
        answer = self._wire.call("POST", RESERVED, body={"droplet_id": int(machine_id)})
        with carried_out():
            return parsing.reserved(self._wire.one(answer, "reserved_ip"))

    def assign(self, address_id: str, machine_id: str) -> ActionState:
        address, is_locked = self._look(address_id)
        if is_locked:
            return ActionState(_action_id(address_id, HERE), "running")
        if address.machine_id == machine_id:
            return ActionState(_action_id(address_id, HERE), "done")
        return self._act(address_id, type="assign", droplet_id=int(machine_id))

    def unassign(self, address_id: str) -> ActionState:
        address, is_locked = self._look(address_id)
        if address.machine_id is None and not is_locked:
            return ActionState(_action_id(address_id, FREE), "done")
        return self._act(address_id, type="unassign")

    def release(self, address_id: str) -> None:
        self._wire.delete(f"{RESERVED}/{address_id}")

    def action(self, machine_id: str, action_id: str) -> ActionState:
        """How far one of these is: by its number, or by what became of the address."""
        _kind, ip, number = action_id.split("/")
        if number in (HERE, FREE):
            return self._came_of(action_id, ip, machine_id if number == HERE else None)
        answer = self._wire.call("GET", f"{RESERVED}/{ip}/actions/{number}")
        return self._of_address(ip, self._wire.one(answer, "action"))

    def _came_of(self, action_id: str, ip: str, wanted: str | None) -> ActionState:
        address, is_locked = self._look(ip)
        if is_locked:
            return ActionState(action_id, "running")
        if address.machine_id == wanted:
            return ActionState(action_id, "done")
        return ActionState(action_id, "failed", _("superseded by another change of the address"))

    def _look(self, ip: str) -> tuple[ReservedAddress, bool]:
        """The address, and whether something is under way with it."""
        found = self._wire.one(self._wire.call("GET", f"{RESERVED}/{ip}"), "reserved_ip")
        return parsing.reserved(found), bool(found.get("locked"))

    def _act(self, ip: str, **body: Any) -> ActionState:
        answer = self._wire.call("POST", f"{RESERVED}/{ip}/actions", body=body)
        with carried_out():
            return self._of_address(ip, self._wire.one(answer, "action"))

    def _of_address(self, ip: str, raw: dict[str, Any]) -> ActionState:
        read = parsing.action(raw)
        return ActionState(_action_id(ip, read.id), read.state, read.note)


class CloudFirewalls:
    """A :class:`backend.providers.network.Firewalls`. They belong to no region, and a server may have several."""

    def __init__(self, wire: DigitalOceanWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[Firewall]:
        return [parsing.firewall(raw) for raw in self._wire.pages(FIREWALLS, "firewalls")]

    def make(self, _machine_id: str, name: str, allowed: Sequence[Allowed]) -> str:
        body = {"name": name, "inbound_rules": [*map(_rule, allowed)], "outbound_rules": OUT}
        answer = self._wire.call("POST", FIREWALLS, body=body)
        with carried_out():
            return parsing.firewall(self._wire.one(answer, "firewall")).id

    def set_rules(self, firewall_id: str, allowed: Sequence[Allowed]) -> None:
        """In one call, which replaces the whole firewall at once; what it leaves out is forgotten."""
        wanted = {"inbound_rules": [*map(_rule, allowed)], "outbound_rules": OUT}
        present = self._look(firewall_id)
        if parsing.openings(present) == parsing.openings(wanted):
            return
        kept = {"name": present.get("name"), "droplet_ids": present.get("droplet_ids") or []}
        body = {**kept, "tags": present.get("tags") or [], **wanted}
        self._wire.call("PUT", f"{FIREWALLS}/{firewall_id}", body=body)

    def attach(self, firewall_id: str, machine_id: str) -> None:
        if machine_id not in parsing.firewall(self._look(firewall_id)).machine_ids:
            self._wire.call("POST", f"{FIREWALLS}/{firewall_id}/droplets", body={"droplet_ids": [int(machine_id)]})

    def detach(self, firewall_id: str, machine_id: str) -> None:
        try:
            if machine_id in parsing.firewall(self._look(firewall_id)).machine_ids:
                body = {"droplet_ids": [int(machine_id)]}
                self._wire.call("DELETE", f"{FIREWALLS}/{firewall_id}/droplets", body=body)
        except NotFound:
            return

    def delete(self, firewall_id: str) -> None:
        """DigitalOcean itself would delete it from before its servers too."""
        try:
            attached = parsing.firewall(self._look(firewall_id)).machine_ids
        except NotFound:
            return
        if attached:
            raise refusals.refused(SERVICE, _("the firewall is attached to a server"), ", ".join(attached))
        self._wire.delete(f"{FIREWALLS}/{firewall_id}")

    def _look(self, firewall_id: str) -> dict[str, Any]:
        return self._wire.one(self._wire.call("GET", f"{FIREWALLS}/{firewall_id}"), "firewall")


def _action_id(ip: str, number: str) -> str:
    return f"{OF_ADDRESS}/{ip}/{number}"


def _rule(allowed: Allowed) -> dict[str, Any]:
    ports = allowed.ports or parsing.NO_PORTS
    return {"protocol": allowed.protocol, "ports": ports, "sources": {"addresses": [*allowed.sources]}}
