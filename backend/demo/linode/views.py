"""How records look in answers: as the official document has them, or with the drift of the live service."""

from __future__ import annotations

from typing import Any

from backend.demo.linode.catalogue import Catalogue
from backend.demo.linode.linodes import generation, public_v4

Record = dict[str, Any]

#: A state the live service has, and what the document calls it.
RESIZING, AS_DOCUMENTED = "resizing", "migrating"
LIVE = {
    "disk_encryption": "enabled",
    "maintenance_policy": "linode/migrate",
    "site_type": "core",
    "locks": [],
    "capabilities": ["Block Storage Encryption", "Maintenance Policy"],
}
SHARING = {"is_shared": False, "image_sharing": None}
DISTRIBUTED = {
    "id": "us-den-10",
    "label": "Denver, CO",
    "country": "us",
    "capabilities": ["Linodes", "Metadata", "Distributed Plans"],
    "site_type": "distributed",
    "status": "ok",
    "placement_group_limits": {"maximum_pgs_per_customer": None, "maximum_linodes_per_pg": 5},
}


class Views:
    """Renders records. In *drift* mode with what live answers carried beyond the document (2026-02-11)."""

    def __init__(self, mode: str, catalogue: Catalogue) -> None:
        self.is_drift = mode == "drift"
        self._catalogue = catalogue

    def linode(self, server: Record) -> Record:
        is_resizing = server["status"] == RESIZING and not self.is_drift
        view = {
            "id": server["id"],
            "label": server["name"],
            "group": "",
            "status": AS_DOCUMENTED if is_resizing else server["status"],
            "created": server["created"],
            "updated": server["updated"],
            "type": server["type"],
            "region": server["region"],
            "image": server["image"],
            "ipv4": public_v4(server),
            "ipv6": f"{server['ipv6']}/128",
            "specs": server["specs"],
            "tags": server["tags"],
            "has_user_data": server["has_user_data"],
            "host_uuid": server["host"],
            "hypervisor": "kvm",
            "watchdog_enabled": True,
            "capabilities": [],
            "lke_cluster_id": None,
            "placement_group": None,
            "alerts": {"cpu": 90, "io": 10_000, "network_in": 10, "network_out": 10, "transfer_quota": 80},
            "backups": {
                "available": False,
                "enabled": False,
                "last_successful": None,
                "schedule": {"day": None, "window": None},
            },
        }
        if not self.is_drift:
            return view
        specs = server["specs"] | {"accelerated_devices": 0}
        return view | LIVE | {"specs": specs, "interface_generation": generation(server)}

    def region(self, region: Record) -> Record:
        """The document writes one name with a hyphen."""
        if self.is_drift:
            metrics = ["Managed Databases"]
            return region | {
                "capabilities": [*region["capabilities"], "Quantum Links"],
                "monitors": {"alerts": metrics, "metrics": metrics},
            }
        view = {name: value for name, value in region.items() if name != "site_type"}
        return view | {"site-type": region["site_type"]}

    def regions(self) -> list[Record]:
        """Live, there are places at the edge too, with plans of their own."""
        return [*map(self.region, self._catalogue.regions()), *([DISTRIBUTED] if self.is_drift else [])]

    def type(self, kind: Record) -> Record:
        return kind | {"accelerated_devices": 0} if self.is_drift else kind

    def image(self, image: Record) -> Record:
        """A public image as it is on offer; a private one from its record."""
        if image.get("is_public"):
            return image | {"description": "", **SHARING} if self.is_drift else image
        kept = ("id", "label", "description", "tags", "size", "capabilities", "status", "created", "updated")
        where = "available" if image["status"] == "available" else "creating"
        view = {name: image[name] for name in kept} | {
            "created_by": "operations",
            "is_public": False,
            "type": "manual",
            "deprecated": False,
            "vendor": None,
            "expiry": None,
            "eol": None,
            "regions": [{"region": image["region"], "status": where}],
            "total_size": image["size"] * 1024 * 1024,
        }
        return view | SHARING if self.is_drift else view

    def disk(self, disk: Record, server: Record) -> Record:
        status = "not ready" if server["status"] in ("provisioning", "rebuilding", RESIZING) else "ready"
        view = disk | {"status": status, "created": server["created"], "updated": server["updated"]}
        return view | {"disk_encryption": "enabled"} if self.is_drift else view

    def event(self, event: Record) -> Record:
        """Live answers say nothing of the second thing in it; the document has no such nothing."""
        view = {
            "id": event["id"],
            "action": event["action"],
            "status": event["status"],
            "message": event["message"],
            "created": event["created"],
            "entity": {
                "id": event["linode"],
                "type": "linode",
                "label": event["label"],
                "url": f"/v4/linode/instances/{event['linode']}",
            },
            "percent_complete": 100 if event["status"] in ("finished", "failed", "notification") else 50,
            "rate": None,
            "time_remaining": None,
            "username": "operations",
            "read": False,
            "seen": False,
        }
        return view | {"secondary_entity": None, "duration": None, "details": {}} if self.is_drift else view
