"""The probe wheel: starts what is due on a bounded pool; a lost probe is simply the next one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from backend.core.errors import MailyardError

if TYPE_CHECKING:
    from backend.core.clock import Clock

log = logging.getLogger(__name__)

AT_ONCE = 16
TURN_S = 0.5
SUBJECTS_EVERY_S = 15.0
JUMP_S = 30.0


class Probe(Protocol):
    """Observes many subjects, each every ``every_s`` seconds.

    ``observe`` writes its own result and raises nothing it expects; it must end by itself within its time-outs.
    """

    name: str
    every_s: float

    def subjects(self) -> Sequence[UUID]: ...

    def observe(self, subject: UUID) -> None: ...

    def gap(self, seconds: float) -> None:
        """Nothing was observed for ``seconds``: the machine slept or its clock was set."""
        ...


class ProbeWheel:
    """One thread that turns, sixteen that probe. Started and closed by the engine."""

    def __init__(self, probes: Sequence[Probe], clock: Clock) -> None:
        self._probes = probes
        self._clock = clock
        self._due: dict[tuple[str, UUID], float] = {}
        self._busy: set[tuple[str, UUID]] = set()
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="probe")
        self._thread = threading.Thread(target=self._turn, name="probe-wheel", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Start nothing more; probes under way end by their own time-outs and their results are kept."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _turn(self) -> None:
        looked_at = -SUBJECTS_EVERY_S
        wall = self._clock.now()
        while not self._ended.wait(TURN_S):
            now = self._clock.monotonic_s()
            self._watch_for_jump((self._clock.now() - wall).total_seconds())
            wall = self._clock.now()
            if now - looked_at >= SUBJECTS_EVERY_S:
                looked_at = now
                self._learn_subjects(now)
            self._start_due(now)

    def _watch_for_jump(self, passed_s: float) -> None:
        if abs(passed_s) > JUMP_S:
            log.info("The clock jumped by %.0f s; probes were planned anew", passed_s)
            for probe in self._probes:
                probe.gap(passed_s)

    def _learn_subjects(self, now: float) -> None:
        """New subjects are spread over their period by their own id, so that a thousand never start at once."""
        wanted: dict[tuple[str, UUID], float] = {}
        for probe in self._probes:
            try:
                subjects = probe.subjects()
            except MailyardError as error:
                log.warning("Probe %s cannot learn its subjects: %s", probe.name, error.title)
                return
            for subject in subjects:
                first = now + subject.int % 1000 / 1000 * min(probe.every_s, SUBJECTS_EVERY_S)
                wanted[(probe.name, subject)] = first
        with self._guard:
            self._due = {key: self._due.get(key, first) for key, first in wanted.items()}

    def _start_due(self, now: float) -> None:
        by_name = {probe.name: probe for probe in self._probes}
        with self._guard:
            due = [key for key, at in self._due.items() if at <= now and key not in self._busy]
            for key in due:
                self._due[key] = now + by_name[key[0]].every_s
                self._busy.add(key)
        for key in due:
            self._pool.submit(self._run, by_name[key[0]], key)

    def _run(self, probe: Probe, key: tuple[str, UUID]) -> None:
        try:
            probe.observe(key[1])
        except Exception:
            log.exception("Probe %s met a bug", probe.name)
        finally:
            with self._guard:
                self._busy.discard(key)
