"""One emulated Mailu for a module, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.mailu.api import MailuApi
from tests.backend.mailu.emulated import api_of
from tests.emulators.process import Emulator


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("mailu"), kind="mailu")
    yield emulator
    emulator.close()


@pytest.fixture
def mailu(running: Emulator) -> Emulator:
    running.reset()
    running.heal()
    return running


@pytest.fixture
def api(mailu: Emulator) -> Iterator[MailuApi]:
    with api_of(mailu) as made:
        yield made
