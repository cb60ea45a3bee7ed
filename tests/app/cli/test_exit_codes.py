"""Every documented exit code, with the words that come with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import metadata
from pathlib import Path

import pytest

from app.cli.output import CODES, Exit
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import new_ref
from backend.store.scope import AGENCY
from tests.app.cli.command import Commands
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE


def make_older(commands: Commands) -> None:
    """As if the newest job had been started by an older program."""
    with closing(sqlite3.connect(commands.folder / "app.db")) as database, database:
        database.execute("UPDATE job SET version = 0 WHERE kind = 'account.add'")


def test_the_help_names_every_code(commands: Commands) -> None:
    told = " ".join(commands.run("--help").out.split())

    assert [int(part.split()[0]) for part in CODES.split(", ")] == [int(code) for code in Exit]
    assert all(part in told for part in CODES.split(", "))


def test_0_done_and_1_failed(commands: Commands, emulator: Emulator) -> None:
    assert commands.add(emulator).out == ""

    failed = commands.add(emulator, "Other", token="dop_v1_wrong", code=Exit.FAILED)

    assert "DigitalOcean refused the token. It may have expired or been revoked." in failed.err
    assert f"mailyard jobs retry {commands.the_job()['id'][:8]}" in failed.err


WRONG_USAGE = {
    "an unknown command": (("sell",), "No such command"),
    "an unknown option": (("jobs", "list", "--yaml"), "No such option"),
    "a database that is none": (("--database-url", "mysql://host/x", "jobs", "list"), "postgresql://"),
    "nobody to type a token": (("account", "add", "Main"), "--token-stdin"),
    "a command for the demo": (("--demo", "engine", "run"), "--demo opens the demo's window"),
    "a folder of a variable nobody set": (("--data-dir", "", "server", "list"), "--data-dir"),
    "a folder of blanks": (("--data-dir", "  ", "server", "list"), "is empty"),
    "an empty folder for the demo": (("--demo", "--data-dir", ""), "is empty"),
    "a database of a variable nobody set": (("--database-url", "", "server", "list"), "--database-url is empty"),
    "no token": (("account", "add", "Main", "--token-stdin"), "The token is empty."),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_2_wrong_usage(commands: Commands, arguments: tuple[str, ...], words: str) -> None:
    refused = commands.run(*arguments, passphrase=None, code=Exit.USAGE)

    assert words in " ".join(refused.err.split())
    assert refused.out == ""


@pytest.mark.parametrize("descriptor", ["77", "9" * 30], ids=["closed", "beyond all numbers"])
def test_2_a_descriptor_that_is_none(commands: Commands, descriptor: str) -> None:
    commands.folder.mkdir()
    store = SealedFile(commands.folder / "secrets.sealed", PassphraseHolder(lambda: PASSPHRASE))
    store.keep(new_ref("api_keys", AGENCY), PASSPHRASE)

    refused = commands.run("--passphrase-fd", descriptor, "engine", "run", passphrase=None, code=Exit.USAGE)

    assert f"Descriptor {descriptor} cannot be read" in refused.err


def test_6_a_passphrase_of_one_letter_makes_no_store(commands: Commands, emulator: Emulator) -> None:
    refused = commands.add(emulator, passphrase="x", code=Exit.REFUSED)

    assert "The passphrase is too short. Choose at least 12 characters." in refused.err
    assert not (commands.folder / "secrets.sealed").exists()


def test_the_version_is_told(commands: Commands) -> None:
    ours = metadata.version("mailyard")

    assert commands.run("--version", passphrase=None).out == f"mailyard {ours}\n"
    assert f"Mailyard: {ours}" in commands.run("doctor", passphrase=None).out


FOREIGN_SETTINGS = {
    "not installed": "[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\n",
    "no such class": "[backend]\ndefault-keyring=keyring.backends.fail.Nobody\n",
    "no INI": "this is no INI",
    "no section": "default-keyring=x\n",
}


@pytest.mark.parametrize("text", FOREIGN_SETTINGS.values(), ids=FOREIGN_SETTINGS)
def test_a_keyring_setting_of_another_program_costs_the_keyring_only(commands: Commands, text: str) -> None:
    file = Path(commands.environment["HOME"]) / ".config/python_keyring/keyringrc.cfg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

    looked = commands.run("doctor", passphrase=None)

    assert "no keyring answers" in looked.out
    assert f"the file {file}" in looked.out


@pytest.mark.parametrize("name", ["keyrings.alt.file.PlaintextKeyring", "nonsense", "keyring.backends.fail.Nobody"])
def test_so_does_one_in_the_environment(commands: Commands, name: str) -> None:
    looked = commands.run("doctor", passphrase=None, environment={"PYTHON_KEYRING_BACKEND": name})

    assert "the variable PYTHON_KEYRING_BACKEND" in looked.out


def test_3_waits_for_you_until_a_yes(commands: Commands, emulator: Emulator) -> None:
    emulator.fault("429", path="/v2/account", retry_after=3600)
    commands.add(emulator, wait="5", code=Exit.UNDER_WAY)
    job = commands.the_job()["id"]
    make_older(commands)

    waits = commands.run("jobs", "retry", job, code=Exit.WAITS_FOR_YOU)
    unasked = commands.run("jobs", "confirm", job[:8], code=Exit.USAGE)
    answered = commands.run("jobs", "confirm", job[:8], "--yes")

    assert f"mailyard jobs confirm {job[:8]}" in waits.err
    assert "Mailyard was updated while this job was running." in unasked.err
    assert "--yes" in unasked.err
    assert answered.err.index("Mailyard was updated") < answered.err.index("done")
    assert commands.the_job()["state"] == "succeeded"


def test_4_the_database_cannot_be_used(commands: Commands) -> None:
    commands.asks("jobs", "list")
    (commands.folder / "app.db").write_bytes(b"nothing SQLite ever wrote" * 1000)

    assert "The database is damaged." in commands.run("jobs", "list", code=Exit.NO_STORE).err


NOT_THERE = [("server", "show", "mx1"), ("account", "verify", "Main"), ("jobs", "show", "abc"), ("metrics", "mx1")]


@pytest.mark.parametrize("arguments", NOT_THERE, ids=" ".join)
def test_5_not_found(commands: Commands, arguments: tuple[str, ...]) -> None:
    missed = commands.run(*arguments, passphrase=None, code=Exit.NOT_FOUND)

    assert arguments[-1] in missed.err
    assert missed.out == ""


def test_6_refused_and_the_token_is_forgotten_again(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    refused = commands.add(emulator, code=Exit.REFUSED)
    not_waiting = commands.run("jobs", "confirm", commands.the_job()["id"], code=Exit.REFUSED)

    assert "There is already an account named Main." in refused.err
    assert "is not awaiting approval" in not_waiting.err
    assert "1 value" in commands.run("doctor").out


def test_7_still_under_way(commands: Commands, emulator: Emulator) -> None:
    emulator.fault("429", path="/v2/account", retry_after=3600)

    left = commands.add(emulator, code=Exit.UNDER_WAY)

    assert "It waits until" in left.err
    assert "DigitalOcean rate limit reached." in left.err
    assert "The job is kept: the next engine" in left.err
    assert commands.the_job()["state"] == "waiting_until"


def test_8_the_secret_store_is_locked_and_nothing_was_requested(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)

    for passphrase, words in ((None, "The secret store is locked."), ("wrong", "The key does not unlock")):
        locked = commands.run("account", "verify", "Main", passphrase=passphrase, code=Exit.LOCKED)
        assert words in locked.err
        assert "passphrase" in locked.err
    assert len(commands.asks("jobs", "list")) == 1
