"""Cloud Firewalls of the emulated account, and the servers they are attached to."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.state import State
from backend.demo.linode import network_refusals as words
from backend.demo.linode import shapes
from backend.demo.linode.clock import stamp
from backend.demo.linode.firewall_rules import rules
from backend.demo.linode.interfaces import Interfaces
from backend.demo.linode.linodes import Linodes, generation, interfaces
from backend.demo.linode.orders import LABEL, NEWER
from backend.demo.linode.refusals import LABEL as LABEL_WORDS
from backend.demo.linode.refusals import bad, not_emulated, not_found

Record = dict[str, Any]

FIRST, FIRST_DEVICE = 2_204_001, 7_310_001
LABEL_LENGTH = (3, 32)
UPDATED_WITH = {"label", "status", "tags"}
CREATED_WITH = {"label", "rules", "tags"}


class Firewalls:
    """Owner of the firewalls' records; a server that is gone stands behind none any more.

    Of servers with the newer interfaces it is these that stand behind firewalls, each behind one.
    """

    def __init__(self, state: State, linodes: Linodes, interfaces: Interfaces) -> None:
        self._state = state
        self._linodes = linodes
        self._interfaces = interfaces

    def all(self) -> list[Record]:
        return self._state.all("firewall")

    def get(self, key: str) -> Record:
        found = self._state.known("firewall", key)
        if found is None:
            raise not_found()
        return found

    def before(self, key: str) -> list[Record]:
        """Those that are attached to a server, not to its interfaces."""
        return self._attached(self._linodes.get(key)["id"], None)

    def before_interface(self, key: str, interface: str) -> list[Record]:
        found = self._interfaces.get(key, interface)
        return self._attached(found["server"]["id"], found["id"])

    def devices(self, firewall: Record) -> list[Record]:
        """Each with its server."""
        there = {server["id"]: server for server in self._linodes.all()}
        found = [each | {"server": there[each["linode"]]} for each in firewall["devices"] if each["linode"] in there]
        return [device for device in found if _is_there(device)]

    def create(self, body: Record) -> Record:
        if unknown := {name for name, value in body.items() if value} - CREATED_WITH:
            raise not_emulated(unknown)
        label = self._label(body.get("label"))
        told, tags = rules(body.get("rules")), shapes.tags(body.get("tags"))
        with self._state.change():
            number = self._state.next_number("firewall", FIRST)
            made = {
                "id": number,
                "name": label,
                "status": "enabled",
                "rules": told | {"version": 1},
                "tags": tags,
                "devices": [],
                "created": stamp(),
                "updated": stamp(),
            }
            self._state.put("firewall", str(number), made)
            self._state.count("firewalls created")
        return made

    def update(self, key: str, body: Record) -> Record:
        firewall = self.get(key)
        if unknown := set(body) - UPDATED_WITH:
            raise not_emulated(unknown)
        status = body.get("status", firewall["status"])
        if status not in ("enabled", "disabled"):
            raise bad(words.NO_STATUS, "status")
        label = self._label(body["label"], of=firewall) if "label" in body else firewall["name"]
        tags = shapes.tags(body.get("tags", firewall["tags"]))
        return self._change(key, {"name": label, "status": status, "tags": tags})

    def set_rules(self, key: str, body: Record) -> Record:
        version = self.get(key)["rules"]["version"] + 1
        return self._change(key, {"rules": rules(body) | {"version": version}})

    def delete(self, key: str) -> None:
        """Also where it is attached to a server, which is open from then on."""
        self.get(key)
        with self._state.change():
            self._state.drop("firewall", key)

    def add_device(self, key: str, body: Record) -> Record:
        firewall = self.get(key)
        server, interface = self._entity(body)
        if self._attached(server["id"], interface):
            raise bad(words.HAS_FIREWALL if interface is None else words.INTERFACE_HAS_FIREWALL)
        number = self._state.next_number("device", FIRST_DEVICE)
        device = {"id": number, "linode": server["id"], "created": stamp(), "updated": stamp()}
        device |= {"interface": interface}
        self._change(key, {"devices": [*firewall["devices"], device]})
        return device | {"server": server}

    def remove_device(self, key: str, device: str) -> None:
        devices = self.get(key)["devices"]
        left = [each for each in devices if str(each["id"]) != device]
        if len(left) == len(devices):
            raise not_found()
        self._change(key, {"devices": left})

    def _attached(self, server: int, interface: int | None) -> list[Record]:
        def stands(device: Record) -> bool:
            return bool(device["linode"] == server and device.get("interface") == interface)

        return [each for each in self.all() if any(map(stands, each["devices"]))]

    def _entity(self, body: Record) -> tuple[Record, int | None]:
        """The server to stand before, and its interface where it has the newer kind."""
        if body.get("type") == "linode":
            server = self._linodes.get(str(body.get("id")))
            if generation(server) == NEWER:
                raise bad(words.NEWER_KIND)
            return server, None
        if body.get("type") != "linode_interface":
            raise not_emulated({f"type {body.get('type')}"})
        interface = self._interfaces.find(body.get("id"))
        if interface["kind"] == "vlan":
            raise bad(words.NO_VLAN)
        return interface["server"], int(interface["id"])

    def _label(self, label: Any, of: Record | None = None) -> str:
        text = "" if label is None else shapes.text(label, "label")
        if not LABEL_LENGTH[0] <= len(text) <= LABEL_LENGTH[1]:
            raise bad(words.FIREWALL_LABEL, "label")
        if not LABEL.match(text):
            raise bad(LABEL_WORDS, "label")
        if any(each["name"] == text and each is not of for each in self.all()):
            raise bad(words.FIREWALL_TAKEN, "label")
        return text

    def _change(self, key: str, changes: Record) -> Record:
        with self._state.change():
            firewall = self.get(key) | changes | {"updated": stamp()}
            self._state.put("firewall", key, firewall)
        return firewall


def _is_there(device: Record) -> bool:
    """Its interface is there still, where it stands before one."""
    return device.get("interface") in (None, *(each["id"] for each in interfaces(device["server"])))
