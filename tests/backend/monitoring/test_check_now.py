"""*Check now*: every server is sampled at once, and how many were silent is said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from backend.core.errors import Cancelled
from backend.engine.jobs import Done
from backend.monitoring.check_now import CheckServersJob, checked_words
from backend.monitoring.requests import CheckServers
from tests.installation import until


class Sample:
    """Answers for each server as told, and counts who looked at once."""

    def __init__(self, silent: set[UUID]) -> None:
        self.silent = silent
        self.seen: list[UUID] = []
        self._lock = threading.Lock()

    def check(self, subject: UUID, stop: Callable[[], bool]) -> bool:
        with self._lock:
            self.seen.append(subject)
        return subject not in self.silent


class Context:
    """What the step asks of its run."""

    def __init__(self, servers: tuple[UUID, ...]) -> None:
        self.job = type("Job", (), {"request": CheckServers(servers)})()
        self.counted: list[tuple[int, int]] = []
        self.cancelled = threading.Event()

    def count(self, done: int, of: int) -> None:
        self.counted.append((done, of))

    def is_cancelled(self) -> bool:
        return self.cancelled.is_set()

    def stop_if_cancelled(self) -> None:
        if self.is_cancelled():
            raise Cancelled("The job was cancelled.")


@pytest.mark.parametrize(
    ("count", "silent", "said"), [(24, 1, "24 checked, 1 silent"), (3, 0, "3 checked"), (0, 0, "0 checked")]
)
def test_who_answered_and_who_was_silent_is_counted(count: int, silent: int, said: str) -> None:
    servers = tuple(uuid4() for _each in range(count))
    sample, ctx = Sample(set(servers[:silent])), Context(servers)
    job = CheckServersJob(sample)  # type: ignore[arg-type]
    (step,) = job.steps(CheckServers(servers))

    done = step.run(ctx)  # type: ignore[arg-type]

    assert isinstance(done, Done)
    assert done.note == said == checked_words(count, silent)
    assert sorted(sample.seen, key=str) == sorted(servers, key=str)
    assert ctx.counted == [(number, count) for number in range(1, count + 1)]


class Silent(Sample):
    """Waits for each server until it is told to stop, as for one that hangs."""

    def check(self, subject: UUID, stop: Callable[[], bool]) -> bool:
        super().check(subject, stop)
        until(stop, "the word to stop")
        raise Cancelled("The job was cancelled.")


def test_a_cancelled_job_waits_for_no_server() -> None:
    servers = tuple(uuid4() for _each in range(3))
    sample, ctx = Silent(set()), Context(servers)
    (step,) = CheckServersJob(sample).steps(CheckServers(servers))  # type: ignore[arg-type]
    ended: list[BaseException] = []

    def run() -> None:
        try:
            step.run(ctx)  # type: ignore[arg-type]
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: len(sample.seen) == len(servers), "all to be looked at")
    ctx.cancelled.set()

    thread.join(30.0)
    assert len(ended) == 1
