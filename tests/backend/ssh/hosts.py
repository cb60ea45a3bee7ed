"""A lab host for as long as a block lasts, to share between the tests of a module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backend.core.secrets.values import Secret
from backend.core.ssh.session import Login
from tests.lab.client import Client
from tests.lab.fixtures import SSH_S, LabHost
from tests.lab.keys import new_key_pair
from tests.lab.orders import HostOrder
from tests.lab.shell import banner


@contextmanager
def host(lab: Client, name: str, **order: Any) -> Iterator[LabHost]:
    """It answers SSH when this returns."""
    login, identity = new_key_pair(), new_key_pair()
    config = {
        "disable_root": False,
        "ssh_keys": {"ed25519_private": identity.private, "ed25519_public": identity.public},
        "users": [{"name": "root", "ssh_authorized_keys": [login.public]}],
    }
    state = lab.create(HostOrder(name=name, user_data=f"#cloud-config\n{json.dumps(config)}\n", **order))
    try:
        assert banner(state.ip, SSH_S)
        made = LabHost(name, state.ip, login.private, login.public, identity.public)
        with made.shell() as shell:
            shell.read("cloud-init status --wait")
        yield made
    finally:
        lab.net("heal")
        lab.net("unblock")
        lab.delete(name)


def login(host: LabHost, **changes: Any) -> Login:
    """How the product logs in to it."""
    pinned = " ".join(host.host_key.split()[:2])
    known: dict[str, Any] = {
        "address": host.ip,
        "port": 22,
        "user": "root",
        "private_key": Secret(host.private_key),
        "host_keys": (pinned,),
    }
    return Login(**{**known, **changes})
