"""How servers look in answers: as the documentation has them, or with the drift of other sources."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

from backend.demo.emulator.state import State
from backend.demo.hostwinds.catalogue import Catalogue

Record = dict[str, Any]


class Views:
    """Renders servers, secrets included: the service tells them in clear."""

    def __init__(self, mode: str, state: State, catalogue: Catalogue) -> None:
        self._is_drift = mode == "drift"
        self._state = state
        self._catalogue = catalogue

    def instance(self, server: Record) -> Record:
        view = {
            **_identity(server),
            **_account(server),
            **_network(server),
            **self._traffic(server),
            **_size(server),
            **_state(server),
            "template_uuid": server["template"],
            "image": self._catalogue.system(server["template"]) or {},
            "image_ref": server["template"],
            "app_id": None,
            "flavor": {"name": server["product"]},
            "ssh_keys": server["keys"],
        }
        if not self._is_drift:
            return view | {"id": server["id"]}
        loose = {"flavor": False, "ssh_keys": ",".join(server["keys"]), "ips": None, "new_thing": {}}
        return view | loose

    def light(self, server: Record) -> Record:
        """As the list of ids has it."""
        return {
            "id": server["id"],
            "hostname": server["hostname"],
            "srvrname": server["name"],
            "ips": server["ipv4"] or "",
            "dedicated_ip" if self._is_drift else "dedicatedip": server["ipv4"] or "",
            "ip_v6": ipv6_of(server) or "",
        }

    def addresses(self, server: Record) -> Any:
        found = [server["ipv4"], ipv6_of(server)]
        shown = [{"ip": ip, "primary": place == 0} for place, ip in enumerate(found) if ip]
        return shown if self._is_drift else {"IP Addresses": shown}

    def _traffic(self, server: Record) -> Record:
        """Included in GB, used in bytes and as text. A client in use expects null for either; when is assumed."""
        if server["ipv4"] is None:
            return {"bandwidth": None, "bandwidth_used": None}
        used = self._state.get("traffic", str(server["id"])) or {"received": 0, "sent": 0}
        return {"bandwidth": server["size"]["transfer"], "bandwidth_used": str(used["received"] + used["sent"])}


def ipv6_of(server: Record) -> str | None:
    """In the documentation range (RFC 3849), once the server is made."""
    number = int(server["id"])
    return None if server["ipv4"] is None else str(IPv6Address(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"))


def _identity(server: Record) -> Record:
    return {
        "serviceid": server["id"],
        "server_uuid": server["uuid"],
        "volume_uuid": server["volume"],
        "port_uuid": server["port"],
        "srvrname": server["name"],
        "hostname": server["hostname"],
        "name": server["hostname"],
        "host": "hv-12",
        "location_id": server["location"],
    }


def _account(server: Record) -> Record:
    return {
        "userid": 4711,
        "product_id": 812,
        "product_name": server["product"],
        "billingcycle": server["cycle"],
        "hourly": server["hourly"],
        "is_suspended": server["suspended"],
        "locked": server["locked"],
        "upgrade_available": 1,
        "password": server["password"],
        "configkey": server["configkey"],
        "pswd_changed": server["created_at"],
    }


def _network(server: Record) -> Record:
    address = ipv6_of(server)
    return {
        "main_ip": server["ipv4"] or "",
        "private_ip": "",
        "ips": [server["ipv4"]] if server["ipv4"] else [],
        "ip_v6": f"{address}/64" if address else "",
        "mac_address": server["mac"],
    }


def _size(server: Record) -> Record:
    size = server["size"]
    return {
        "ram": size["memory"],
        "cpu": size["vcpus"],
        "disk": size["disk"],
        "disk_type": "ssd",
        "upgrade_ram": "",
        "upgrade_cpu": "",
        "upgrade_disk": "",
    }


def _state(server: Record) -> Record:
    return {
        "status": server["status"],
        "disp_status": server["status"].title(),
        "vm_state": server["vm"],
        "power_state": server["power"],
        "task_state": server["task"],
        "created_at": server["created_at"],
        "launched_at": server["launched_at"],
        "updated_at": server["updated_at"],
    }
