"""The DigitalOcean driver: droplets, keys, actions and the catalogue behind the compute contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import count, record
from backend.core.rest.wire import carried_out
from backend.core.secrets.values import Secret
from backend.providers.digitalocean import parsing
from backend.providers.digitalocean.metrics import Metrics
from backend.providers.digitalocean.network import OF_ADDRESS, CloudFirewalls, ReservedIps
from backend.providers.ports import (
    ActionState,
    Catalogue,
    Charges,
    Invoice,
    LoginKey,
    Machine,
    Order,
    PowerAction,
    Snapshot,
    TokenDetails,
    Usage,
    intent_tag,
)
from backend.wires.digitalocean import SERVICE, DigitalOceanWire

ACTIONS: dict[PowerAction, str] = {
    "on": "power_on",
    "off": "power_off",
    "shutdown": "shutdown",
    "reboot": "reboot",
    "power_cycle": "power_cycle",
}


class DigitalOcean:
    """A :class:`backend.providers.ports.ComputeProvider` for one token."""

    kind = "digitalocean"
    repeats_orders = False

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._wire = DigitalOceanWire(token, endpoint_url=endpoint_url)
        self.reserved = ReservedIps(self._wire)
        self.firewalls = CloudFirewalls(self._wire)
        self._metrics = Metrics(self._wire)

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> TokenDetails:
        account = self._wire.one(self._wire.call("GET", "/v2/account"), "account")
        team = account.get("team") or {}
        holder = str(account.get("email") or team.get("name") or account.get("uuid") or "")
        return TokenDetails(
            holder=holder,
            note=str(account.get("status_message") or ""),
            server_limit=count(account.get("droplet_limit")),
        )

    def catalogue(self) -> Catalogue:
        regions = tuple(parsing.region(raw) for raw in self._wire.pages("/v2/regions", "regions"))
        plans = tuple(parsing.plan(raw) for raw in self._wire.pages("/v2/sizes", "sizes"))
        images = self._wire.pages("/v2/images", "images", params={"type": "distribution"})
        return Catalogue(regions, plans, tuple(parsing.image(raw) for raw in images), "DigitalOcean API v2")

    def register_key(self, name: str, public_key: str) -> str:
        answer = self._wire.call("POST", "/v2/account/keys", body={"name": name, "public_key": public_key})
        with carried_out():
            return str(record(SERVICE, self._wire.one(answer, "ssh_key"), "id")["id"])

    def login_keys(self) -> Sequence[LoginKey]:
        keys = self._wire.pages("/v2/account/keys", "ssh_keys")
        return [LoginKey(str(key["id"]), str(key.get("name") or "")) for key in keys if key.get("id")]

    def find_key(self, name: str) -> str | None:
        return next((key.id for key in self.login_keys() if key.name == name), None)

    def remove_key(self, key_id: str) -> None:
        self._wire.delete(f"/v2/account/keys/{key_id}")

    def create(self, order: Order) -> Machine:
        body = {
            "name": order.name,
            "region": order.region,
            "size": order.plan,
            "image": order.image,
            "ssh_keys": [int(order.key_id)],
            "user_data": order.user_data.reveal(),
            "tags": list(order.tags),
            "ipv6": True,
            "monitoring": False,
            "backups": False,
        }
        answer = self._wire.call("POST", "/v2/droplets", body=body)
        with carried_out():
            return parsing.machine(self._wire.one(answer, "droplet"))

    def find(self, intent: UUID) -> Sequence[Machine]:
        found = self._wire.pages("/v2/droplets", "droplets", params={"tag_name": intent_tag(intent)})
        return [parsing.machine(raw) for raw in found]

    def get(self, machine_id: str) -> Machine:
        return parsing.machine(self._wire.one(self._wire.call("GET", f"/v2/droplets/{machine_id}"), "droplet"))

    def machines(self) -> Sequence[Machine]:
        return [parsing.machine(raw) for raw in self._wire.pages("/v2/droplets", "droplets")]

    def delete(self, machine_id: str) -> None:
        self._wire.delete(f"/v2/droplets/{machine_id}")

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        return self._act(machine_id, type=ACTIONS[action])

    def action(self, machine_id: str, action_id: str) -> ActionState:
        if action_id.startswith(OF_ADDRESS):
            return self.reserved.action(machine_id, action_id)
        path = f"/v2/droplets/{machine_id}/actions/{action_id}"
        return parsing.action(self._wire.one(self._wire.call("GET", path), "action"))

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:
        return self._act(machine_id, type="resize", size=plan, disk=grow_disk)

    def take_snapshot(self, machine_id: str, name: str) -> ActionState:
        return self._act(machine_id, type="snapshot", name=name)

    def snapshots(self) -> Sequence[Snapshot]:
        found = self._wire.pages("/v2/snapshots", "snapshots", params={"resource_type": "droplet"})
        return [parsing.snapshot(raw) for raw in found]

    def restore(self, machine_id: str, snapshot_id: str) -> ActionState:
        return self._act(machine_id, type="restore", image=int(snapshot_id))

    def delete_snapshot(self, snapshot_id: str) -> None:
        self._wire.delete(f"/v2/snapshots/{snapshot_id}")

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        """The PTR of the first IPv4 address is the droplet's name where that is a host name with a dot."""
        machine = self.get(machine_id)
        named = machine.name if "." in machine.name else None
        return {**dict.fromkeys((*machine.ipv6, *machine.ipv4)), **dict.fromkeys(machine.ipv4[:1], named)}

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        """By renaming the droplet: there is no other call."""
        if ip not in self.get(machine_id).ipv4[:1]:
            raise refusals.refused(SERVICE, _("only a droplet's own IPv4 address has reverse DNS"), ip)
        return self._act(machine_id, type="rename", name=name)

    def usage(self, machine_id: str) -> Usage:
        return self._metrics.usage(self.get(machine_id), datetime.now(UTC))

    def charges(self) -> Charges:
        answer = self._wire.call("GET", "/v2/customers/my/balance")
        if not isinstance(answer, dict):
            raise self._wire.unreadable("no balance")
        return parsing.charges(answer)

    def invoices(self) -> Sequence[Invoice]:
        entries = self._wire.pages("/v2/customers/my/billing_history", "billing_history")
        sent = [parsing.invoice(raw) for raw in entries if raw.get("type") == "Invoice"]
        return sorted(sent, key=lambda invoice: invoice.issued or date.min, reverse=True)

    def _act(self, machine_id: str, **body: Any) -> ActionState:
        answer = self._wire.call("POST", f"/v2/droplets/{machine_id}/actions", body=body)
        with carried_out():
            return parsing.action(self._wire.one(answer, "action"))
