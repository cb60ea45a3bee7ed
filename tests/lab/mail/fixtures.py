"""Fixtures for mail: the registry with the images, and one running mail server for all tests of a run that ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.client import Client
from tests.lab.mail.images import ensure_images
from tests.lab.mail.snapshot import ensure_snapshot, running_stack
from tests.lab.mail.stack import Stack
from tests.lab.nodes.registry import start_registry
from tests.lab.nodes.servers import Servers


@pytest.fixture(scope="session")
def registry(servers: Servers, lab_dns: None) -> None:
    """The images under the names of the real ones; nobody may push to it."""
    start_registry(servers, ensure_images())


@pytest.fixture(scope="session")
def mail_snapshot(lab: Client, registry: None) -> Path:
    """The image of a host with a mail server that was set up and is warm."""
    return ensure_snapshot(lab)


@pytest.fixture(scope="session")
def shared_mail_server(lab: Client, mail_snapshot: Path) -> Iterator[Stack]:
    """The one of this run; a test takes it by :func:`mail_server`."""
    with running_stack(lab, mail_snapshot) as stack:
        yield stack


@pytest.fixture
def mail_server(shared_mail_server: Stack) -> Stack:
    """The run's mail server as it was set up. Who breaks more than :meth:`Stack.reset` mends makes one of their own."""
    shared_mail_server.reset()
    return shared_mail_server
