"""A world without machines for a whole module, and a fresh server of ours in it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.backend.servers.rotations import NewRotation, rotations
from tests.backend.servers.world import World, running_server, without_machines


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with without_machines(tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture
def server(world: World) -> UUID:
    return running_server(world)


@pytest.fixture
def rotation(tmp_path: Path) -> Iterator[NewRotation]:
    """A server whose login key is renewed."""
    with rotations(tmp_path) as made:
        yield made
