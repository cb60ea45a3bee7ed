"""One engine with a mail server for a module, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.mail.requests import AddDomain
from tests.backend.mail.world import CLIENT, DOMAIN, MailWorld, mail_world


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailWorld]:
    with mail_world(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture
def world(shared: MailWorld) -> MailWorld:
    """Without a domain."""
    shared.as_new()
    return shared


@pytest.fixture
def settled(world: MailWorld) -> MailWorld:
    """With one domain of a client."""
    world.done(AddDomain(world.server, DOMAIN, CLIENT))
    return world
