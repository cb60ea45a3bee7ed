"""The Vultr driver: instances, keys, snapshots, reverse DNS names, money and the catalogue behind the compute
contract."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from backend.core.errors import NotFound, Refused
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record, words
from backend.core.rest.wire import carried_out
from backend.core.secrets.values import Secret
from backend.providers.capabilities import demand
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
from backend.providers.vultr import parsing
from backend.providers.vultr.network import VultrAddresses, VultrFirewalls
from backend.wires.vultr import INSTANCES, SERVICE, VultrWire

#: The call of a power action and the power that ends it. Vultr knows no gentle way: halt and reboot cut the power, so
#: that a clean shutdown is refused (matrix row ``clean_shutdown``).
POWER: dict[PowerAction, tuple[str, str]] = {
    "on": ("start", "running"),
    "off": ("halt", "stopped"),
    "reboot": ("reboot", "running"),
    "power_cycle": ("reboot", "running"),
}
#: Days back from today that hold a whole month.
MONTH_DAYS = 31
#: Vultr answers before it begins a restore: a server seen at rest so soon after may not be locked for it yet.
BEGUN_AFTER_S = 5.0


class Vultr:
    """A :class:`backend.providers.ports.ComputeProvider` for one token.

    Vultr has no actions to ask about. The id of one says what to look for: ``power:running``, ``plan:`` and the plan,
    ``snapshot:`` and its id, ``restore:`` and when it was asked for (seconds since 1970), ``reverse:`` and the address,
    ``attach:`` or ``detach:`` and the id of a reserved address.
    """

    kind = "vultr"
    repeats_orders = False

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._wire = VultrWire(token, endpoint_url=endpoint_url)
        self.reserved = VultrAddresses(self._wire)
        self.firewalls = VultrFirewalls(self._wire)
        self._seen_locked: set[tuple[str, str]] = set()

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> TokenDetails:
        account = self._account()
        rights = words(account.get("acls"))
        holder = str(account.get("email") or account.get("name") or "")
        return TokenDetails(holder, can_write=set(rights) >= parsing.WRITING if rights else None, scopes=rights)

    def catalogue(self) -> Catalogue:
        plans = tuple(parsing.plan(raw) for raw in self._wire.pages("/v2/plans", "plans"))
        open_regions = frozenset(slug for plan in plans if plan.available for slug in plan.regions)
        regions = tuple(parsing.region(raw, open_regions) for raw in self._wire.pages("/v2/regions", "regions"))
        images = parsing.images(self._wire.pages("/v2/os", "os"))
        return Catalogue(regions, plans, images, "Vultr API v2")

    def register_key(self, name: str, public_key: str) -> str:
        answer = self._wire.call("POST", "/v2/ssh-keys", body={"name": name, "ssh_key": public_key})
        with carried_out():
            return str(record(SERVICE, self._wire.one(answer, "ssh_key"), "id")["id"])

    def login_keys(self) -> Sequence[LoginKey]:
        keys = self._wire.pages("/v2/ssh-keys", "ssh_keys")
        return [LoginKey(str(key["id"]), str(key.get("name") or "")) for key in keys if key.get("id")]

    def find_key(self, name: str) -> str | None:
        return next((key.id for key in self.login_keys() if key.name == name), None)

    def remove_key(self, key_id: str) -> None:
        self._wire.delete(f"/v2/ssh-keys/{key_id}")

    def create(self, order: Order) -> Machine:
        body = {
            "region": order.region,
            "plan": order.plan,
            "os_id": _system(order.image),
            "label": order.name,
            "hostname": order.name,
            "sshkey_id": [order.key_id],
            "user_data": base64.b64encode(order.user_data.reveal().encode()).decode(),
            "tags": list(order.tags),
            "enable_ipv6": True,
            "backups": "disabled",
            "activation_email": False,
        }
        answer = self._wire.call("POST", INSTANCES, body=body)
        with carried_out():
            return parsing.machine(self._wire.one(answer, "instance"))

    def find(self, intent: UUID) -> Sequence[Machine]:
        """Out of the whole list: the filter by tag is deprecated, and takes capitals for small letters."""
        tag = intent_tag(intent)
        return [machine for machine in self.machines() if tag in machine.tags]

    def get(self, machine_id: str) -> Machine:
        return parsing.machine(self._wire.instance(machine_id))

    def machines(self) -> Sequence[Machine]:
        return [parsing.machine(raw) for raw in self._wire.pages(INSTANCES, "instances")]

    def delete(self, machine_id: str) -> None:
        self._wire.delete(f"{INSTANCES}/{machine_id}")

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        if action == "shutdown":
            demand(self.kind, "clean_shutdown")
        call, ends_as = POWER[action]
        self._wire.call("POST", f"{INSTANCES}/{machine_id}/{call}")
        return ActionState(f"power:{ends_as}", "running")

    def action(self, machine_id: str, action_id: str) -> ActionState:
        """Vultr answers before it begins, and a plan that cannot be had never comes: both look like running."""
        kind, _colon, about = action_id.partition(":")
        if kind == "reverse":
            return ActionState(action_id, "done")
        if kind == "snapshot":
            return self._snapshot_action(action_id, about)
        if kind in ("attach", "detach"):
            return self.reserved.followed(machine_id, action_id)
        instance = self._wire.instance(machine_id)
        is_done = parsing.has_come_true(instance, kind, about)
        if kind == "restore":
            is_done &= self._has_begun(instance, action_id, about)
        return ActionState(action_id, "done" if is_done else "running")

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:  # noqa: ARG002 - no choice here
        """The disk always grows with the plan; the server starts anew by itself."""
        self._wire.call("PATCH", f"{INSTANCES}/{machine_id}", body={"plan": plan})
        return ActionState(f"plan:{plan}", "running")

    def take_snapshot(self, machine_id: str, name: str) -> ActionState:
        answer = self._wire.call("POST", "/v2/snapshots", body={"instance_id": machine_id, "description": name})
        with carried_out():
            made = record(SERVICE, self._wire.one(answer, "snapshot"), "id")
        return ActionState(f"snapshot:{made['id']}", "running")

    def snapshots(self) -> Sequence[Snapshot]:
        return parsing.snapshots(self._wire.pages("/v2/snapshots", "snapshots"))

    def restore(self, machine_id: str, snapshot_id: str) -> ActionState:
        self._wire.call("POST", f"{INSTANCES}/{machine_id}/restore", body={"snapshot_id": snapshot_id})
        return ActionState(f"restore:{time.time():.1f}", "running")

    def delete_snapshot(self, snapshot_id: str) -> None:
        self._wire.delete(f"/v2/snapshots/{snapshot_id}")

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        path = f"{INSTANCES}/{machine_id}"
        machine = self.get(machine_id)
        named = self._wire.listed(self._wire.call("GET", f"{path}/ipv6/reverse"), "reverse_ipv6s", path)
        return parsing.reverse_names(self._wire.pages(f"{path}/ipv4", "ipv4s"), machine.ipv6, named)

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        """Vultr wants an IPv6 address with all its zeros, and does not look where the name leads."""
        try:
            address = ip_address(ip)
        except ValueError as error:
            raise refusals.refused(SERVICE, _("{ip} is not an address").format(ip=ip), "") from error
        body = {"ip": address.exploded, "reverse": name}
        self._wire.call("POST", f"{INSTANCES}/{machine_id}/ipv{address.version}/reverse", body=body)
        return ActionState(f"reverse:{ip}", "done")

    def usage(self, machine_id: str) -> Usage:
        """By day; Vultr has no readings of CPUs."""
        path = f"{INSTANCES}/{machine_id}/bandwidth"
        answer = self._wire.call("GET", path, params={"date_range": MONTH_DAYS})
        return parsing.usage(answer, datetime.now(UTC))

    def charges(self) -> Charges:
        return parsing.charges(self._account())

    def invoices(self) -> Sequence[Invoice]:
        return parsing.invoices(self._wire.pages("/v2/billing/invoices", "billing_invoices"))

    def _account(self) -> dict[str, Any]:
        return self._wire.one(self._wire.call("GET", "/v2/account"), "account")

    def _has_begun(self, instance: Mapping[str, Any], action_id: str, asked_at: str) -> bool:
        """Whether the server was seen locked since, or Vultr had the time for it. A clock set back holds nothing up."""
        key = (str(instance["id"]), action_id)
        if parsing.is_locked(instance):
            self._seen_locked.add(key)
        return key in self._seen_locked or abs(time.time() - _moment(asked_at)) >= BEGUN_AFTER_S

    def _snapshot_action(self, action_id: str, snapshot_id: str) -> ActionState:
        """One that failed is no longer there."""
        try:
            answer = self._wire.call("GET", f"/v2/snapshots/{snapshot_id}")
        except NotFound as error:
            return ActionState(action_id, "failed", error.title, is_unknown=True)
        for found in parsing.snapshots([self._wire.one(answer, "snapshot")]):
            return ActionState(action_id, "done" if found.is_ready else "running")
        return ActionState(action_id, "failed", "deleted")


def _moment(text: str) -> float:
    """Ids written before they told the time are of long ago."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _system(image: str) -> int:
    """:raises Refused: it is not the number of a system."""
    if not image.isdecimal():
        raise Refused(
            _("Vultr has no operating system {image}.").format(image=image),
            remedy=_("Choose one of the available operating systems."),
        )
    return int(image)
