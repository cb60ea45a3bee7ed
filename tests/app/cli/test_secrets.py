"""``mailyard secrets passphrase``: by a script and by a person; the old one is proved, an engine works on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from app.cli import secrets
from app.cli.options import Options, PassphraseSource
from app.cli.output import Exit
from app.cli.session import CommandSession
from backend.core.login_password import PamLogin
from backend.core.secrets.values import Secret
from backend.store.scope import AGENCY
from tests.app.cli.command import PROGRAM, Commands
from tests.app.cli.terminal import Terminal
from tests.drawer import FILE, Drawer, in_place
from tests.emulators.process import Emulator
from tests.installation import LOGIN, PASSPHRASE, open_installation

pytestmark = pytest.mark.judged_once

OLD, NEW = PASSPHRASE.reveal(), "a horse of another colour"
CHANGE = ("secrets", "passphrase", "--new-passphrase-fd", "0")


def sealed(commands: Commands) -> bytes:
    return (commands.folder / "secrets.sealed").read_bytes()


def test_a_script_hands_both_over(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    done = commands.run(*CHANGE, "--json", typed=f"{NEW}\n")

    assert done.json == {"key_place": "passphrase", "is_changed": True, "engine_pid": None}
    assert NEW not in done.out + done.err
    commands.run("account", "verify", "Main", passphrase=OLD, code=Exit.LOCKED)
    commands.run("account", "verify", "Main", passphrase=NEW)


def test_both_may_come_by_one_descriptor(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    commands.run("--passphrase-fd", "0", *CHANGE, typed=f"{OLD}\n{NEW}\n", passphrase=None)

    commands.run("account", "verify", "Main", passphrase=NEW)


def test_a_running_engine_works_on_and_its_next_start_wants_the_new_one(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    engine = commands.engine()

    changed = commands.run(*CHANGE, typed=f"{NEW}\n")
    assert "keeps running; give it the new passphrase at its next start." in changed.out
    commands.run("account", "verify", "Main", passphrase=None)
    engine.signal(signal.SIGTERM)
    engine.end()

    commands.run("engine", "run", code=Exit.LOCKED)
    commands.engine(passphrase=NEW)


REFUSED = {
    "a wrong one": ("not the passphrase", NEW, Exit.LOCKED, "That is not the passphrase of the secret store."),
    "a short one": (OLD, "eleven char", Exit.REFUSED, "Choose at least 12 characters."),
    "the same one": (OLD, OLD, Exit.REFUSED, "That is the current passphrase."),
    "none": (OLD, "", Exit.USAGE, "Descriptor 0 holds no passphrase."),
    "nobody to ask": (None, NEW, Exit.USAGE, "pass it with --passphrase-fd"),
}


@pytest.mark.parametrize(("old", "new", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(
    commands: Commands, emulator: Emulator, old: str | None, new: str, code: Exit, words: str
) -> None:
    commands.add(emulator)
    before = sealed(commands)

    refused = commands.run(*CHANGE, "--json", typed=f"{new}\n", passphrase=old, code=code)

    assert words in refused.err
    assert refused.out == ""
    assert sealed(commands) == before


def test_without_a_store_nobody_is_asked_for_anything(commands: Commands) -> None:
    refused = commands.run("secrets", "passphrase", passphrase=None, code=Exit.REFUSED)

    assert "There is no secret store yet." in refused.err


def test_a_person_is_asked_for_the_old_one_and_twice_for_the_new(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), "secrets", "passphrase"], commands.environment)

    person.sees("Passphrase of the secret store: ")
    person.types(OLD)
    person.sees("New passphrase: ")
    person.types(NEW)
    person.sees("Repeat for confirmation: ")
    person.types(NEW)

    assert person.end() == Exit.OK
    assert "was changed." in person.shown
    assert NEW not in person.shown
    commands.run("account", "verify", "Main", passphrase=NEW)


def test_the_key_is_moved_into_the_keyring_and_out_of_it(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    refused = commands.run("secrets", "move", "keyring", passphrase=OLD, code=Exit.REFUSED)
    assert "No trusted keyring is available." in refused.err
    drawer = commands.folder / "keyring.json"
    commands.environment |= {"PYTHON_KEYRING_BACKEND": "tests.drawer.Drawer", FILE: str(drawer)}

    commands.run("secrets", "move", "keyring", passphrase="not the passphrase", code=Exit.LOCKED)
    moved = commands.run("secrets", "move", "keyring", "--json", passphrase=OLD)
    assert moved.json == {"key_place": "keyring", "is_changed": True, "engine_pid": None}
    commands.run("account", "verify", "Main", passphrase=None)
    assert len(json.loads(drawer.read_text())) == 1

    out = ("secrets", "move", "passphrase", "--new-passphrase-fd", "0", "--login-stdin")
    if PamLogin().is_there:
        is_refused_without_the_login(commands, out, drawer)
    else:
        done = commands.run(*out, typed=f"{NEW}\n", passphrase=None)
        assert "lies behind the passphrase now." in done.out
        assert json.loads(drawer.read_text()) == []
        commands.run("account", "verify", "Main", passphrase=NEW)
        commands.run(*out, typed=f"{NEW}\n", passphrase=None, code=Exit.REFUSED)


def is_refused_without_the_login(commands: Commands, out: Sequence[str], drawer: Path) -> None:
    """Nobody here knows the password of the login. An empty one is refused without asking PAM: it would count the
    tries of whoever runs this test."""
    before = sealed(commands), drawer.read_text()

    refused = commands.run(*out, typed=f"\n{NEW}\n", passphrase=None, code=Exit.REFUSED)
    assert "not the password of your login" in refused.err
    refused = commands.run(*out[:-1], typed=f"{NEW}\n", passphrase=None, code=Exit.USAGE)
    assert "pass it with --login-stdin" in refused.err

    assert (sealed(commands), drawer.read_text()) == before


def test_the_owner_moves_it_out_of_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, where a login is known."""
    drawer, installation = Drawer(), open_installation(tmp_path / "data", use_keyring=lambda: True)
    with in_place(drawer):
        installation.client.keep_secret_now("api_keys", AGENCY, Secret("a token that is kept"))
        assert (installation.secrets.key_place, len(drawer.kept)) == ("keyring", 1)
        session = CommandSession(installation, Options())
        monkeypatch.setattr(secrets, "reading", lambda _options: nullcontext(session))
        monkeypatch.setattr(secrets, "read_secret", lambda *_given, **_options: LOGIN.reveal())
        read_end, write_end = os.pipe()
        os.write(write_end, f"{NEW}\n".encode())

        secrets.move(typer.Context(get_command(secrets.app)), "passphrase", read_end)

        assert (installation.secrets.key_place, drawer.kept) == ("passphrase", {})
        installation.secrets.prove(Secret(NEW))
    for end in (read_end, write_end):
        os.close(end)
    installation.close()


def test_a_stored_secret_is_listed_and_revealed_to_its_owner_alone(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    (row,) = commands.run("secrets", "list", "--json", passphrase=None).json
    assert (row["title"], row["about"]) == ("API token", "Main")
    ref = row["ref"]
    assert ref in commands.run("secrets", "list", passphrase=None).out

    for wrong, code in (("not the passphrase", Exit.LOCKED), (None, Exit.USAGE)):
        refused = commands.run("secrets", "reveal", ref, passphrase=wrong, code=code)
        assert emulator.token not in refused.out + refused.err
    assert "no secret of that name" in commands.run("secrets", "reveal", "x", passphrase=OLD, code=Exit.REFUSED).err

    assert commands.run("secrets", "reveal", ref, passphrase=OLD).out == f"{emulator.token}\n"
    assert commands.run("secrets", "reveal", ref, "--json", passphrase=OLD).json == {**row, "value": emulator.token}


def test_in_an_empty_folder_there_is_nothing_to_reveal(commands: Commands) -> None:
    assert commands.run("secrets", "list", passphrase=None).out == "Nothing that could be revealed is stored yet.\n"
    assert "no secret of that name" in commands.run("secrets", "reveal", "x", passphrase=OLD, code=Exit.REFUSED).err


def reveals_on_a_terminal(commands: Commands, emulator: Emulator, *more: str) -> Terminal:
    commands.add(emulator)
    ref = commands.run("secrets", "list", "--json", passphrase=None).json[0]["ref"]
    return Terminal(
        [PROGRAM, "--data-dir", str(commands.folder), "secrets", "reveal", ref, *more], commands.environment
    )


def sees_it(person: Terminal, emulator: Emulator) -> None:
    person.sees("Passphrase of the secret store: ")
    person.types(OLD)
    person.sees(emulator.token)
    person.sees("Enter hides it now.")


def is_gone(person: Terminal, emulator: Emulator) -> bool:
    """It stood on a screen of its own alone, which was empty before and is empty afterwards."""
    before, _own, after = person.shown.partition("\x1b[?1049h\x1b[2J")
    screen, _back, later = after.partition("\x1b[?1049l")
    return (
        emulator.token in screen
        and emulator.token not in before + later
        and emulator.token not in screen.rpartition("\x1b[2J")[2]
    )


def test_on_a_terminal_it_stands_on_a_screen_of_its_own(commands: Commands, emulator: Emulator) -> None:
    person = reveals_on_a_terminal(commands, emulator)
    sees_it(person, emulator)
    assert person.ignores(signal.SIGTSTP), "stopped, it would stand there for as long as nobody continues it"
    person.types("")

    assert person.end() == Exit.OK
    assert is_gone(person, emulator)


def test_a_command_that_is_ended_meanwhile_leaves_nothing_on_the_terminal(
    commands: Commands, emulator: Emulator
) -> None:
    person = reveals_on_a_terminal(commands, emulator)
    sees_it(person, emulator)
    person.is_sent(signal.SIGTERM)

    assert person.end() != Exit.OK
    assert is_gone(person, emulator)


def test_on_a_terminal_json_is_refused(commands: Commands, emulator: Emulator) -> None:
    person = reveals_on_a_terminal(commands, emulator, "--json")

    assert person.end() == Exit.USAGE
    assert "--json would leave the secret there" in person.shown
    assert emulator.token not in person.shown


def test_a_wrong_one_is_told_before_anything_more_is_asked(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), "secrets", "passphrase"], commands.environment)

    person.sees("Passphrase of the secret store: ")
    person.types("not the passphrase")

    assert person.end() == Exit.LOCKED
    assert "New passphrase" not in person.shown


def test_a_passphrase_is_dropped_once_the_store_is_open_and_nobody_is_asked_again() -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"the passphrase of before\nanother line\n")
    os.close(write_end)
    source = PassphraseSource(read_end)
    assert source.get(is_new=False) == source.get(is_new=False) == Secret("the passphrase of before")

    source.drop()

    assert source.get(is_new=False) is None
    os.close(read_end)


def test_renewal_without_a_persons_word_is_switched_on_and_off(commands: Commands) -> None:
    assert commands.asks("secrets", "renewal") == {"is_on": False, "next_at": None}
    assert "when a person asks for it" in commands.run("secrets", "renewal", passphrase=None).out

    switched = commands.run("secrets", "renewal", "--on", "--json").json
    assert (switched["is_on"], switched["next_at"] is None) == (True, False)
    assert "renewed by themselves, next on" in commands.run("secrets", "renewal", passphrase=None).out

    assert commands.run("secrets", "renewal", "--off", "--json").json == {"is_on": False, "next_at": None}
