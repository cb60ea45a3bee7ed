"""Fixtures for the world around the hosts; each starts once in a run's lab, when a test first asks for it."""

from __future__ import annotations

import pytest

from tests.lab.client import Client
from tests.lab.lifetime import RunningLab
from tests.lab.nodes.acme import Acme, start_acme
from tests.lab.nodes.dns import start_dns
from tests.lab.nodes.packages import start_packages
from tests.lab.nodes.servers import Servers
from tests.lab.nodes.sink import Sink, start_sinks


@pytest.fixture(scope="session")
def servers(lab: Client, running_lab: RunningLab) -> Servers:
    """Starts servers that live as long as the lab."""
    return Servers(lab, running_lab.folder / "servers")


@pytest.fixture(scope="session")
def lab_dns(servers: Servers) -> None:
    """DNS from the root on; ask and change it by :mod:`tests.lab.nodes.dns`."""
    start_dns(servers)


@pytest.fixture(scope="session")
def acme(servers: Servers, lab_dns: None) -> Acme:
    """A certificate authority that looks at the lab's DNS."""
    return start_acme(servers)


@pytest.fixture(scope="session")
def mail_of_others(servers: Servers, lab_dns: None) -> dict[str, Sink]:
    """Mail servers of others, by the domain they take mail for; all they took since the lab began."""
    return start_sinks(servers)


@pytest.fixture
def sinks(mail_of_others: dict[str, Sink]) -> dict[str, Sink]:
    """What those servers take while the test runs: other tests of the lab send to the same addresses."""
    return {domain: sink.from_now() for domain, sink in mail_of_others.items()}


@pytest.fixture(scope="session")
def packages(servers: Servers, lab_dns: None) -> None:
    """Docker's own repository of packages."""
    start_packages(servers)
