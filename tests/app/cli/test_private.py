"""What the program leaves behind for other users of the machine: nothing they can read, whoever made it first."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from app.cli.output import Exit
from tests.app.cli.command import Commands, NewCommands
from tests.emulators.process import Emulator
from tests.installation import until

pytestmark = [pytest.mark.judged_once, pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")]

NOBODY = 65534
SEEN = {"MAILYARD_TEST_HIDDEN": "", "QT_QPA_PLATFORM": "offscreen"}
needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to give files away")


def under(mask: str) -> list[str]:
    """Put before a command line: it runs under this umask."""
    return ["sh", "-c", f'umask {mask}; exec "$@"', "sh"]


def open_paths(root: Path) -> list[str]:
    """What other users could read or write, the folder itself included."""
    paths = [path for path in (root, *root.rglob("*")) if not path.is_symlink()]
    modes = dict[Path, int]()
    for path in paths:
        with suppress(FileNotFoundError):  # a journal goes with its transaction
            modes[path] = path.stat().st_mode
    return sorted(f"{path} {stat.S_IMODE(mode):o}" for path, mode in modes.items() if mode & 0o077)


@pytest.mark.parametrize("mask", ["000", "022"])
@pytest.mark.parametrize("window", [(), ("--demo",)], ids=["live", "demo"])
def test_a_first_start_of_the_window(
    new_commands: NewCommands, tmp_path: Path, mask: str, window: tuple[str, ...]
) -> None:
    commands = new_commands(tmp_path / "unused", before=under(mask))
    home = tmp_path / "home" / "share"
    root = home / ("mailyard-demo" if window else "mailyard")
    wanted = ["app.db", "metrics.db", "engine.json", "logs/console.log", "logs/crash.log"]
    wanted += ["clouds/hosts.json", "clouds/where.json", "demo", "secrets.sealed"] if window else []

    started = commands.start(*window, environment={**SEEN, "XDG_DATA_HOME": str(home)}, is_bare=True)
    note = root / "engine.json"
    until(lambda: note.exists() and json.loads(note.read_text()).get("role") == "console", "the console", 90)
    until(lambda: all((root / name).exists() for name in wanted), "its files", 90)

    assert open_paths(home) == []
    started.signal(signal.SIGKILL)
    started.end()


def test_a_first_command_and_an_engine(new_commands: NewCommands, tmp_path: Path, emulator: Emulator) -> None:
    commands = new_commands(tmp_path / "deep" / "data", before=under("000"))
    commands.add(emulator)
    engine = commands.engine()

    assert open_paths(tmp_path / "deep") == []
    limits = Path(f"/proc/{engine.process.pid}/limits").read_text().splitlines()
    assert [line.split()[4] for line in limits if line.startswith("Max core file size")] == ["0"]
    engine.signal(signal.SIGTERM)
    engine.end(0)


def test_an_open_folder_is_closed_at_the_next_start_and_said_once(commands: Commands) -> None:
    commands.run("jobs", "list", passphrase=None)
    for path in (commands.folder, commands.folder / "app.db"):
        path.chmod(0o777)

    told = commands.run("jobs", "list", passphrase=None)
    again = commands.run("jobs", "list", passphrase=None)

    assert "could read the data folder" in told.err
    assert open_paths(commands.folder) == []
    assert again.err == ""


def test_doctor_tells_modes_and_owners(commands: Commands) -> None:
    commands.run("jobs", "list", passphrase=None)
    (commands.folder / "app.db").chmod(0o644)

    open_one = commands.run("doctor")
    closed = commands.run("doctor")

    assert "warning  access:" in open_one.out
    assert "app.db (644)" in open_one.out
    assert "ok       access: folder 700, files 600, all of" in closed.out


@needs_root
def test_a_folder_that_another_user_can_fill_is_refused_with_the_remedy(commands: Commands, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("whole")
    commands.folder.mkdir()
    commands.folder.chmod(0o777)
    for name in ("secrets.sealed.new", "engine.json", "app.db"):
        (commands.folder / name).symlink_to(victim)
        os.lchown(commands.folder / name, NOBODY, NOBODY)

    for command in (("jobs", "list"), ("engine", "run")):
        refused = commands.run(*command, code=Exit.NO_STORE)
        assert "belongs to another user" in refused.err
        assert "--data-dir" in refused.err
    assert "critical data folder" in commands.run("doctor", code=Exit.FAILED).out
    assert victim.read_text() == "whole"


@needs_root
def test_a_folder_of_another_user_is_refused_even_where_it_could_be_written(commands: Commands) -> None:
    commands.folder.mkdir()
    os.chown(commands.folder, NOBODY, NOBODY)
    commands.folder.chmod(0o777)

    refused = commands.run("jobs", "list", code=Exit.NO_STORE)

    assert f"{commands.folder} belongs to another user" in refused.err
    assert list(commands.folder.iterdir()) == []
