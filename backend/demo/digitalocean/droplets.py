"""Droplets and their actions over time, with a machine behind each where there is one."""

from __future__ import annotations

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from backend.demo.digitalocean.catalogue import Catalogue
from backend.demo.digitalocean.refusals import not_found, unprocessable
from backend.demo.emulator.charges import left_plan
from backend.demo.emulator.machines import MachineError, fail_if_wanted, take_time, unmake
from backend.demo.emulator.process import Start

Record = dict[str, Any]

log = logging.getLogger(__name__)

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?\Z")
TAG = re.compile(r"[a-zA-Z0-9_:-]{1,255}\Z")
USER_DATA_BYTES = 64 * 1024
LIMIT = 25
BOOT_S, ACTION_S = 2.0, 1.0
POWER = {"power_on": "on", "power_off": "off", "shutdown": "shutdown", "reboot": "reboot", "power_cycle": "power_cycle"}


class Droplets:
    """Owner of the droplets' records; the work on machines runs on a pool beside the requests."""

    def __init__(self, start: Start, catalogue: Catalogue) -> None:
        self._state = start.state
        self._catalogue = catalogue
        self._machines = start.machines
        self._speed = start.speed
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="machines")
        for droplet in self._state.all("server"):
            if droplet["status"] == "new":
                self._pool.submit(self._make, droplet["id"])
        for action in self._state.all("action"):
            if action["status"] == "in-progress":
                self._pool.submit(self._act, action["id"])
        for doomed in self._state.all("doomed"):
            self._pool.submit(self._unmake, doomed["id"])

    def close(self) -> None:
        """Begin no more work on machines; the next start finds it in the records."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def create(self, body: Record) -> tuple[Record, Record]:
        """Order one droplet; (droplet, its create action). Nothing makes a repeated order the same order."""
        self._check(body)
        with self._state.change():
            number = self._state.next_number("droplet", 3_164_494)
            droplet = self._new(number, body)
            self._state.put("server", str(number), droplet)
            self._state.count("servers created")
            action = self._new_action(number, "create")
            for tag in body.get("tags") or []:
                self._state.put("tag", tag, {"name": tag})
        self._pool.submit(self._make, number)
        return droplet, action

    def stand(self, body: Record, machine: Record, since: str) -> Record:
        """One that was made at that moment and runs. Within the caller's transaction; ``machine`` is told its maker."""
        self._check(body)
        number = self._state.next_number("droplet", 3_164_494)
        droplet = self._new(number, body)
        address = self._machines.create(str(number), droplet["order"] | machine)
        droplet |= {"status": "active", "ipv4": address, "created_at": since, "plans": machine.get("plans", [])}
        droplet["order"] = droplet["order"] | {"user_data": ""}
        self._state.put("server", str(number), droplet)
        self._state.count("servers created")
        for each in machine.get("snapshots", ()):
            self._machines.snapshot(str(number), each["name"])
            record = _snapshot_record(int(each["id"]), each["name"], droplet)
            record |= {"created_at": each["at"], "size_gigabytes": each["size_gb"]}
            self._state.put("snapshot", str(each["id"]), record)
        return droplet

    def check_room(self, count: int) -> None:
        limit = int((self._state.get("setting", "quota") or {"servers": LIMIT})["servers"])
        if len(self._state.all("server")) + count > limit:
            raise unprocessable("creating this/these droplet(s) will exceed your droplet limit")

    def find(self, *, tag: str | None = None, name: str | None = None) -> list[Record]:
        return [
            droplet
            for droplet in self._state.listed("server")
            if (tag is None or tag in droplet["tags"]) and (name is None or droplet["name"] == name)
        ]

    def get(self, key: str) -> Record:
        droplet = self._state.known("server", key)
        if droplet is None:
            raise not_found()
        return droplet

    def delete(self, key: str) -> None:
        self.get(key)
        with self._state.change():
            self._state.drop("server", key)
            self._state.put("doomed", key, {"id": key})
            self._state.count("servers deleted")
        self._pool.submit(self._unmake, key)

    def order_action(self, key: str, body: Record) -> Record:
        droplet, kind = self.get(key), body.get("type")
        if any(action["status"] == "in-progress" for action in self.actions(key) if action["type"] != "create"):
            raise unprocessable("Droplet already has a pending event.")
        self._check_action(droplet, kind, body)
        with self._state.change():
            action = self._new_action(droplet["id"], str(kind)) | {"order": body}
            self._state.put("action", str(action["id"]), action)
            self._state.count(f"actions {kind}")
        self._pool.submit(self._act, action["id"])
        return action

    def actions(self, key: str) -> list[Record]:
        return [action for action in self._state.all("action") if str(action["resource_id"]) == key]

    def action(self, key: str) -> Record:
        action = self._state.get("action", key)
        if action is None:
            raise not_found()
        return action

    def _check(self, body: Record) -> None:
        size = self._catalogue.size(str(body.get("size")))
        region = self._catalogue.region(str(body.get("region")))
        if not isinstance(body.get("name"), str) or not NAME.match(body["name"]):
            raise unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
        if size is None:
            raise unprocessable("You specified an invalid size for Droplet creation.")
        if body.get("region") and region is None:
            raise unprocessable("You specified an invalid region for Droplet creation.")
        if region is not None and (not region["available"] or region["slug"] not in size["regions"]):
            raise unprocessable("The specified size is not available in the specified region.")
        self._image(body.get("image"))
        if len(str(body.get("user_data") or "").encode()) > USER_DATA_BYTES:
            raise unprocessable("User data must be 64KB or less.")
        self._check_keys_and_tags(body)

    def _check_keys_and_tags(self, body: Record) -> None:
        for tag in body.get("tags") or []:
            if not TAG.match(str(tag)):
                raise unprocessable(f"Tag name '{tag}' is invalid.")
        for wanted in body.get("ssh_keys") or []:
            if not any(wanted in (key["id"], key["fingerprint"]) for key in self._state.all("key")):
                raise unprocessable(f"{wanted} are invalid key identifiers for Droplet creation.")

    def _image(self, wanted: Any) -> Record:
        for image in [*self._catalogue.images(), *self._state.all("snapshot")]:
            if wanted is not None and wanted in (image["id"], image.get("slug")):
                return image
        raise unprocessable("You specified an invalid image for Droplet creation.")

    def _new(self, number: int, body: Record) -> Record:
        size = self._catalogue.size(body["size"]) or {}
        image = self._image(body["image"])
        return {
            "id": number,
            "name": body["name"],
            "status": "new",
            "region": body.get("region") or size["regions"][0],
            "size": body["size"],
            "disk": size["disk"],
            "image": image,
            "tags": [str(tag) for tag in body.get("tags") or []],
            "ipv4": None,
            "ipv6": bool(body.get("ipv6")),
            "created_at": _stamp(),
            "features": [name for name in ("ipv6", "monitoring", "backups") if body.get(name)],
            "order": {
                "name": body["name"],
                "region": body.get("region") or size["regions"][0],
                "memory_mb": size["memory"],
                "vcpus": size["vcpus"],
                "disk_gb": size["disk"],
                "user_data": body.get("user_data") or "",
                "public_keys": [
                    key["public_key"]
                    for key in self._state.all("key")
                    if {key["id"], key["fingerprint"]} & set(body.get("ssh_keys") or [])
                ],
                "image": image["name"] if image.get("type") == "snapshot" else None,
            },
        }

    def _new_action(self, droplet: int, kind: str) -> Record:
        number = self._state.next_number("action", 36_804_636)
        action = {
            "id": number,
            "status": "in-progress",
            "type": kind,
            "started_at": _stamp(),
            "completed_at": None,
            "resource_id": droplet,
        }
        self._state.put("action", str(number), action)
        return action

    def _check_action(self, droplet: Record, kind: Any, body: Record) -> None:
        if kind not in (*POWER, "resize", "snapshot", "restore", "rename", "enable_ipv6"):
            raise unprocessable("The type of action is invalid.")
        if droplet["status"] == "new":
            raise unprocessable("Droplet already has a pending event.")
        if kind == "power_on" and droplet["status"] == "active":
            raise unprocessable("Droplet is already powered on.")
        if kind in ("power_off", "shutdown", "reboot", "power_cycle") and droplet["status"] == "off":
            raise unprocessable("Droplet is currently powered off.")
        if kind == "rename" and not NAME.match(str(body.get("name", ""))):
            raise unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)")
        if kind == "resize":
            self._check_resize(droplet, body)
        if kind == "restore" and not any(body.get("image") == each["id"] for each in self._state.all("snapshot")):
            raise unprocessable("The image you specified could not be found.")

    def _check_resize(self, droplet: Record, body: Record) -> None:
        size = self._catalogue.size(str(body.get("size")))
        if size is None or droplet["region"] not in size["regions"]:
            raise unprocessable("You specified an invalid size for Droplet resize.")
        if droplet["status"] != "off":
            raise unprocessable("Please power off the Droplet before resizing.")
        if size["disk"] < droplet["disk"]:
            raise unprocessable("This size is not available because it has a smaller disk.")

    def _make(self, number: int) -> None:
        """Runs beside requests: the machine is made, then the droplet is active. Run again after a restart."""
        droplet = self._state.get("server", str(number))
        if droplet is None:
            return
        time.sleep(BOOT_S / self._speed)
        try:
            fail_if_wanted(self._state, "create")
            address = self._machines.create(str(number), droplet["order"])
        except MachineError as error:
            log.warning("machine %s could not be made: %s", number, error)
            self._end_actions(number, "errored")
            return
        with self._state.change():
            droplet = self._state.get("server", str(number))
            if droplet is not None:
                droplet |= {"status": "active", "ipv4": address, "order": droplet["order"] | {"user_data": ""}}
                self._state.put("server", str(number), droplet)
        if droplet is None:
            self._unmake(str(number))
        self._end_actions(number, "completed")

    def _unmake(self, machine: str) -> None:
        unmake(self._state, self._machines, machine)

    def _act(self, action_id: int) -> None:
        action = self._state.get("action", str(action_id))
        if action is None or action["type"] == "create":
            return
        take_time(self._state, ACTION_S / self._speed)
        droplet = self._state.get("server", str(action["resource_id"]))
        changes: Record | None = None
        if droplet is not None:
            try:
                fail_if_wanted(self._state, action["type"])
                changes = self._carry_out(droplet, action)
            except MachineError as error:
                log.warning("action %s failed: %s", action_id, error)
        status = "errored" if changes is None else "completed"
        with self._state.change():
            self._state.put("action", str(action_id), action | {"status": status, "completed_at": _stamp()})
            if changes is not None:
                self._settle(str(action["resource_id"]), action, changes)

    def _carry_out(self, droplet: Record, action: Record) -> Record:
        """Act on the machine; what changes in the droplet's record."""
        kind, order, key = action["type"], action["order"], str(droplet["id"])
        if kind in POWER:
            self._machines.power(key, POWER[kind])
            return {"status": "off" if kind in ("power_off", "shutdown") else "active"}
        if kind == "rename":
            return {"name": order["name"]}
        if kind == "resize":
            size = self._catalogue.size(order["size"]) or {}
            disk = size["disk"] if order.get("disk") else None
            self._machines.resize(key, memory_mb=size["memory"], vcpus=size["vcpus"], disk_gb=disk)
            plans = left_plan(droplet, droplet["size"])
            return {"size": order["size"], "disk": disk or droplet["disk"], "plans": plans}
        if kind == "snapshot":
            self._machines.snapshot(key, _snapshot_name(droplet, action))
            return {}
        if kind == "restore":
            taken = self._state.get("snapshot", str(order["image"])) or {"name": ""}
            self._machines.restore(key, taken["name"])
            return {}
        return {"ipv6": True}

    def _settle(self, key: str, action: Record, changes: Record) -> None:
        """In one transaction with the action's end: a restart neither repeats nor loses what was done."""
        droplet = self._state.get("server", key)
        if droplet is None:
            return
        self._state.put("server", key, droplet | changes)
        if action["type"] == "snapshot":
            number = self._state.next_number("snapshot", 6_372_321)
            record = _snapshot_record(number, _snapshot_name(droplet, action), droplet)
            self._state.put("snapshot", str(number), record)
            self._state.count("snapshots created")

    def _end_actions(self, droplet: int, status: str) -> None:
        with self._state.change():
            for action in self._state.all("action"):
                if action["resource_id"] == droplet and action["type"] == "create":
                    self._state.put("action", str(action["id"]), action | {"status": status, "completed_at": _stamp()})


def _snapshot_name(droplet: Record, action: Record) -> str:
    return str(action["order"].get("name") or f"{droplet['name']}-{action['id']}")


def _snapshot_record(number: int, name: str, droplet: Record) -> Record:
    return {
        "id": number,
        "name": name,
        "type": "snapshot",
        "distribution": droplet["image"]["distribution"],
        "slug": None,
        "public": False,
        "regions": [droplet["region"]],
        "created_at": _stamp(),
        "min_disk_size": droplet["disk"],
        "size_gigabytes": 2.34,
        "description": "",
        "tags": [],
        "status": "available",
        "resource_id": droplet["id"],
    }


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
