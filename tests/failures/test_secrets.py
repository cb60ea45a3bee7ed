"""No keyring: the passphrase is announced, asked for once, taken from a descriptor, and its absence has a remedy."""

from __future__ import annotations

import pytest

from app.cli.options import NEW_STORE
from app.cli.output import Exit
from tests.app.cli.command import PROGRAM, Commands
from tests.app.cli.terminal import Terminal
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

ASKED = "Passphrase of the secret store: "


@pytest.fixture
def at_terminal(commands: Commands) -> Terminal:
    """``account add`` typed by a person, against an address nobody answers at."""
    command = [PROGRAM, "--data-dir", str(commands.folder), "--wait", "1", "account", "add", "Main"]
    return Terminal([*command, "--endpoint-url", "http://127.0.0.1:9"], commands.environment)


def test_a_person_is_told_and_asked_twice_for_a_new_passphrase(at_terminal: Terminal, commands: Commands) -> None:
    at_terminal.sees("API token: ")
    at_terminal.types("dop_v1_token")
    at_terminal.sees(ASKED)
    at_terminal.types("my own passphrase")
    at_terminal.sees("Repeat for confirmation: ")
    at_terminal.types("my own passphrase")

    assert at_terminal.end() == Exit.UNDER_WAY
    shown = " ".join(at_terminal.shown.split())
    assert NEW_STORE in shown
    assert "my own" not in shown
    assert "dop_v1_token" not in shown
    assert "opens; the key is in the passphrase" in commands.run("doctor", passphrase="my own passphrase").out


def test_a_person_is_asked_once_for_a_passphrase_there_is(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), "account", "verify", "Main"], commands.environment)

    person.sees(ASKED)
    person.types("correct horse battery staple")

    assert person.end() == Exit.OK
    assert person.shown.count(ASKED) == 1
    assert NEW_STORE not in person.shown


def test_a_new_store_behind_a_handed_over_passphrase_is_announced(commands: Commands, emulator: Emulator) -> None:
    assert NEW_STORE in commands.add(emulator).err
    assert NEW_STORE not in commands.run("account", "verify", "Main").err


@pytest.mark.parametrize(("passphrase", "words"), [("wrong", "The key does not unlock"), (None, "is locked")])
def test_without_the_right_passphrase_nothing_is_done(
    commands: Commands, emulator: Emulator, passphrase: str | None, words: str
) -> None:
    commands.add(emulator)
    sealed = (commands.folder / "secrets.sealed").read_bytes()

    for command in (("account", "verify", "Main"), ("server", "power", "mx1", "on")):
        refused = commands.run(
            *command, passphrase=passphrase, code=Exit.NOT_FOUND if "mx1" in command else Exit.LOCKED
        )
    refused = commands.add(emulator, "Other", passphrase=passphrase, code=Exit.LOCKED)

    assert words in refused.err
    assert "passphrase" in refused.err
    assert (commands.folder / "secrets.sealed").read_bytes() == sealed
    assert len(commands.asks("account", "list")) == 1


def test_an_engine_without_the_passphrase_says_what_waits(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    commands.engine(passphrase=None).says("Jobs that need a token or an SSH key wait until then.")


def test_an_engine_with_a_wrong_passphrase_does_not_start(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    assert "The key does not unlock" in commands.run("engine", "run", passphrase="wrong", code=Exit.LOCKED).err
    looked = commands.run("doctor", passphrase="wrong", code=Exit.FAILED)
    assert "critical secret store: The key does not unlock the secret store." in looked.out
    assert "no keyring answers: the store is protected by a passphrase" in commands.run("doctor", passphrase=None).out


def test_a_locked_store_is_told_as_locked_and_not_as_a_provider_that_is_away(
    commands: Commands, emulator: Emulator
) -> None:
    commands.add(emulator)
    commands.engine(passphrase=None)

    commands.run("account", "verify", "Main", passphrase=None, code=Exit.WAITS_FOR_YOU)

    assert [row["state"] for row in commands.asks("account", "list")] == ["locked"]
    assert "Unlock the secret store" in commands.run("doctor", passphrase=None).out
