"""What the lab needs of this machine."""

from __future__ import annotations

import os
import shutil
import sys

PACKAGES = ("openssh-client", "iproute2", "e2fsprogs", "mmdebstrap", "lxcfs")
TOOLS = ("ip", "mkfs.ext4", "mmdebstrap", "lxcfs", "mount")


def reason_it_cannot_run() -> str | None:
    """Why no lab can run here, None when it can."""
    if sys.platform != "linux":
        return "the lab needs Linux"
    if os.geteuid() != 0:
        return "the lab needs root"
    if not os.path.exists("/dev/net/tun"):
        return "the lab needs /dev/net/tun"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"the lab needs {', '.join(missing)} (packages {', '.join(PACKAGES)})"
    return None
