"""One lab host, watched by one installation, for a whole module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.bootstrap import Installation
from tests.backend.monitoring.watched import Watched, watched
from tests.backend.ssh.hosts import host
from tests.installation import open_installation
from tests.lab.client import Client


@pytest.fixture(scope="module")
def server(lab: Client, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    installation = open_installation(tmp_path_factory.mktemp("watched"))
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    with host(lab, "watched") as made:
        yield watched(installation, made)
    installation.close()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One without servers, whose engine lock is held, for a whole module."""
    made = open_installation(tmp_path_factory.mktemp("trouble"))
    assert made.lock.take("test", made.clock.now())
    made.prepare_store()
    yield made
    made.close()
