"""What a job costs, and an engine that has nothing to do: ``python -m benchmarks.jobs [JOBS]``.

A fresh data folder, the engine as the product builds it. Jobs of twelve empty steps, one after the other: the commits
that wrote something in any of the files, the time from the request to the end, and to the first step. Then the whole
installation with its feed, scheduler and probes, left alone: commits, statements and the share of a core.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from backend.engine.context import StepContext
    from backend.store.database import Store
    from tests.backend.engine.bench import Play

JOBS, STEPS, IDLE_S, SETTLE_S = 30, 12, 20.0, 5.0
STARTED_S = 15.0  # the first looks of the own network and of the schedule are over: they are the start's
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Meter:
    """Counts what the engines of a store do: all statements, and the commits of transactions that wrote."""

    def __init__(self, store: Store) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        for part in store.address.urls:
            engine = store.engine(part)
            event.listen(engine, "before_cursor_execute", self._statement)
            event.listen(engine, "commit", self._commit)
            event.listen(engine, "rollback", self._rollback)

    def taken(self) -> Counter[str]:
        """The counts since the last call."""
        with self._lock:
            counts, self.counts = self.counts, Counter()
        return counts

    def _statement(self, connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        with self._lock:
            self.counts["statements"] += 1
        if statement.lstrip().upper().startswith(WRITES):
            connection.info["wrote"] = True

    def _commit(self, connection: Connection) -> None:
        if connection.info.pop("wrote", False):
            with self._lock:
                self.counts["writing commits"] += 1

    def _rollback(self, connection: Connection) -> None:
        connection.info.pop("wrote", None)


def main(jobs: int) -> None:
    with ExitStack() as stack:
        _busy(Path(stack.enter_context(tempfile.TemporaryDirectory())), jobs)
        _idle(Path(stack.enter_context(tempfile.TemporaryDirectory())))


def _busy(folder: Path, jobs: int) -> None:
    from backend.core.clock import SystemClock
    from backend.core.paths import DataFolder
    from backend.engine.engine import Engine
    from backend.engine.intents import IntentJournal
    from backend.engine.jobs import JobKinds
    from backend.engine.requests import RequestEnvelope, write_request
    from backend.store.database import Store, StoreAddress
    from backend.store.migrate import migrate
    from backend.store.scope import AGENCY, ENGINE_SCOPE
    from tests.backend.engine.bench import AUTHOR, Play, PlayRequest

    files = DataFolder(folder)
    files.prepare()
    store, clock, play = Store(StoreAddress.in_folder(files)), SystemClock(), Play()
    migrate(store, files, clock.now())
    engine = Engine(store, clock, JobKinds([play]), journal=IntentJournal(store, clock))
    seen = _write_play(play)
    engine.start()
    meter = Meter(store)
    time.sleep(SETTLE_S)  # the start's own work is not the jobs'
    rows = []
    for number in range(jobs):
        meter.taken()
        began = time.monotonic()
        request = RequestEnvelope(AGENCY, PlayRequest("twelve"), AUTHOR)
        with store.write(ENGINE_SCOPE) as session:
            write_request(session, request, clock.now())
        _until_ended(store, request.id)
        ended = time.monotonic()
        time.sleep(0.7 + 0.037 * (number % 7))  # what is written after the end counts too, in step with no timer
        rows.append((meter.taken()["writing commits"], ended - began, seen[-1] - began))
    engine.close()
    store.close()
    commits, whole, begun = zip(*rows, strict=True)
    print(f"{jobs} jobs of {STEPS} empty steps: {_figures(commits, 1)} writing commits, all files")
    print(f"request to end: {_figures(whole, 1000)} ms; request to first step: {_figures(begun, 1000)} ms")


def _write_play(play: Play) -> list[float]:
    """Twelve steps of which the first one notes when it began; those moments."""
    from tests.backend.engine.bench import step

    seen: list[float] = []

    def note(_ctx: StepContext) -> None:
        seen.append(time.monotonic())

    play.plays["twelve"] = [step("first", note), *(step(f"empty {number}") for number in range(STEPS - 1))]
    return seen


def _until_ended(store: Store, job_id: object) -> None:
    from backend.engine.jobs import ENDED
    from backend.store.schema.operations import Job
    from backend.store.scope import AGENCY, ENGINE_SCOPE

    while True:
        with store.read(ENGINE_SCOPE) as session:
            job = session.get(Job, (AGENCY, job_id))
        if job is not None and job.state in ENDED:
            return
        time.sleep(0.01)


def _idle(folder: Path) -> None:
    from tests.installation import open_installation

    installation = open_installation(folder)
    assert installation.become_engine("benchmark")
    installation.watcher.start()
    time.sleep(STARTED_S)
    meter, spent, began = Meter(installation.store), time.process_time(), time.monotonic()
    time.sleep(IDLE_S)
    share, passed = time.process_time() - spent, time.monotonic() - began
    counts = meter.taken()
    installation.close()
    print(f"idle for {passed:.0f} s: {counts['writing commits']} writing commits, ", end="")
    print(f"{counts['statements'] / passed:.1f} statements a second, {share / passed:.2%} of a core")


def _figures(values: tuple[float, ...], factor: float) -> str:
    middle = statistics.median(values) * factor
    return f"{middle:.0f} ({min(values) * factor:.0f}-{max(values) * factor:.0f})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else JOBS)
