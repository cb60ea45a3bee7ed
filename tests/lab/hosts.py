"""Making hosts that can be logged in to: a login key of their own, and a host key that is known beforehand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.lab.client import Client
from tests.lab.keys import new_key_pair
from tests.lab.orders import HostOrder
from tests.lab.shell import Shell, banner

SSH_S = 90.0


@dataclass(frozen=True)
class LabHost:
    """A running host and what it takes to log in to it. Keys in OpenSSH's forms, the public ones on one line."""

    name: str
    ip: str
    private_key: str
    public_key: str
    host_key: str

    def shell(self) -> Shell:
        """A session as root; waits until the host takes one."""
        assert banner(self.ip, SSH_S), f"no SSH at {self.ip} within {SSH_S:.0f} s"
        return Shell(self.ip, self.private_key, self.host_key)


def make_host(lab: Client, name: str, cloud_config: dict[str, Any] | None = None, **order: Any) -> LabHost:
    """``cloud_config`` is more of cloud-init's own form, ``order`` fields of HostOrder."""
    login, identity = new_key_pair(), new_key_pair()
    config = {
        "disable_root": False,
        "ssh_keys": {"ed25519_private": identity.private, "ed25519_public": identity.public},
        "users": [{"name": "root", "ssh_authorized_keys": [login.public]}],
        **(cloud_config or {}),
    }
    state = lab.create(HostOrder(name=name, user_data=f"#cloud-config\n{json.dumps(config)}\n", **order))
    return LabHost(name, state.ip, login.private, login.public, identity.public)
