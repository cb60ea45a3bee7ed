"""Who carries a job out when engines come and go, and a person who leaves: never lost, never waited for without end."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.output import Exit
from backend.engine.lock import lock_is_taken
from tests.app.cli.command import Commands, Running
from tests.emulators.process import Emulator
from tests.installation import until

OURSELVES = "No other engine runs: this command carries the job out itself."
WAITS = "waiting  until"


@pytest.fixture
def silent(emulator: Emulator) -> Emulator:
    """A provider nobody can reach until it is started."""
    emulator.kill()
    return emulator


def test_a_client_goes_on_as_the_engine_when_the_engine_is_killed(commands: Commands, silent: Emulator) -> None:
    engine = commands.engine()
    client = commands.start_adding(silent)
    client.says(WAITS)
    assert OURSELVES not in client.err

    engine.signal(signal.SIGKILL)
    silent.start()

    assert OURSELVES in client.end(code=Exit.OK).err
    assert [account["state"] for account in commands.asks("account", "list")] == ["verified"]


def test_a_client_without_the_passphrase_says_who_must_go_on(commands: Commands, silent: Emulator) -> None:
    commands.add(silent, wait="2", code=Exit.UNDER_WAY)
    engine = commands.engine()
    client = commands.start("jobs", "follow", commands.the_job()["id"], passphrase=None)
    client.says(WAITS)

    engine.signal(signal.SIGKILL)

    assert "The secret store is locked." in client.end(code=Exit.LOCKED).err
    silent.start()
    commands.run("jobs", "follow", commands.the_job()["id"][:8])


def is_stopped(pid: int) -> bool:
    """A signal to stop reaches threads that run on other cores a moment later."""
    states = (path.read_text().rsplit(") ", 1)[1][0] for path in Path(f"/proc/{pid}/task").glob("*/stat"))
    return all(state == "T" for state in states)


def stops_between_two_writes(engine: Running, commands: Commands) -> bool:
    """Stop the process; let it go on again where it was stopped while it held one of the databases."""
    engine.signal(signal.SIGSTOP)
    until(lambda: is_stopped(engine.process.pid), "all of its threads to stand still")
    try:
        for path in commands.folder.glob("*.db"):
            with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        engine.signal(signal.SIGCONT)
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_leaving_alone_keeps_the_job_for_the_next_engine(
    commands: Commands, silent: Emulator, number: signal.Signals
) -> None:
    adding = commands.start_adding(silent)
    adding.says(WAITS)

    adding.signal(number)

    left = adding.end(code=Exit.UNDER_WAY)
    assert "The job is kept: the next engine" in left.err
    assert not lock_is_taken(commands.folder / "engine.lock")
    assert commands.the_job()["state"] in ("waiting_until", "queued")
    silent.start()
    commands.run("jobs", "follow", commands.the_job()["id"][:8])


def test_leaving_beside_an_engine_names_it(commands: Commands, silent: Emulator) -> None:
    engine = commands.engine()
    adding = commands.start_adding(silent)
    adding.says(WAITS)

    adding.signal(signal.SIGINT)

    assert f"the engine (process {engine.process.pid}) continues it" in adding.end(code=Exit.UNDER_WAY).err


def test_an_engine_that_does_not_answer_is_not_waited_for(commands: Commands, emulator: Emulator) -> None:
    engine = commands.engine()
    until(lambda: stops_between_two_writes(engine, commands), "the engine to write nothing")

    left = commands.add(emulator, wait="1", code=Exit.UNDER_WAY)

    assert "The engine has not handled the request yet." in left.err
    assert f"process {engine.process.pid}" in left.err
    engine.signal(signal.SIGCONT)


def test_a_locked_engine_is_said_to_wait_for_a_person(commands: Commands, emulator: Emulator) -> None:
    commands.engine(passphrase=None)

    waits = commands.add(emulator, code=Exit.WAITS_FOR_YOU)

    assert "The secret store is locked." in waits.err
    assert commands.the_job()["state"] == "waiting_until"


def test_a_second_engine_is_refused_by_the_name_of_the_first(commands: Commands) -> None:
    first = commands.engine()

    second = commands.run("engine", "run", code=Exit.REFUSED)

    assert f"the headless, process {first.process.pid}" in second.err
    assert f"process {first.process.pid} (headless)" in commands.run("doctor").out
    first.signal(signal.SIGTERM)
    first.end(code=Exit.OK)


def test_a_job_is_cancelled_retried_and_rolled_back(commands: Commands, silent: Emulator) -> None:
    adding = commands.start_adding(silent)
    adding.says(WAITS)
    adding.signal(signal.SIGINT)
    adding.end(code=Exit.UNDER_WAY)
    job = commands.the_job()["id"][:8]

    commands.run("jobs", "cancel", job)
    assert commands.the_job()["state"] == "cancelled"
    again = commands.run("jobs", "cancel", job, code=Exit.REFUSED)
    assert "This job has already finished." in again.err
    unasked = commands.run("jobs", "roll-back", job, code=Exit.USAGE)
    assert "undo: Save the account" in unasked.err
    commands.run("jobs", "roll-back", job, "--yes")
    assert commands.the_job()["state"] == "rolled_back"
    assert commands.asks("account", "list") == []
