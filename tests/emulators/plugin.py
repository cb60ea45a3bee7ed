"""Emulators as fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulators.process import Emulator
from tests.lab.machines import MachinesServer


@pytest.fixture
def new_emulator(tmp_path: Path) -> Iterator[Callable[..., Emulator]]:
    """Makes DigitalOcean emulators; all end with the test."""
    made: list[Emulator] = []

    def make(**options: object) -> Emulator:
        made.append(Emulator(tmp_path / f"emulator-{len(made)}", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for emulator in made:
        emulator.close()


@pytest.fixture
def emulator(new_emulator: Callable[..., Emulator]) -> Emulator:
    """A DigitalOcean without machines behind it."""
    return new_emulator()


@pytest.fixture
def emulator_with_machines(new_emulator: Callable[..., Emulator], machines: MachinesServer) -> Iterator[Emulator]:
    """A DigitalOcean whose droplets are lab hosts; another test's numbers its droplets anew, so none may be left."""
    emulator = new_emulator(machines=machines.path)
    yield emulator
    emulator.close()
    machines.delete_all()
