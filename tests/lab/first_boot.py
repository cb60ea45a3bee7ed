"""What a host finds on its disk at its first boot: its identity and cloud-init's seed, as from a provider."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from tests.lab.orders import HostOrder

MARK = "etc/.lab-first"
SEED = "/var/lib/cloud/seed/nocloud"
#: Taken out of a snapshot, so that a host made from it is a new one to cloud-init and to itself.
IDENTITY = (MARK, "etc/machine-id", "etc/hostname", "var/lib/dbus/machine-id")


def prepare(order: HostOrder, ip: str, root: str) -> None:
    """Write it once; later boots find what the host made of it."""
    if Path(root, MARK).exists():
        return
    for path, content in _files(order, ip).items():
        target = Path(root + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(content)
        target.chmod(0o600 if path.startswith((SEED, "/root/")) else 0o644)
    ssh = Path(root, "root/.ssh")
    if ssh.exists():
        ssh.chmod(0o700)


def forget_identity(layer: Path) -> None:
    """Make a copied layer the image of hosts to come; cloud-init keeps what it did to a host by instance."""
    for path in IDENTITY:
        (layer / path).unlink(missing_ok=True)
    for path in ("var/lib/cloud/instances", "var/lib/cloud/sem", "var/lib/cloud/data"):
        shutil.rmtree(layer / path, ignore_errors=True)
    (layer / "var/lib/cloud/instance").unlink(missing_ok=True)


def _files(order: HostOrder, ip: str) -> dict[str, str]:
    name = order.host_name or order.name
    short = name.split(".")[0]
    names = f"{name} {short}" if short != name else name
    return {
        "/etc/hostname": f"{name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{ip} {names}\n",
        "/etc/machine-id": f"{uuid.uuid4().hex}\n",
        "/etc/resolv.conf": f"nameserver {order.resolver}\n" if order.resolver else "",
        f"{SEED}/meta-data": f"instance-id: {order.name}-{uuid.uuid4().hex[:8]}\nlocal-hostname: {name}\n",
        f"{SEED}/user-data": order.user_data or "#cloud-config\n{}\n",
        f"/{MARK}": "",
        **order.files,
    }
