"""The lab's fixtures; the plugin loads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.lab.client import Client
from tests.lab.keys import new_key_pair
from tests.lab.lifetime import RunningLab
from tests.lab.machines import MachinesServer
from tests.lab.orders import HostOrder
from tests.lab.plugin import RUNNING
from tests.lab.shell import Shell, banner

SSH_S = 20.0


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


@pytest.fixture(scope="session")
def running_lab(pytestconfig: pytest.Config) -> RunningLab:
    """The lab this run owns."""
    return pytestconfig.stash[RUNNING]


@pytest.fixture(scope="session")
def lab(running_lab: RunningLab) -> Iterator[Client]:
    """A connection to the lab."""
    client = Client.connect(running_lab.path)
    yield client
    client.close()


@pytest.fixture
def lab_host(lab: Client) -> Iterator[Callable[..., LabHost]]:
    """Makes hosts with a login key and a known host key; all are deleted when the test ends.

    ``lab_host(name, cloud_config={...}, **order)``: more of cloud-init's own form, and fields of HostOrder.
    """
    made: list[str] = []

    def make(name: str = "mx1", *, cloud_config: dict[str, Any] | None = None, **order: Any) -> LabHost:
        login, identity = new_key_pair(), new_key_pair()
        config = {
            "disable_root": False,
            "ssh_keys": {"ed25519_private": identity.private, "ed25519_public": identity.public},
            "users": [{"name": "root", "ssh_authorized_keys": [login.public]}],
            **(cloud_config or {}),
        }
        user_data = f"#cloud-config\n{json.dumps(config)}\n"
        state = lab.create(HostOrder(name=name, user_data=user_data, **order))
        made.append(name)
        return LabHost(name, state.ip, login.private, login.public, identity.public)

    yield make
    for name in set(made) & set(lab.hosts()):
        lab.delete(name)


@pytest.fixture(scope="session")
def machines(running_lab: RunningLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MachinesServer]:
    """The server that emulators get their machines from."""
    server = MachinesServer(running_lab.path, str(tmp_path_factory.mktemp("machines") / "socket"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def machines_socket(machines: MachinesServer) -> str:
    """The path of the machines' socket."""
    return machines.path
