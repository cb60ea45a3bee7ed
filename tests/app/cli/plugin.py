"""Commands as fixtures; loaded by the tests that use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.cli.command import Commands, NewCommands, new_forks
from tests.app.cli.forks import Forks


@pytest.fixture(scope="session")
def command_forks() -> Iterator[Forks]:
    """One for the whole run."""
    forks = new_forks()
    yield forks
    forks.close()


@pytest.fixture
def new_commands(tmp_path: Path, command_forks: Forks) -> Iterator[NewCommands]:
    """Makes command lines (by default on one folder); what they started ends with the test."""
    made: list[Commands] = []

    def make(folder: Path | None = None, **options: Any) -> Commands:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        made.append(Commands(folder or tmp_path / "data", home, command_forks, **options))
        return made[-1]

    yield make
    for commands in made:
        commands.close()


@pytest.fixture
def commands(new_commands: NewCommands) -> Commands:
    """A command line on an empty folder."""
    return new_commands()
