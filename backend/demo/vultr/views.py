"""How records look in answers: as the official document has them, or with the drift of the live service."""

from __future__ import annotations

from typing import Any

from backend.demo.emulator.charges import age_s
from backend.demo.vultr.catalogue import LIVE_FIELDS, Catalogue
from backend.demo.vultr.instances import addresses_of, ipv6_of, network_of

Record = dict[str, Any]

PASSWORD_S = 600
MOST_RULES = 50


class Views:
    """Renders records. In *drift* mode with what live answers carried beyond the document (2026-02-11)."""

    def __init__(self, mode: str, catalogue: Catalogue) -> None:
        self.is_drift = mode == "drift"
        self._catalogue = catalogue

    def instance(self, server: Record) -> Record:
        plan = self._catalogue.plan(server["plan"]) or {}
        system = next((each for each in self._catalogue.systems() if each["id"] == server["os_id"]), {})
        view = {
            "id": server["id"],
            "os": system.get("name", ""),
            "ram": plan["ram"],
            "disk": server["disk"],
            "main_ip": server["ipv4"] or "0.0.0.0",  # noqa: S104 - what the service says until there is one
            "vcpu_count": plan["vcpu_count"],
            "region": server["region"],
            "plan": server["plan"],
            "date_created": server["created_at"],
            "status": server["status"],
            "allowed_bandwidth": plan["bandwidth"],
            "netmask_v4": "255.255.254.0" if server["ipv4"] else "",
            "gateway_v4": _gateway(server),
            "power_status": server["power"],
            "server_status": server["server"],
            "hostname": server["hostname"],
            "label": server["name"],
            "internal_ip": "",
            "kvm": "",
            "os_id": server["os_id"],
            "app_id": 0,
            "image_id": "",
            "firewall_group_id": server.get("firewall", ""),
            "features": ["ipv6"] if server["has_ipv6"] else [],
            "tags": server["tags"],
            "user_scheme": "root",
            **self._network(server),
        }
        if age_s(server["created_at"]) < PASSWORD_S:
            view["default_password"] = server["password"]
        if self.is_drift:
            view |= {"tag": "", "pending_charges": 0, "vpc_only": False, "features": [*view["features"], "new_thing"]}
        return view

    def plan(self, plan: Record) -> Record:
        if not self.is_drift:
            return {name: value for name, value in plan.items() if name not in LIVE_FIELDS}
        preemptible = {
            slug: {**cost, "hourly_cost_preemptible": cost["hourly_cost"], "monthly_cost_preemptible": None}
            for slug, cost in plan["location_cost"].items()
        }
        return plan | {"location_cost": preemptible, "storage_type": "local_storage", "vcpu_type": "thread"}

    def region(self, region: Record) -> Record:
        return region | {"options": [*region["options"], "quantum_links"]} if self.is_drift else region

    def snapshot(self, snapshot: Record) -> Record:
        return {
            "id": snapshot["id"],
            "date_created": snapshot["created_at"],
            "description": snapshot["name"],
            "size": snapshot["size"],
            "compressed_size": snapshot["compressed_size"],
            "status": snapshot["status"],
            "os_id": snapshot["os_id"],
            "app_id": 0,
        }

    def reserved(self, address: Record) -> Record:
        return {
            "id": address["id"],
            "region": address["region"],
            "ip_type": "v4",
            "subnet": address["ip"],
            "subnet_size": 32,
            "label": address["name"],
            "instance_id": address["instance"] or "",
        }

    def firewall(self, group: Record, instances: int) -> Record:
        return {
            "id": group["id"],
            "description": group["name"],
            "date_created": group["created_at"],
            "date_modified": group["modified_at"],
            "instance_count": instances,
            "rule_count": len(group["rules"]),
            "max_rule_count": MOST_RULES,
        }

    def rule(self, rule: Record) -> Record:
        """Live answers tell a rule's own network as its source too (github ingvarch/tent, 2026)."""
        source = f"{rule['subnet']}/{rule['subnet_size']}" if self.is_drift else ""
        return {"type": rule["ip_type"], "action": "accept", "source": source, **rule}

    def key(self, key: Record) -> Record:
        return {name: value for name, value in key.items() if name != "number"}

    def ipv4s(self, server: Record) -> list[Record]:
        """Each with a name, Vultr's own until it gets another."""
        return [
            {
                "ip": ip,
                "netmask": "255.255.254.0" if ip == server["ipv4"] else "255.255.255.255",
                "gateway": _gateway(server) if ip == server["ipv4"] else "",
                "type": "main_ip" if ip == server["ipv4"] else "secondary_ip",
                "reverse": server["reverse"].get(ip, f"{ip}.vultrusercontent.com"),
            }
            for ip in addresses_of(server)
        ]

    def ipv6s(self, server: Record) -> list[Record]:
        address = ipv6_of(server)
        if address is None:
            return []
        return [{"ip": address.exploded, "network": network_of(server), "network_size": 64, "type": "main_ip"}]

    def reverse_ipv6s(self, server: Record) -> list[Record]:
        return [{"ip": ip, "reverse": name} for ip, name in server["reverse"].items() if ":" in ip]

    def _network(self, server: Record) -> Record:
        """The document has a list of networks; live answers have one, flat, its zeros written out."""
        address = ipv6_of(server)
        if self.is_drift:
            return {
                "v6_network": network_of(server) if address else "",
                "v6_main_ip": address.exploded if address else "",
                "v6_network_size": 64 if address else 0,
            }
        if address is None:
            return {"v6_networks": []}
        return {"v6_networks": [{"network": network_of(server), "main_ip": str(address), "network_size": 64}]}


def _gateway(server: Record) -> str:
    return f"{server['ipv4'].rsplit('.', 1)[0]}.254" if server["ipv4"] else "0.0.0.0"  # noqa: S104 - as the service
