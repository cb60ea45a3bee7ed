"""One engine for one PostgreSQL database: a second process is its client, and carries on when it ends."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func
from sqlalchemy import select as choose

from backend.bootstrap import Installation
from backend.store.schema.operations import JobStep
from backend.store.scope import ENGINE_SCOPE
from tests.installation import Driver, open_installation
from tests.postgres.cluster import Cluster
from tests.requirements import ROOT
from tests.team.engine_process import WorkRequest

PATIENCE_S = 90.0


class Process:
    """An engine, or one that stands by; what it said."""

    def __init__(self, folder: Path, url: str) -> None:
        command = [sys.executable, "-m", "tests.team.engine_process", str(folder), url]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._rest = b""
        self.said: list[str] = []

    def says(self, word: str) -> list[str]:
        """Wait for a line that begins with ``word``; its words."""
        while True:
            words = self._line().split()
            self.said.append(words[0])
            if words[0] == word:
                return words

    def says_nothing_for(self, seconds: float) -> None:
        assert self.process.stdout is not None
        assert not self._rest
        assert not select.select([self.process.stdout], [], [], seconds)[0], os.read(self.process.stdout.fileno(), 999)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.process.communicate(timeout=PATIENCE_S)

    def _line(self) -> str:
        assert self.process.stdout is not None
        end = time.monotonic() + PATIENCE_S
        while b"\n" not in self._rest:
            ready = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))[0]
            assert ready, f"nothing was said for {PATIENCE_S:.0f} s after {self.said}"
            more = os.read(self.process.stdout.fileno(), 4096)
            assert more, f"it ended after {self.said}"
            self._rest += more
        line, self._rest = self._rest.split(b"\n", 1)
        return line.decode()


@pytest.fixture
def new_process(tmp_path: Path, postgres_url: str) -> Iterator[Callable[[str], Process]]:
    made: list[Process] = []

    def make(name: str) -> Process:
        made.append(Process(tmp_path / name, postgres_url))
        return made[-1]

    yield make
    for process in made:
        process.close()


@pytest.fixture
def client(tmp_path: Path, postgres_url: str) -> Iterator[Driver]:
    """A third place on the same database, which never is the engine."""
    installation = open_installation(tmp_path / "client", database_url=postgres_url)
    yield Driver(installation)
    installation.close()


def _work(client: Driver, gate: Path, *, steps: int = 2) -> UUID:
    return client.submit(WorkRequest("work", steps, str(gate)))


def _cut(url: str, executor: str) -> None:
    """End the connection that holds the lock."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT backend FROM engine.holder WHERE executor = %s", (executor,)).fetchone()
        assert row is not None
        connection.execute("SELECT pg_terminate_backend(%s)", row)


def test_the_second_process_is_refused_and_names_the_first(
    new_process: Callable[[str], Process], client: Driver, tmp_path: Path
) -> None:
    first = new_process("first")
    _word, executor = first.says("executor")
    second = new_process("second")

    assert second.says("busy") == ["busy", str(first.process.pid), executor]
    assert second.says("executor")[1] != executor
    assert first.said == ["engine", "executor"]

    gate = tmp_path / "gate"
    job_id = _work(client, gate)
    first.says("step")
    second.says_nothing_for(2)
    gate.touch()
    assert client.wait_for(job_id).state == "succeeded"
    assert first.says("step")
    second.says_nothing_for(0.5)
    assert not client.installation.become_engine("console")


def test_a_killed_engine_is_followed_by_the_process_that_waits_which_ends_its_job(
    new_process: Callable[[str], Process], client: Driver, tmp_path: Path
) -> None:
    first = new_process("first")
    first.says("executor")
    second = new_process("second")
    second.says("executor")
    gate = tmp_path / "gate"
    job_id = _work(client, gate)
    first.says("step")

    first.kill()
    second.says("engine")  # its step may be told of before
    gate.touch()

    assert client.wait_for(job_id).state == "succeeded"
    holder = client.installation.lock.living_holder()
    assert holder is not None
    assert holder.pid == second.process.pid


def test_an_engine_that_loses_its_lock_begins_no_step_until_it_has_it_again(
    new_process: Callable[[str], Process], client: Driver, tmp_path: Path, postgres_url: str
) -> None:
    first = new_process("first")
    _word, executor = first.says("executor")
    gate = tmp_path / "gate"
    job_id = _work(client, gate)
    first.says("step")

    with psycopg.connect(postgres_url, autocommit=True) as other:
        _cut(postgres_url, executor)
        other.execute("SELECT pg_advisory_lock(%s)", (0x6D61_0003,))  # somebody else was quicker
        first.says("lost")
        gate.touch()
        first.says_nothing_for(6)
    first.says("engine")
    assert client.wait_for(job_id).state == "succeeded"
    with client.installation.store.read(ENGINE_SCOPE) as session:
        assert session.scalar(choose(func.count(JobStep.number)).where(JobStep.state == "done")) == 2


def test_the_database_restarts_and_one_engine_carries_on(
    new_process: Callable[[str], Process], client: Driver, tmp_path: Path, postgres_cluster: Cluster
) -> None:
    first = new_process("first")
    first.says("executor")
    second = new_process("second")
    second.says("executor")
    gate = tmp_path / "gate"
    job_id = _work(client, gate)
    first.says("step")

    postgres_cluster.restart()
    first.says("lost")
    gate.touch()

    assert client.wait_for(job_id, seconds=PATIENCE_S).state == "succeeded"
    holder = client.installation.lock.living_holder()
    assert holder is not None
    assert holder.pid in (first.process.pid, second.process.pid)


def test_an_engine_that_ends_in_good_order_frees_the_database(
    new_process: Callable[[str], Process], client: Driver
) -> None:
    first = new_process("first")
    first.says("executor")
    first.close()

    assert client.installation.lock.living_holder() is None
    assert client.installation.lock.holder() is None
    assert client.installation.become_engine("console")


def test_who_is_the_engine_is_asked_before_there_is_a_database(client: Driver) -> None:
    installation: Installation = client.installation

    assert installation.lock.living_holder() is None
    assert installation.lock.holder() is None
