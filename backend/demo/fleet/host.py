"""One emulated host: what it is, what lies on its disk, and what the kernel counts."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair, public_half
from backend.demo.fleet.hosted_mail import HostedMail, new_mail
from backend.demo.fleet.load_profile import LoadProfile

Record = dict[str, Any]

HOST_KEY = "/etc/ssh/ssh_host_ed25519_key"
USER_DATA = "/var/lib/cloud/instance/user-data.txt"
AUTHORIZED = "/root/.ssh/authorized_keys"
STEP_S, MOST_STEPS = 30.0, 120
HERTZ = 100  # USER_HZ of proc(5)


@dataclass
class Counters:
    """What only grows while a host runs: clock ticks by kind, and bytes."""

    at: float
    ticks: dict[str, float] = field(default_factory=dict)
    received: float = 0.0
    sent: float = 0.0


class Host:
    """A host's record and what follows from it. Thread-safe."""

    def __init__(self, record: Record, load_profile: LoadProfile, mail: HostedMail | None = None) -> None:
        """``mail`` is what runs in its containers; None: it has no Docker and gets none."""
        self.record = record
        self.mail = mail
        self.load_profile = load_profile
        self._lock = threading.RLock()
        self._counters = Counters(float(record["booted"]))

    @property
    def files(self) -> dict[str, str]:
        """Contents by path. Folders are not kept: nobody asks for one."""
        files: dict[str, str] = self.record["files"]
        return files

    @property
    def is_open(self) -> bool:
        """Whether its sshd answers."""
        return self.record["power"] == "on" and not self.record["is_silent"]

    @property
    def host_key(self) -> Secret:
        """The private key sshd shows: what lay there when it was last started."""
        return Secret(self.record["host_key"])

    def restart_sshd(self) -> None:
        self.record["host_key"] = self.files[HOST_KEY]

    def accepts(self, public: str) -> bool:
        """Whether a login key (OpenSSH form, two words) is in root's file."""
        lines = self.files.get(AUTHORIZED, "").split("\n")
        return any(line.split()[:2] == public.split()[:2] for line in lines)

    def boot(self) -> None:
        """Counters and boot id begin anew."""
        with self._lock:
            self.restart_sshd()
            self.record |= {"power": "on", "booted": time.time(), "boot_id": str(uuid4())}
            self._counters = Counters(self.record["booted"])

    def counted(self, now: float) -> Counters:
        """The counters brought to now, in steps of half a minute; a long pause in coarser ones."""
        with self._lock:
            counters = self._counters
            span = max(0.0, now - counters.at)
            steps = max(1, min(MOST_STEPS, round(span / STEP_S)))
            for number in range(steps if span else 0):
                seen = self.load_profile.now(counters.at + (number + 0.5) * span / steps)
                _count(counters, seen, span / steps * int(self.record["vcpus"]) * HERTZ, span / steps)
            counters.at = now
            return Counters(now, dict(counters.ticks), counters.received, counters.sent)


def _count(counters: Counters, seen: dict[str, float], ticks: float, seconds: float) -> None:
    shares = {"steal": seen["steal"], "iowait": seen["iowait"], "system": 0.3 * seen["cpu"]}
    shares["user"] = max(0.0, seen["cpu"] - shares["system"] - shares["steal"])
    shares["idle"] = max(0.0, 100.0 - seen["cpu"] - shares["iowait"])
    for kind, percent in shares.items():
        counters.ticks[kind] = counters.ticks.get(kind, 0.0) + ticks * percent / 100
    counters.received += seen["network_in"] * seconds
    counters.sent += seen["network_out"] * seconds


def new_record(order: Record, ip: str, port: int) -> Record:
    """What a fresh machine is, as cloud-init leaves it: the order's user-data is applied, and lies on its disk."""
    files = _first_files(order) | dict(order.get("files") or {})
    return {
        "ip": ip,
        "port": port,
        "name": str(order["name"]),
        "vcpus": int(order["vcpus"]),
        "memory_mb": int(order["memory_mb"]),
        "disk_gb": int(order["disk_gb"]),
        "power": "on",
        "is_silent": bool(order.get("is_silent")),
        "booted": float(order.get("booted") or time.time()),
        "rhythm": order.get("rhythm"),
        "boot_id": str(uuid4()),
        "files": files,
        "host_key": files[HOST_KEY],
        "mail": new_mail(**(order.get("mail") or {})),
    }


def _first_files(order: Record) -> dict[str, str]:
    config = _cloud_config(str(order.get("user_data") or ""))
    files = {each["path"]: each["content"] for each in config.get("write_files", ())}
    keys = [key for user in config.get("users", ()) for key in user.get("ssh_authorized_keys", ())]
    files[AUTHORIZED] = "".join(f"{key}\n" for key in [*keys, *(order.get("public_keys") or ())])
    private = config.get("ssh_keys", {}).get("ed25519_private") or new_key_pair().private.reveal()
    files |= {HOST_KEY: private, f"{HOST_KEY}.pub": public_half(Secret(private)) + "\n"}
    return files | ({USER_DATA: str(order["user_data"])} if order.get("user_data") else {})


def _cloud_config(text: str) -> Record:
    """User-data in the one form that these hosts read: cloud-config, written as JSON."""
    head, _newline, body = text.partition("\n")
    if head.strip() != "#cloud-config":
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
