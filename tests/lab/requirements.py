"""What the lab needs of this machine."""

from __future__ import annotations

import os
import shutil
import sys

#: Debian packages; the base's own are in tests/lab/recipe.py.
PACKAGES = (
    "mmdebstrap",
    "lxcfs",
    "iproute2",
    "e2fsprogs",
    "mount",
    "openssh-client",
    # What its nodes run.
    "knot",
    "bind9",
    "unbound",
    "rbldnsd",
    "pebble",
    "docker-registry",
    "gpg",
)
TOOLS = (
    *("mmdebstrap", "lxcfs", "ip", "mkfs.ext4", "resize2fs", "e2fsck", "mount", "apt-config", "ssh-keygen"),
    *("knotd", "named", "unbound", "rbldnsd", "pebble", "docker-registry", "gpg"),
)
DEVICES = ("/dev/net/tun", "/dev/loop-control", "/dev/fuse")
_CAP_SYS_ADMIN = 21


def reason_it_cannot_run() -> str | None:
    """Why no lab can run here, as the end of a sentence; None when it can."""
    if sys.platform != "linux":
        return "the lab needs Linux"
    if os.geteuid() != 0:
        return "the lab needs root"
    if not _may_make_namespaces():
        return "the lab needs the right to make namespaces (CAP_SYS_ADMIN)"
    missing = [device for device in DEVICES if not os.path.exists(device)]
    if missing:
        return f"the lab needs {' and '.join(missing)}"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"the lab needs {', '.join(missing)}: apt-get install {' '.join(PACKAGES)}"
    return None


def _may_make_namespaces() -> bool:
    with open("/proc/self/status") as status:
        effective = next(line.split()[1] for line in status if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> _CAP_SYS_ADMIN & 1)
