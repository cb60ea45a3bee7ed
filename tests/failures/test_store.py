"""Trouble with the data folder: full, read-only, damaged, of a newer program. What was written stays as it was."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.output import Exit
from tests.app.cli.command import Commands, NewCommands
from tests.emulators.process import Emulator
from tests.failures.disk import SmallDisk, needs_root

FULL = "There is no space left"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    small = SmallDisk(tmp_path / "small")
    yield small
    small.close()


@pytest.fixture
def on_disk(disk: SmallDisk, new_commands: NewCommands, tmp_path: Path) -> Commands:
    """A command line whose data folder lies on the small disk."""
    return new_commands(tmp_path / "small", before=disk.before)


def revision(database: Path, value: str | None = None) -> str:
    """The revision a database says to be of; ``value`` writes another."""
    with closing(sqlite3.connect(database)) as connection, connection:
        if value is not None:
            connection.execute("UPDATE alembic_version SET version_num = ?", (value,))
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@needs_root
def test_a_disk_that_is_full_from_the_start(on_disk: Commands, disk: SmallDisk, emulator: Emulator) -> None:
    disk.fill()

    for refused in (on_disk.add(emulator, code=Exit.NO_STORE), on_disk.run("engine", "run", code=Exit.NO_STORE)):
        assert FULL in refused.err
        assert "Free some disk space" in refused.err
        assert "Traceback" not in refused.err
    looked = on_disk.run("doctor", code=Exit.FAILED)

    assert "no space left on its disk" in looked.out
    disk.free()
    on_disk.add(emulator)


@pytest.mark.proof("a full disk")
@needs_root
def test_a_disk_that_fills_up_under_a_job(on_disk: Commands, disk: SmallDisk, emulator: Emulator) -> None:
    on_disk.add(emulator, "First")
    emulator.kill()
    adding = on_disk.start_adding(emulator)
    adding.says("waiting  until")

    disk.fill()

    left = adding.end(code=Exit.NO_STORE)
    assert FULL in left.err
    assert "The job is kept" in left.err
    disk.free()
    emulator.start()
    on_disk.run("jobs", "follow", on_disk.the_job()["id"])
    assert [account["state"] for account in on_disk.asks("account", "list")] == ["verified", "verified"]


@needs_root
def test_a_disk_that_became_read_only(on_disk: Commands, disk: SmallDisk, emulator: Emulator) -> None:
    on_disk.add(emulator)
    disk.make_read_only()

    for command in (("jobs", "list"), ("account", "verify", "Main")):
        refused = on_disk.run(*command, code=Exit.NO_STORE)
        assert "cannot be written" in refused.err
        assert "--data-dir" in refused.err
    looked = on_disk.run("doctor", code=Exit.FAILED)
    assert "critical data folder" in looked.out
    disk.make_writable()
    on_disk.run("account", "verify", "Main")


@needs_root
def test_a_folder_of_another_user(new_commands: NewCommands) -> None:
    outside = Path(tempfile.mkdtemp(prefix="mailyard-"))
    outside.chmod(0o755)
    try:
        owner, stranger = new_commands(outside / "data"), new_commands(outside / "data", before=NOBODY)
        owner.asks("jobs", "list")
        (outside / "data").chmod(0o755)
        before = sorted(path.name for path in (outside / "data").iterdir())

        refused = stranger.run("jobs", "list", passphrase=None, code=Exit.NO_STORE)

        assert f"The data folder {outside / 'data'} cannot be written." in refused.err
        assert "Give your user write access to it" in refused.err
        assert sorted(path.name for path in (outside / "data").iterdir()) == before
    finally:
        shutil.rmtree(outside)


#: May read everything, so that the program is found wherever it lies, and writes nothing that is not its own.
READS_ALL = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *READS_ALL, "--"]


def test_a_changed_line_of_the_audit_log_is_named(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    assert "each line follows from the one before" in commands.run("doctor").out
    with closing(sqlite3.connect(commands.folder / "app.db")) as database, database:
        database.execute("UPDATE audit SET actor = 'somebody else' WHERE seq = 1")

    looked = commands.run("doctor", code=Exit.FAILED)

    assert "line 1 was changed, or a line before it was removed" in looked.out


def test_a_damaged_database_is_left_alone(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    database = commands.folder / "app.db"
    whole = database.read_bytes()
    database.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    damaged = database.read_bytes()

    refused = commands.run("account", "verify", "Main", code=Exit.NO_STORE)
    looked = commands.run("doctor", code=Exit.FAILED)

    assert "The database is damaged." in refused.err
    assert "copies" in refused.err
    assert "critical databases: The database is damaged. app.db" in looked.out
    assert database.read_bytes() == damaged
    database.write_bytes(whole)
    commands.run("account", "verify", "Main")


@pytest.mark.parametrize("page", [1, 4, 21])
def test_no_command_and_no_engine_goes_on_with_a_damaged_database(commands: Commands, page: int) -> None:
    commands.run("jobs", "list", passphrase=None)
    with (commands.folder / "app.db").open("r+b") as database:
        database.seek((page - 1) * 4096)
        database.write(b"\xa5" * 4096)

    for command in (("server", "list"), ("account", "list"), ("jobs", "list"), ("metrics", "mx1"), ("engine", "run")):
        refused = commands.run(*command, passphrase=None, code=Exit.NO_STORE)
        assert "The database is damaged." in refused.err, command
        assert "holds no copy of app.db" in refused.err
    assert "holds no copy of app.db" in commands.run("doctor", passphrase=None, code=Exit.FAILED).out


def test_a_newer_database_is_refused_by_reading_and_by_changing(commands: Commands, emulator: Emulator) -> None:
    commands.add(emulator)
    present = revision(commands.folder / "app.db")
    revision(commands.folder / "app.db", "9999")

    for command in (("jobs", "list"), ("account", "verify", "Main"), ("engine", "run")):
        refused = commands.run(*command, code=Exit.NO_STORE)
        assert "The database was written by a newer Mailyard." in refused.err
        assert "Start that version" in refused.err
    assert "newer Mailyard (revision 9999)" in commands.run("doctor", code=Exit.FAILED).out
    assert revision(commands.folder / "app.db", present) == present
    commands.run("account", "verify", "Main")
