"""How records look in answers: as the official document has them, or with the drift of the live service."""

from __future__ import annotations

from typing import Any

from backend.demo.digitalocean.catalogue import Catalogue
from backend.demo.emulator.state import State

Record = dict[str, Any]

#: The only project of the account.
PROJECT = "746c6152-2fa2-11ed-92d3-27aaa54e4988"


class Views:
    """Renders records. In *drift* mode with what live answers carried beyond the document (2026-02-11).

    There a droplet lists its reserved address after its own (https://github.com/digitalocean/godo/issues/343).
    """

    def __init__(self, mode: str, catalogue: Catalogue, state: State) -> None:
        self.is_drift = mode == "drift"
        self._catalogue = catalogue
        self._state = state

    def droplet(self, record: Record) -> Record:
        size = self._catalogue.size(record["size"]) or {}
        region = self._catalogue.region(record["region"]) or {}
        view = {
            "id": record["id"],
            "name": record["name"],
            "memory": size["memory"],
            "vcpus": size["vcpus"],
            "disk": record["disk"],
            "locked": False,
            "status": record["status"],
            "created_at": record["created_at"],
            "features": record["features"],
            "backup_ids": [],
            "next_backup_window": None,
            "snapshot_ids": [],
            "image": self.image(record["image"]),
            "volume_ids": [],
            "size": self.size(size),
            "size_slug": record["size"],
            "networks": _networks(record, self._reserved(record)),
            "region": self.region(region),
            "tags": record["tags"],
        }
        if self.is_drift:
            view |= {"kernel": None, "disk_info": _disk(record["disk"]), "features": ["droplet_agent", "ipv7_ready"]}
        return view

    def size(self, record: Record) -> Record:
        if not self.is_drift:
            return record
        return record | {"networking_throughput": 2000, "disk_info": _disk(record["disk"]), "gpu_info": None}

    def region(self, record: Record) -> Record:
        return record | {"features": [*record["features"], "quantum_links"]} if self.is_drift else record

    def regions(self) -> list[Record]:
        shown = [self.region(region) for region in self._catalogue.regions()]
        if self.is_drift:
            shown.append({"name": "Richmond 1", "slug": "ric1", "features": [], "available": False, "sizes": []})
        return [region for region in shown if self.is_drift or region["slug"] != "atl1"]

    def image(self, record: Record) -> Record:
        view = {key: value for key, value in record.items() if key != "resource_id"}
        return view | {"distribution": "Unheard Of"} if self.is_drift and view["type"] == "base" else view

    def snapshot(self, record: Record) -> Record:
        """As the list of all snapshots has it: ids are text there."""
        kept = ("name", "created_at", "regions", "min_disk_size", "size_gigabytes", "tags")
        of = {"id": str(record["id"]), "resource_id": str(record["resource_id"]), "resource_type": "droplet"}
        return {key: record[key] for key in kept} | of

    def action(self, record: Record) -> Record:
        droplet_region = self._catalogue.region(record.get("region", "nyc3")) or {}
        return {
            "id": record["id"],
            "status": record["status"],
            "type": record["type"],
            "started_at": record["started_at"],
            "completed_at": record["completed_at"],
            "resource_id": record["resource_id"],
            "resource_type": record.get("resource_type", "droplet"),
            "region": droplet_region,
            "region_slug": droplet_region["slug"],
        }

    def reserved(self, record: Record) -> Record:
        """As the service has it: no name, and the whole droplet."""
        droplet = self._state.get("server", str(record["droplet"]))
        return {
            "ip": record["ip"],
            "region": self.region(self._catalogue.region(record["region"]) or {}),
            "droplet": None if droplet is None else self.droplet(droplet),
            "locked": record["locked"],
            "project_id": PROJECT,
        }

    def _reserved(self, droplet: Record) -> list[str]:
        if not self.is_drift:
            return []
        return [each["ip"] for each in self._state.all("reserved") if each["droplet"] == droplet["id"]]

    def href(self, base: str, path: str) -> str:
        """Live answers name actions without scheme and host."""
        return path if self.is_drift else f"{base}{path}"


def _networks(record: Record, reserved: list[str]) -> Record:
    if record["ipv4"] is None:
        return {"v4": [], "v6": []}
    v6 = {
        "ip_address": f"2001:db8::{record['id'] % 65_536:x}",
        "netmask": 64,
        "gateway": "2001:db8::1",
        "type": "public",
    }
    return {"v4": [_public(ip) for ip in (record["ipv4"], *reserved)], "v6": [v6] if record["ipv6"] else []}


def _public(ip: str) -> Record:
    prefix = ip.rsplit(".", 1)[0]
    return {"ip_address": ip, "netmask": "255.255.255.0", "gateway": f"{prefix}.254", "type": "public"}


def _disk(amount: int) -> list[Record]:
    return [{"type": "local", "size": {"amount": amount, "unit": "gib"}}]
