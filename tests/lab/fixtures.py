"""The lab's fixtures; the plugin loads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lab.client import Client
from tests.lab.hosts import LabHost, make_host
from tests.lab.lifetime import RunningLab
from tests.lab.machines import MachinesServer
from tests.lab.plugin import RUNNING


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
        host = make_host(lab, name, cloud_config, **order)
        made.append(name)
        return host

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
