"""``mailyard secrets begin-anew``: the way back in where the key of the secret store is lost."""

from __future__ import annotations

import json
import signal
import stat
from pathlib import Path

import pytest

from app.cli.output import Exit
from tests.app.cli.command import PROGRAM, Commands
from tests.app.cli.terminal import Terminal
from tests.app.cli.test_account_token import replace_token
from tests.drawer import FILE
from tests.emulators.process import Emulator

pytestmark = pytest.mark.judged_once

BEGIN = ("secrets", "begin-anew")
FORGOTTEN = "a horse of another colour"


@pytest.fixture
def drawer(commands: Commands) -> Path:
    """The keyring of the commands, as a file."""
    file = commands.folder.with_name("keyring.json")
    commands.environment |= {"PYTHON_KEYRING_BACKEND": "tests.drawer.Drawer", FILE: str(file)}
    return file


@pytest.fixture
def reset(commands: Commands, emulator: Emulator, drawer: Path) -> Path:
    """A folder with an account whose keyring was reset; the keyring."""
    commands.add(emulator, passphrase=None)
    drawer.write_text("[]")
    return drawer


def kept(commands: Commands) -> list[Path]:
    return sorted(commands.folder.glob("secrets.sealed.unopened-*"))


def test_a_keyring_that_was_reset_has_a_way_back_in(commands: Commands, emulator: Emulator, reset: Path) -> None:
    sealed = (commands.folder / "secrets.sealed").read_bytes()
    looked = commands.run("doctor", passphrase=None, code=Exit.FAILED)
    assert "mailyard secrets begin-anew" in looked.out
    other = commands.add(emulator, "Other", passphrase=None, code=Exit.LOCKED)
    assert "mailyard secrets begin-anew" in other.err

    begun = commands.run(*BEGIN, "--yes", "--json", passphrase=None)

    assert begun.json["lost"][0] | {"way_back": ""} == {"title": "API token", "about": "Main", "way_back": ""}
    (old,) = kept(commands)
    assert (old.name, old.read_bytes()) == (begun.json["kept_as"], sealed)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    looked = commands.run("doctor", passphrase=None, code=Exit.FAILED)
    assert "critical API token, Main: missing" in looked.out
    assert "mailyard account token Main" in looked.out
    said = replace_token(commands, emulator, passphrase=None)
    assert emulator.token not in said + begun.out + begun.err
    assert [row["state"] for row in commands.asks("account", "list")] == ["verified"]
    assert "opens; the key is in the keyring; 1 value" in commands.run("doctor", passphrase=None).out
    assert emulator.token not in "".join(path.read_text() for path in (commands.folder / "logs").iterdir())


def test_the_old_store_opens_again_where_its_key_is_found(commands: Commands, emulator: Emulator, drawer: Path) -> None:
    commands.add(emulator, passphrase=None)
    keyring = drawer.read_text()
    drawer.write_text("[]")
    commands.run(*BEGIN, "--yes", passphrase=None)

    drawer.write_text(keyring)
    kept(commands)[0].rename(commands.folder / "secrets.sealed")

    commands.run("account", "verify", "Main", passphrase=None)


def test_a_forgotten_passphrase_has_a_way_back_in(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    assert "mailyard secrets begin-anew" in commands.run("doctor", passphrase=FORGOTTEN, code=Exit.FAILED).out
    assert "mailyard secrets begin-anew" in commands.run("doctor", passphrase=None).out

    commands.run(*BEGIN, "--yes", passphrase=None)
    replace_token(commands, emulator, passphrase=FORGOTTEN)

    assert len(kept(commands)) == 1
    commands.run("account", "verify", "Main", passphrase=FORGOTTEN)


def test_a_damaged_store_has_a_way_back_in(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    (commands.folder / "secrets.sealed").write_text("cut sh")
    assert "mailyard secrets begin-anew" in commands.run("doctor", code=Exit.FAILED).out

    commands.run(*BEGIN, "--yes")
    replace_token(commands, emulator)

    assert kept(commands)[0].read_text() == "cut sh"


def test_a_person_sees_what_is_lost_agrees_and_is_asked_for_each_token_once(
    commands: Commands, emulator: Emulator, reset: Path
) -> None:
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), *BEGIN], commands.environment)

    person.sees("mailyard account token Main")
    person.sees("Type begin anew to continue: ")
    person.types("begin anew")
    person.sees("for Main (Enter: later): ")
    person.types(emulator.token)

    assert person.end() == Exit.OK
    assert "Main: succeeded." in person.shown
    assert emulator.token not in person.shown
    assert [row["state"] for row in commands.asks("account", "list")] == ["verified"]
    assert len(json.loads(reset.read_text())) == 1


def test_a_person_who_remembers_the_passphrase_loses_nothing(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    before = (commands.folder / "secrets.sealed").read_bytes()
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), *BEGIN], commands.environment)

    person.sees("Passphrase of the secret store (Enter: it is lost): ")
    person.types("correct horse battery staple")

    assert person.end() == Exit.REFUSED
    assert "That passphrase opens" in person.shown
    assert (commands.folder / "secrets.sealed").read_bytes() == before


def test_who_does_not_agree_changes_nothing(commands: Commands, reset: Path) -> None:
    refused = commands.run(*BEGIN, passphrase=None, code=Exit.USAGE)
    person = Terminal([PROGRAM, "--data-dir", str(commands.folder), *BEGIN], commands.environment)
    person.sees("to continue: ")
    person.types("yes")

    assert person.end() == Exit.REFUSED
    assert "pass --yes" in refused.err
    assert "API token, Main" in refused.out
    assert (commands.folder / "secrets.sealed").exists()
    assert kept(commands) == []


def test_a_store_that_opens_or_is_none_stays(commands: Commands, emulator: Emulator) -> None:
    none = commands.run(*BEGIN, "--yes", code=Exit.REFUSED)
    commands.add(emulator)
    opens = commands.run(*BEGIN, "--yes", code=Exit.REFUSED)

    assert "There is no secret store yet." in none.err
    assert "The secret store opens" in opens.err
    assert kept(commands) == []


def test_while_an_engine_runs_it_is_refused(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    engine = commands.engine()

    refused = commands.run(*BEGIN, "--yes", passphrase=FORGOTTEN, code=Exit.REFUSED)

    assert "mailyard engine stop" in refused.err
    assert kept(commands) == []
    engine.signal(signal.SIGTERM)
    engine.end(Exit.OK)
