"""Reserved addresses and firewall groups of a Vultr account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from backend.core.errors import NotFound
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record
from backend.core.rest.wire import carried_out
from backend.providers.models import ActionState
from backend.providers.network import Allowed, Firewall, ReservedAddress
from backend.providers.vultr import parsing
from backend.providers.vultr.rules import Rule, allowed_of, rule, rules_of
from backend.wires.vultr import INSTANCES, SERVICE, VultrWire

RESERVED = "/v2/reserved-ips"
FIREWALLS = "/v2/firewalls"


class VultrAddresses:
    """A :class:`backend.providers.network.ReservedAddresses`: the server's own address is kept from then on.

    Converting changes no address and needs no restart. A server that an address is attached to later has it beside its
    own, and its system must be told of it (https://docs.vultr.com/products/network/reserved-ips, 2025-09-12). Whether a
    server gives up its main address while it lives is not written there; Vultr has refused to take an address away with
    "please restart your server from the control panel" (github vultr/terraform-provider-vultr issue 348).
    """

    def __init__(self, wire: VultrWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[ReservedAddress]:
        return [parsing.reserved(raw) for raw in self._wire.pages(RESERVED, "reserved_ips")]

    def reserve(self, machine_id: str, name: str) -> ReservedAddress:
        """:raises ProviderUnavailable: the server has no address yet."""
        addresses = parsing.machine(self._wire.instance(machine_id)).ipv4
        if not addresses:
            raise refusals.busy(SERVICE, "no main_ip yet")
        body = {"ip_address": addresses[0], "label": name}
        answer = self._wire.call("POST", f"{RESERVED}/convert", body=body)
        with carried_out():
            return parsing.reserved(self._wire.one(answer, "reserved_ip"))

    def assign(self, address_id: str, machine_id: str) -> ActionState:
        """What would be refused of the server is looked for first: until it has the address, nobody has it."""
        address = self._address(address_id)
        if address.machine_id == machine_id:
            return ActionState(f"attach:{address_id}", "done")
        if address.machine_id is not None:
            region = parsing.machine(self._wire.instance(machine_id)).region
            if region != address.region:
                raise refusals.refused(SERVICE, _("the address and the server are in different regions"), "")
            self._wire.call("POST", f"{RESERVED}/{address_id}/detach")
        self._wire.call("POST", f"{RESERVED}/{address_id}/attach", body={"instance_id": machine_id})
        return ActionState(f"attach:{address_id}", "running")

    def unassign(self, address_id: str) -> ActionState:
        if self._address(address_id).machine_id is None:
            return ActionState(f"detach:{address_id}", "done")
        self._wire.call("POST", f"{RESERVED}/{address_id}/detach")
        return ActionState(f"detach:{address_id}", "running")

    def release(self, address_id: str) -> None:
        self._wire.delete(f"{RESERVED}/{address_id}")

    def followed(self, machine_id: str, action_id: str) -> ActionState:
        """How far ``attach:`` or ``detach:`` is: Vultr answers before it has done it."""
        kind, _colon, address_id = action_id.partition(":")
        wanted = machine_id if kind == "attach" else None
        try:
            is_done = self._address(address_id).machine_id == wanted
        except NotFound as error:
            return ActionState(action_id, "failed" if wanted else "done", error.title, is_unknown=True)
        return ActionState(action_id, "done" if is_done else "running")

    def _address(self, address_id: str) -> ReservedAddress:
        return parsing.reserved(self._wire.one(self._wire.call("GET", f"{RESERVED}/{address_id}"), "reserved_ip"))


class VultrFirewalls:
    """A :class:`backend.providers.network.Firewalls`: groups, of no region; a server has one at most."""

    def __init__(self, wire: VultrWire) -> None:
        self._wire = wire

    def all(self) -> Sequence[Firewall]:
        attached = self._attached()
        return [
            Firewall(
                id=str(raw["id"]),
                name=str(raw.get("description") or ""),
                allowed=allowed_of(each for _id, each in self._rules(str(raw["id"]))),
                machine_ids=tuple(attached[str(raw["id"])]),
            )
            for raw in self._wire.pages(FIREWALLS, "firewall_groups")
            if raw.get("id")
        ]

    def make(self, machine_id: str, name: str, allowed: Sequence[Allowed]) -> str:  # noqa: ARG002 - of no region
        rules_of(allowed)  # what means nothing is refused before anything is made
        answer = self._wire.call("POST", FIREWALLS, body={"description": name})
        with carried_out():
            return str(record(SERVICE, self._wire.one(answer, "firewall_group"), "id")["id"])

    def set_rules(self, firewall_id: str, allowed: Sequence[Allowed]) -> None:
        """A group takes 50 rules, old and new together.

        :raises LimitReached: those are more.
        """
        wanted, there = rules_of(allowed), self._rules(firewall_id)
        present = {each for _id, each in there}
        self._add(firewall_id, [each for each in wanted if each not in present])
        for rule_id, each in there:
            if each not in wanted:
                self._wire.delete(f"{FIREWALLS}/{firewall_id}/rules/{rule_id}")

    def attach(self, firewall_id: str, machine_id: str) -> None:
        self._wire.call("PATCH", f"{INSTANCES}/{machine_id}", body={"firewall_group_id": firewall_id})

    def detach(self, firewall_id: str, machine_id: str) -> None:
        try:
            instance = self._wire.instance(machine_id)
        except NotFound:
            return
        if instance.get("firewall_group_id") == firewall_id:
            self._wire.call("PATCH", f"{INSTANCES}/{machine_id}", body={"firewall_group_id": ""})

    def delete(self, firewall_id: str) -> None:
        """Vultr would take it away from its servers and leave them open
        (https://docs.vultr.com/products/network/firewall-groups/management/delete, 2026-05-26): we look first.
        """
        if self._attached()[firewall_id]:
            raise refusals.refused(SERVICE, _("the firewall is attached to a server"), "")
        self._wire.delete(f"{FIREWALLS}/{firewall_id}")

    def _attached(self) -> defaultdict[str, list[str]]:
        """Servers by their firewalls: the groups themselves only count them."""
        attached: defaultdict[str, list[str]] = defaultdict(list)
        for raw in self._wire.pages(INSTANCES, "instances"):
            attached[str(raw.get("firewall_group_id") or "")].append(str(raw.get("id")))
        return attached

    def _rules(self, firewall_id: str) -> list[tuple[str, Rule]]:
        found = self._wire.pages(f"{FIREWALLS}/{firewall_id}/rules", "firewall_rules")
        return [(str(raw["id"]), rule(raw)) for raw in found if raw.get("id")]

    def _add(self, firewall_id: str, rules: Sequence[Rule]) -> None:
        for each in rules:
            self._wire.call("POST", f"{FIREWALLS}/{firewall_id}/rules", body=each.body())
