"""The Linode driver: servers, images, reverse DNS names, use and the catalogue behind the compute contract.

Snapshots are private images of a server's main disk. The Backups service would be the other way, but it is paid for by
the server, has room for one snapshot by hand, and deletes none. An image has a name, is deleted by itself, and stays
when its server goes. Restoring rebuilds the server from its image: the disks and the root password are new, the
address, the plan and what stands on the image, login keys included, are as before.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from backend.core.errors import NotFound, ProviderRefused, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.values import record, whole
from backend.core.rest.wire import carried_out
from backend.core.secrets.values import Secret
from backend.providers.linode import billing, parsing
from backend.providers.linode.addresses import ACTION, LinodeAddresses
from backend.providers.linode.firewalls import LinodeFirewalls
from backend.providers.linode.labels import label_of
from backend.providers.ports import (
    OUR_TAG,
    ActionState,
    Catalogue,
    Charges,
    Invoice,
    Machine,
    Order,
    PowerAction,
    Snapshot,
    TokenDetails,
    Usage,
    intent_tag,
    intents_in,
)
from backend.providers.without_keys import WithoutLoginKeys
from backend.wires.linode import IMAGES, INSTANCES, SERVICE, LinodeWire

EVENTS = "/v4/account/events"
#: Beginnings of ids of actions that are done when they are answered.
AT_ONCE = ("reverse", ACTION)
#: Calls of power actions. Linode has no hard way: it asks the system to stop, and cuts the power where it does not.
POWER: dict[PowerAction, str] = {
    "on": "boot",
    "off": "shutdown",
    "shutdown": "shutdown",
    "reboot": "reboot",
    "power_cycle": "reboot",
}


class Linode(WithoutLoginKeys):
    """A :class:`backend.providers.ports.ComputeProvider` for one token.

    Calls that take time are answered with nothing; what became of them stands in the account's events. The id of an
    action is the event's word and the number of the last event before it (``linode_boot:604``), ``image:`` and the
    image's id, or ``reverse:`` or ``address:`` and the address.
    """

    kind = "linode"
    repeats_orders = False

    def __init__(self, token: Secret, *, endpoint_url: str | None = None) -> None:
        self._token = token
        self._wire = LinodeWire(token, endpoint_url=endpoint_url)
        self.reserved = LinodeAddresses(self._wire)
        self.firewalls = LinodeFirewalls(self._wire)

    def close(self) -> None:
        self._wire.close()

    def verify(self) -> TokenDetails:
        profile = self._wire.call("GET", "/v4/profile")
        try:
            note = parsing.token_note(self._wire.pages("/v4/profile/tokens"), self._token.reveal())
        except Unauthorized:  # a good token that may not look at the account
            note = None
        return parsing.token_details(profile, note)

    def catalogue(self) -> Catalogue:
        regions = list(self._wire.pages("/v4/regions"))
        places = parsing.places(regions, self._wire.pages("/v4/regions/availability"))
        plans = tuple(parsing.plan(raw, places) for raw in self._wire.pages("/v4/linode/types"))
        images = parsing.images(self._wire.pages(IMAGES, wanted={"is_public": True}))
        return Catalogue(tuple(parsing.region(raw) for raw in regions), plans, images, "Linode API v4")

    def create(self, order: Order) -> Machine:
        """The key itself goes with the order: to put one into the profile takes a right that mints tokens too."""
        body = {
            "label": label_of(order.name, (*intents_in(order.tags), uuid4())[0]),
            "region": order.region,
            "type": order.plan,
            "image": order.image,
            "root_pass": _root_password(),
            "authorized_keys": [order.public_key.strip()],
            "metadata": {"user_data": base64.b64encode(order.user_data.reveal().encode()).decode()},
            "tags": [parsing.tag_on_wire(tag) for tag in order.tags],
            "booted": True,
            "backups_enabled": False,
            "private_ip": False,
        }
        answer = self._wire.order(body)
        with carried_out():
            return parsing.machine(answer)

    def find(self, intent: UUID) -> Sequence[Machine]:
        """Out of the whole list: the document has the filter of this list as an object, which no header can be."""
        tag = intent_tag(intent)
        return [machine for machine in self.machines() if tag in machine.tags]

    def get(self, machine_id: str) -> Machine:
        return parsing.machine(self._wire.call("GET", f"{INSTANCES}/{machine_id}"))

    def machines(self) -> Sequence[Machine]:
        return [parsing.machine(raw) for raw in self._wire.pages(INSTANCES)]

    def delete(self, machine_id: str) -> None:
        self._wire.delete(f"{INSTANCES}/{machine_id}")

    def power(self, machine_id: str, action: PowerAction) -> ActionState:
        return self._begin(machine_id, POWER[action])

    def action(self, machine_id: str, action_id: str) -> ActionState:
        action, _colon, about = action_id.partition(":")
        if action in AT_ONCE:
            return ActionState(action_id, "done")
        if action == "image":
            return self._image_action(action_id, about)
        after = {**_of_server(machine_id), "id": {"+gt": int(about)}, "+order_by": "id", "+order": "asc"}
        return parsing.outcome(action_id, action, list(self._wire.pages(EVENTS, wanted=after)))

    def resize(self, machine_id: str, plan: str, *, grow_disk: bool) -> ActionState:
        """Cold, which works for a server in whatever state and leaves it as it was, on or off."""
        body = {"type": plan, "allow_auto_disk_resize": grow_disk, "migration_type": "cold"}
        return self._begin(machine_id, "resize", body)

    def take_snapshot(self, machine_id: str, name: str) -> ActionState:
        disk = parsing.main_disk(self._wire.pages(f"{INSTANCES}/{machine_id}/disks"))
        if disk is None:
            raise refusals.refused(SERVICE, _("the server has no disk that can be imaged"), machine_id)
        tags = [OUR_TAG, f"{parsing.SOURCE}{machine_id}"]
        answer = self._wire.call(
            "POST", IMAGES, body={"disk_id": int(disk), "label": name, "cloud_init": True, "tags": tags}
        )
        with carried_out():
            return ActionState(f"image:{record(SERVICE, answer, 'id')['id']}", "running")

    def snapshots(self) -> Sequence[Snapshot]:
        return parsing.snapshots(self._wire.pages(IMAGES, wanted={"is_public": False}))

    def restore(self, machine_id: str, snapshot_id: str) -> ActionState:
        body = {"image": snapshot_id, "root_pass": _root_password(), "booted": True}
        return self._begin(machine_id, "rebuild", body)

    def delete_snapshot(self, snapshot_id: str) -> None:
        self._wire.delete(_image_path(snapshot_id))

    def reverse_names(self, machine_id: str) -> Mapping[str, str | None]:
        return parsing.reverse_names(self._wire.call("GET", f"{INSTANCES}/{machine_id}/ips"))

    def set_reverse(self, machine_id: str, ip: str, name: str) -> ActionState:
        """Linode looks first whether the name leads to the address, which takes it some seconds."""
        try:
            address = ip_address(ip)
        except ValueError as error:
            raise refusals.refused(SERVICE, _("{ip} is not an address").format(ip=ip), "") from error
        self._wire.call("PUT", f"{INSTANCES}/{machine_id}/ips/{address}", body={"rdns": name})
        return ActionState(f"reverse:{ip}", "done")

    def usage(self, machine_id: str) -> Usage:
        server = self.get(machine_id)
        transfer = self._wire.call("GET", f"{INSTANCES}/{machine_id}/transfer")
        return billing.usage(transfer, self._stats(machine_id), server.vcpus, datetime.now(UTC))

    def charges(self) -> Charges:
        answer = self._wire.call("GET", "/v4/account")
        if not isinstance(answer, dict):
            raise self._wire.unreadable("no account")
        return parsing.charges(answer)

    def invoices(self) -> Sequence[Invoice]:
        return billing.invoices(self._wire.pages("/v4/account/invoices"))

    def _stats(self, machine_id: str) -> Any:
        """A server that is some minutes old has none, which is told as a refusal."""
        try:
            return self._wire.call("GET", f"{INSTANCES}/{machine_id}/stats")
        except ProviderRefused:
            return None

    def _begin(self, machine_id: str, call: str, body: Mapping[str, Any] | None = None) -> ActionState:
        """Where the events stand is looked up before the call: its own will be a later one."""
        newest = {**_of_server(machine_id), "+order_by": "id", "+order": "desc"}
        last = self._wire.first(EVENTS, wanted=newest)
        number = 0 if last is None else whole(last.get("id"))
        if number is None:
            raise self._wire.unreadable("an event without a number")
        self._wire.call("POST", f"{INSTANCES}/{machine_id}/{call}", body=body)
        return ActionState(f"linode_{call}:{number}", "running")

    def _image_action(self, action_id: str, image_id: str) -> ActionState:
        """An image that could not be made is no longer there."""
        try:
            found = parsing.snapshot(self._wire.call("GET", _image_path(image_id)))
        except NotFound as error:
            return ActionState(action_id, "failed", error.title, is_unknown=True)
        return ActionState(action_id, "done" if found.is_ready else "running")


def _of_server(machine_id: str) -> dict[str, Any]:
    return {"entity.type": "linode", "entity.id": int(machine_id)}


def _image_path(image_id: str) -> str:
    """Ids of images have a slash of their own."""
    return f"{IMAGES}/{quote(image_id, safe='')}"


def _root_password() -> str:
    """Linode demands one for each new disk; nobody is to know it, for servers are entered by key."""
    return Secret(secrets.token_urlsafe(48)).reveal()
