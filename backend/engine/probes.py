"""Probes: each observes many subjects again and again, and none that waits keeps another waiting.

Network probes are coroutines on one event loop, each with places of its own; those that block (SSH) share a pool.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from uuid import UUID

from backend.core.errors import MailyardError
from backend.engine.beat import guarded
from backend.engine.due_times import DueTimes, Key, Lane, Pace
from backend.engine.threads import off_loop

if TYPE_CHECKING:
    from backend.core.clock import Clock

log = logging.getLogger(__name__)

AT_ONCE = 16
SILENT_AT_ONCE = AT_ONCE // 2
STORE_AT_ONCE = 4
TURN_S = 1.0
SUBJECTS_EVERY_S = 15.0
JUMP_S = 30.0
CLOSE_S = 5.0


@dataclass(frozen=True)
class Again:
    """The subject did not answer: observe it once more in ``in_s`` seconds. What the first try saw the probe keeps."""

    in_s: float


@dataclass(frozen=True)
class Silent:
    """The subject did not answer, and the probe wrote that down: those that answer go before it."""


#: What an observation answers: None when the subject answered, whatever it said.
Outcome = Again | Silent | None


class _Subjects(Protocol):
    """What all probes have: many subjects, each observed every ``every_s`` seconds."""

    name: str
    every_s: float

    def subjects(self) -> Sequence[UUID]: ...

    def doubt(self, subject: UUID) -> None:
        """``observe`` met a bug or its limit: write that nothing is known about the subject."""
        ...

    def gap(self, seconds: float) -> None:
        """Nothing was observed for ``seconds``: the machine slept or its clock was set."""
        ...


class BlockingProbe(_Subjects, Protocol):
    """``observe`` runs on a thread of the pool of sixteen; it must end by itself within its time-outs."""

    def observe(self, subject: UUID) -> Outcome:
        """Write the result; raise nothing that is expected."""
        ...


@runtime_checkable
class NetworkProbe(_Subjects, Protocol):
    """``observe`` runs on the event loop, ``at_once`` of them, each cancelled after ``limit_s`` seconds.

    It must not block: what reads or writes the store goes through :func:`backend.engine.threads.off_loop`.
    """

    limit_s: float
    at_once: int

    async def observe(self, subject: UUID) -> Outcome:
        """Write the result; raise nothing that is expected."""
        ...


Probe = BlockingProbe | NetworkProbe


class ProbeScheduler:
    """One thread whose event loop plans and observes, sixteen for probes that block. Owned by the engine."""

    def __init__(self, probes: Sequence[Probe], clock: Clock) -> None:
        self._probes = {probe.name: probe for probe in probes}
        self._clock = clock
        blocking = Lane(AT_ONCE, SILENT_AT_ONCE)
        self._due = DueTimes({probe.name: _pace(probe, blocking) for probe in probes})
        self._wall = clock.now()
        self._learnt_at: float | None = None
        self._learning: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._blocking: set[Future[Outcome]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._poked = asyncio.Event()
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe")
        self._thread = threading.Thread(target=self._work, name="probe-scheduler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Start nothing more; results of probes that end within a moment are kept, no other is waited for."""
        self._ended.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop was just closed by its own thread
                self._loop.call_soon_threadsafe(self._poked.set)
        if self._thread.is_alive():
            self._thread.join(timeout=2 * CLOSE_S)
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not wait(self._blocking.copy(), timeout=CLOSE_S).not_done:
            self._pool.shutdown(wait=True)

    def _work(self) -> None:
        """The thread: an event loop of its own, whose store work has a small pool of its own."""
        loop = asyncio.new_event_loop()
        loop.set_default_executor(ThreadPoolExecutor(STORE_AT_ONCE, thread_name_prefix="probe-store"))
        self._loop = loop
        try:
            loop.run_until_complete(self._run())
        finally:
            self._loop = None
            loop.close()

    async def _run(self) -> None:
        self._wall = self._clock.now()
        while not self._ended.is_set():
            self._poked.clear()
            pause_s = guarded(self._turn, "probe scheduler", otherwise=TURN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._poked.wait()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    def _turn(self) -> float:
        """Begin what is due; how many seconds nothing will be."""
        now = self._clock.monotonic_s()
        self._notice_jump(now)
        if self._learnt_at is None or now - self._learnt_at >= SUBJECTS_EVERY_S:
            self._learnt_at = now
            for name in self._probes.keys() - self._learning:
                self._spawn(self._learn(name))
        for key in self._due.begin(now):
            self._spawn(self._observe(key))
        next_at = self._due.next_at()
        return TURN_S if next_at is None else min(max(next_at - now, 0.0), TURN_S)

    def _notice_jump(self, now: float) -> None:
        """The machine slept or its clock was set: what was due meanwhile is lost, and the gap is written down."""
        passed_s = (self._clock.now() - self._wall).total_seconds()
        self._wall = self._clock.now()
        if abs(passed_s) <= JUMP_S:
            return
        log.info("The clock jumped by %.0f s; probes were planned anew", passed_s)
        self._learnt_at = None
        self._due.plan_anew(now)
        for probe in self._probes.values():
            guarded(partial(probe.gap, passed_s), f"gap of probe {probe.name}", otherwise=None)

    async def _learn(self, name: str) -> None:
        """Those it names; those known so far where it cannot say."""
        self._learning.add(name)
        try:
            subjects = await off_loop(self._probes[name].subjects)
        except MailyardError as error:
            log.warning("Probe %s cannot learn its subjects: %s", name, error.title)
        else:
            self._due.learn(name, subjects, self._clock.monotonic_s())
        finally:
            self._learning.discard(name)

    async def _observe(self, key: Key) -> None:
        """One observation, and when the next is due. Only a closing scheduler cancels it."""
        probe = self._probes[key[0]]
        (found,) = await asyncio.gather(self._outcome(probe, key[1]), return_exceptions=True)
        if isinstance(found, BaseException):
            log.error("Probe %s met a bug", probe.name, exc_info=found)
            await off_loop(partial(guarded, partial(probe.doubt, key[1]), f"doubt of {probe.name}", otherwise=None))
            found = Silent() if isinstance(found, TimeoutError) else None
        again_in_s = found.in_s if isinstance(found, Again) else None
        self._due.end(key, self._clock.monotonic_s(), again_in_s=again_in_s, is_silent=found is not None)

    async def _outcome(self, probe: Probe, subject: UUID) -> Outcome:
        if isinstance(probe, NetworkProbe):
            async with asyncio.timeout(probe.limit_s):
                return await probe.observe(subject)
        future = self._pool.submit(probe.observe, subject)
        self._blocking.add(future)
        future.add_done_callback(self._blocking.discard)
        return await asyncio.wrap_future(future)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._poked.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("The probe scheduler met a bug; it goes on", exc_info=error)


def _pace(probe: Probe, blocking: Lane) -> Pace:
    own = Lane(probe.at_once, probe.at_once) if isinstance(probe, NetworkProbe) else blocking
    return Pace(probe.every_s, own)
