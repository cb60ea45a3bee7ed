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
FIRST_A_SECOND = 5


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
        self._wall = clock.now()
        self._looked_at: float | None = None
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
        self._wall = self._clock.now()
        while not self._ended.wait(TURN_S):
            try:
                self._turn_once(self._clock.monotonic_s())
            except Exception:
                log.exception("The probe wheel met a bug; it turns on")

    def _turn_once(self, now: float) -> None:
        passed_s = (self._clock.now() - self._wall).total_seconds()
        self._wall = self._clock.now()
        if abs(passed_s) > JUMP_S:
            self._plan_anew(passed_s)
        if self._looked_at is None or now - self._looked_at >= SUBJECTS_EVERY_S:
            self._looked_at = now
            self._learn_subjects(now)
        self._start_due(now)

    def _plan_anew(self, passed_s: float) -> None:
        """The machine slept or its clock was set: what was due meanwhile is lost, and the gap is written down."""
        log.info("The clock jumped by %.0f s; probes were planned anew", passed_s)
        self._looked_at = None
        with self._guard:
            self._due.clear()
        for probe in self._probes:
            probe.gap(passed_s)

    def _learn_subjects(self, now: float) -> None:
        """New subjects are spread by their own id: few over seconds, a thousand over minutes, and so they stay."""
        wanted: dict[tuple[str, UUID], float] = {}
        for probe in self._probes:
            subjects = self._subjects_of(probe)
            span_s = min(probe.every_s, max(SUBJECTS_EVERY_S, len(subjects) / FIRST_A_SECOND))
            for subject in subjects:
                wanted[(probe.name, subject)] = now + subject.int % 1000 / 1000 * span_s
        with self._guard:
            self._due = {key: self._due.get(key, first) for key, first in wanted.items()}

    def _subjects_of(self, probe: Probe) -> Sequence[UUID]:
        """Those it names; those known so far where it cannot say."""
        try:
            return probe.subjects()
        except MailyardError as error:
            log.warning("Probe %s cannot learn its subjects: %s", probe.name, error.title)
            with self._guard:
                return [subject for name, subject in self._due if name == probe.name]

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
