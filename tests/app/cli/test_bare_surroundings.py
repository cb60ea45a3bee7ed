"""Surroundings that lack what a desktop has: a home, standard streams, a width, a folder's name that is text."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.cli.output import Exit
from app.cli.widths import drop_unusable_widths
from tests.app.cli.command import Commands, NewCommands
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, until

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has neither of these")

#: A user number that nobody has, in a namespace of its own: files stay those of who runs the tests.
NOBODY = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
WINDOW = {"MAILYARD_TEST_HIDDEN": "", "QT_QPA_PLATFORM": "offscreen"}
ODD = os.fsdecode(b"caf\xe9")
CLOSED = {"input": "<&-", "output": ">&-", "error": "2>&-", "all": "<&- >&- 2>&-"}


@cache
def has_namespaces() -> bool:
    return subprocess.run([*NOBODY, "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def homeless(new_commands: NewCommands) -> Commands:
    """Commands of a user whom the system does not know, and who is told no home."""
    if not has_namespaces():
        pytest.skip("no namespace of users can be made here")
    made = new_commands(before=NOBODY)
    del made.environment["HOME"]
    return made


def without(streams: str) -> tuple[str, ...]:
    """Put before a command line: it starts with these streams closed."""
    return ("sh", "-c", f'exec "$@" {streams}', "sh")


HOMES = {"none": {}, "an empty one": {"HOME": ""}, "one that is no place": {"HOME": "somewhere"}}


@pytest.mark.parametrize("home", HOMES.values(), ids=HOMES)
def test_without_a_home_a_command_asks_for_a_folder(homeless: Commands, home: dict[str, str]) -> None:
    refused = homeless.run("server", "list", is_bare=True, passphrase=None, environment=home, code=Exit.NO_STORE)

    assert refused.err.startswith("Your user has no home folder")
    assert "--data-dir" in refused.err


@pytest.mark.parametrize("arguments", [(), ("--demo",)], ids=["live", "demo"])
def test_without_a_home_the_window_asks_for_a_folder(homeless: Commands, arguments: tuple[str, ...]) -> None:
    ended = homeless.start(*arguments, environment=WINDOW, is_bare=True).end(Exit.NO_STORE)

    assert "--data-dir" in ended.err
    assert "Traceback" not in ended.err


def test_without_a_home_doctor_says_so_and_a_named_folder_is_enough(homeless: Commands, emulator: Emulator) -> None:
    alone = homeless.run("doctor", is_bare=True, passphrase=None, code=Exit.FAILED)
    named = homeless.run("doctor", passphrase=None)

    assert "critical data folder: Your user has no home folder" in alone.out
    assert "ok       data folder" in named.out
    homeless.add(emulator)
    assert [row["state"] for row in homeless.asks("account", "list")] == ["verified"]


@pytest.mark.parametrize("closed", [CLOSED[name] for name in ("output", "error", "all")])
def test_commands_work_without_standard_streams(new_commands: NewCommands, closed: str) -> None:
    commands = new_commands(before=without(closed))

    listed = commands.run("jobs", "list", "--json", passphrase=None)
    commands.run("doctor", passphrase=None)
    commands.run("jobs", "show", "none", passphrase=None, code=Exit.NOT_FOUND)

    assert listed.out == ("" if ">&-" in closed.split() else "[]\n")
    assert (commands.folder / "app.db").read_bytes().startswith(b"SQLite format 3\0")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [("jobs", "list", "--json"), ("--help",)])
def test_an_output_that_takes_nothing_is_told(new_commands: NewCommands, words: tuple[str, ...]) -> None:
    ended = new_commands(before=without(">/dev/full")).run(*words, passphrase=None, code=Exit.FAILED)

    assert ended.err.startswith("The output cannot be written: No space left on device.")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("options", [(), ("--token-stdin",)], ids=["asked", "handed over"])
def test_a_token_is_wanted_where_input_is_closed(new_commands: NewCommands, options: tuple[str, ...]) -> None:
    commands = new_commands(before=without(CLOSED["input"]))

    refused = commands.run("account", "add", "Main", *options, passphrase=None, code=Exit.USAGE)

    words = "The token is empty." if options else "pass it with --token-stdin"
    assert words in refused.err


def test_an_engine_runs_without_standard_streams(new_commands: NewCommands) -> None:
    commands = new_commands(before=without(CLOSED["all"]))
    note = commands.folder / "engine.json"

    engine = commands.start("engine", "run", passphrase=PASSPHRASE.reveal())
    until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("role"), "the engine")
    engine.signal(signal.SIGTERM)
    engine.end(Exit.OK)

    assert (commands.folder / "app.db").read_bytes().startswith(b"SQLite format 3\0")


def test_a_folder_whose_name_is_no_text_serves_commands_and_a_window(
    new_commands: NewCommands, tmp_path: Path, emulator: Emulator
) -> None:
    commands = new_commands(tmp_path / ODD)
    note = commands.folder / "engine.json"
    commands.add(emulator)
    assert "ok       data folder" in commands.run("doctor").out

    window = commands.start(environment=WINDOW)
    until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("role") == "console", "the console")
    window.signal(signal.SIGKILL)
    window.end()

    assert "Error" not in window.err


def test_a_second_start_on_such_a_folder_brings_the_first_window_to_the_front(
    new_commands: NewCommands, tmp_path: Path
) -> None:
    commands = new_commands(tmp_path / ODD)
    note = commands.folder / "engine.json"

    with TemporaryDirectory() as sockets:
        environment = {**WINDOW, "TMPDIR": sockets}
        window = commands.start(environment=environment)
        until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("role") == "console", "the console")
        second = commands.start(environment=environment).end(Exit.OK)
        window.signal(signal.SIGKILL)
        window.end()

    assert "Error" not in second.err + window.err


@pytest.mark.parametrize(("name", "width"), [("COLUMNS", "0"), ("TERMINAL_WIDTH", "abc")])
def test_help_and_refusals_are_read_in_any_width(commands: Commands, name: str, width: str) -> None:
    commands.before = ["env"]  # a start of its own: what forks commands has read the width already
    helped = commands.run("--help", passphrase=None, environment={name: width})
    refused = commands.run("sell", passphrase=None, environment={name: width}, code=Exit.USAGE)

    assert "Mailyard runs your clients' e-mail servers." in helped.out
    assert "No such command 'sell'." in refused.err


WIDTHS = {"0": "", "abc": "", "-1": "", "3": "", "": "", "19": "", "1e3": "", "9" * 5000: "", "20": "20", "132": "132"}


@pytest.mark.parametrize("name", ["COLUMNS", "TERMINAL_WIDTH"])
@pytest.mark.parametrize(("width", "kept"), WIDTHS.items(), ids=[text[:5] for text in WIDTHS])
def test_only_a_usable_width_is_kept(monkeypatch: pytest.MonkeyPatch, name: str, width: str, kept: str) -> None:
    monkeypatch.setenv(name, width)

    drop_unusable_widths()

    assert os.environ.get(name, "") == kept
