"""The lab in pytest: with ``--lab`` the whole test process moves into the lab's console before any thread exists."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.core.ssh.session import Login
from tests.lab.client import Client, HostOrder, RunningLab, up
from tests.lab.machines import MachinesServer
from tests.lab.requirements import reason_it_cannot_run

REASON_OFF = "needs the lab: run pytest with --lab as root on Debian"
RUNNING = pytest.StashKey[RunningLab]()
WHY_NOT = pytest.StashKey[str]()


def is_required(what: str) -> bool:
    """Whether MAILYARD_REQUIRE names ``what``: then its absence is a failure, not a skip."""
    return what in os.environ.get("MAILYARD_REQUIRE", "").split(",")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lab", action="store_true", help="start the lab of real hosts (root, Debian)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "lab: needs real hosts in namespaces (--lab)")
    if not (config.getoption("--lab") or is_required("lab")):
        config.stash[WHY_NOT] = REASON_OFF
        return
    reason = reason_it_cannot_run()
    if reason and is_required("lab"):
        pytest.exit(f"MAILYARD_REQUIRE=lab, but {reason}", returncode=3)
    if reason:
        config.stash[WHY_NOT] = reason
        return
    lab = up()
    config.stash[RUNNING] = lab
    lab.owner.enter()


def pytest_unconfigure(config: pytest.Config) -> None:
    lab = config.stash.get(RUNNING, None)
    if lab is not None:
        lab.down()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reason = config.stash.get(WHY_NOT, None)
    if reason:
        for item in items:
            if item.get_closest_marker("lab"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def running_lab(pytestconfig: pytest.Config) -> RunningLab:
    """The lab this run owns."""
    return pytestconfig.stash[RUNNING]


@pytest.fixture(scope="session")
def lab(running_lab: RunningLab) -> Iterator[Client]:
    """A connection to the lab."""
    client = Client(running_lab.path)
    yield client
    client.close()


@dataclass(frozen=True)
class LabHost:
    """A running host and how to log in to it."""

    name: str
    ip: str
    private_key: Secret
    public_key: str
    host_key: str

    @property
    def login(self) -> Login:
        return Login(self.ip, 22, "root", self.private_key, (self.host_key,))


@pytest.fixture
def new_host(lab: Client) -> Iterator[Callable[..., LabHost]]:
    """Makes hosts with known keys; all are deleted when the test ends."""
    made: list[str] = []

    def make(name: str, **wanted: object) -> LabHost:
        login, host = new_key_pair(), new_key_pair()
        number = len(made) + 1
        user_data = (
            f"#cloud-config\nssh_keys:\n  ed25519_private: |\n{_indented(host.private.reveal())}"
            f"  ed25519_public: {host.public}\nssh_genkeytypes: [ed25519]\n"
            f"disable_root: false\nusers:\n- name: root\n  ssh_authorized_keys: ['{login.public}']\n"
        )
        ip = f"10.77.200.{10 + number}"
        lab.create(HostOrder(name=name, ip=ip, user_data=user_data, **wanted))  # type: ignore[arg-type]
        made.append(name)
        return LabHost(name, ip, login.private, login.public, host.public)

    yield make
    for name in made:
        lab.call("delete", name=name)


@pytest.fixture(scope="session")
def machines(running_lab: RunningLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MachinesServer]:
    """The server that emulators get their machines from."""
    path = Path(tmp_path_factory.mktemp("machines")) / "socket"
    server = MachinesServer(running_lab.path, str(path))
    yield server
    server.close()


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
