"""The sample of every server each five minutes, and what it says about the server's health."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from math import isnan
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.checks import Verdict
from backend.core.errors import Cancelled, HostUnreachable, MailyardError, StoreError
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.core.ssh import sampler
from backend.engine.probes import Again, Outcome, Silent
from backend.engine.unobserved import unless_in_the_way
from backend.fleet.checks import SERVER_SAMPLE, server_subject
from backend.fleet.metrics import server_series
from backend.fleet.verdicts import record_verdict
from backend.monitoring.health import SPAN_S, health_of
from backend.store.metrics import MetricStore, Series
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.fleet.servers import ServerAccess
    from backend.monitoring.reach import OwnNetwork
    from backend.store.database import Store

log = logging.getLogger(__name__)

EVERY_S = 300.0
SECOND_TRY_S = 20.0
TRIES_COUNT_S = 2 * EVERY_S  # a failed try further back is another silence
SAMPLE_S = 20.0
BETWEEN_S = 1.0


class SampleServers:
    """A :class:`backend.engine.probes.BlockingProbe`: one SSH connection a server and turn."""

    name = "sample"
    every_s = EVERY_S

    def __init__(
        self, store: Store, metrics: MetricStore, servers: ServerAccess, network: OwnNetwork, *, clock: Clock
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._servers = servers
        self._network = network
        self._clock = clock
        self._before: dict[UUID, sampler.Reading] = {}
        self._unanswered: dict[UUID, float] = {}
        self._ended = threading.Event()

    def start(self) -> None:
        """Nothing runs before the probe scheduler starts."""

    def close(self) -> None:
        """Those that wait for a server wait no longer."""
        self._ended.set()

    def subjects(self) -> Sequence[UUID]:
        statement = select(Server.id).where(
            Server.life == "active", Server.host_key.is_not(None), Server.gone_at.is_(None), Server.power != "off"
        )
        with self._store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(statement))

    def observe(self, subject: UUID) -> Outcome:
        with unless_in_the_way(self.name):
            return self._look(subject)
        return None

    def check(self, subject: UUID, stop: Callable[[], bool]) -> bool:
        """Sample a server because a person asked; whether it answered. One that does not is not called down by that:
        the probe's own two tries are. The first of two readings a second apart makes its rates whole.

        ``stop`` is asked meanwhile: nothing waits for a server any longer once it says so.

        :raises StoreError: the store, not the server, is in the way; as does Cancelled, that it was stopped.
        """
        try:
            health = self._known(subject, stop, twice=True)
        except HostUnreachable:
            return False
        self._write(subject, health)
        return True

    def doubt(self, subject: UUID) -> None:
        with unless_in_the_way(self.name):
            self._write(subject, Verdict("inconclusive", Message(N_("the check failed because of an internal error"))))

    def gap(self, _seconds: float) -> None:
        self._before.clear()
        self._unanswered.clear()

    def _look(self, subject: UUID) -> Outcome:
        """Down needs two failed tries 20 s apart and our own network proven up; who is down stays so with each more."""
        try:
            health = self._known(subject, self._ended.is_set)
        except HostUnreachable as error:
            return self._not_reached(subject, error)
        self._unanswered.pop(subject, None)
        self._write(subject, health)
        return None

    def _not_reached(self, subject: UUID, error: HostUnreachable) -> Outcome:
        now = self._clock.monotonic_s()
        is_second = now - self._unanswered.get(subject, -TRIES_COUNT_S) < TRIES_COUNT_S
        self._unanswered[subject] = now
        if not is_second:
            return Again(SECOND_TRY_S)
        if self._network.is_up():
            self._write(subject, Verdict("critical", Message.said(error.title)))
        else:
            del self._unanswered[subject]  # it says nothing about the server: two more tries are needed
            self._write(
                subject,
                Verdict("inconclusive", Message(N_("this computer's network is down or could not be verified"))),
            )
        return Silent()

    def _known(self, subject: UUID, stop: Callable[[], bool], *, twice: bool = False) -> Verdict:
        """What the server's figures say, or why there are none.

        :raises HostUnreachable: it does not answer.
        :raises StoreError: the store, not the server, is in the way; as does Cancelled, that it was stopped.
        """
        try:
            return self._sample(subject, stop, twice=twice)
        except (HostUnreachable, StoreError, Cancelled):
            raise
        except MailyardError as error:
            return Verdict("inconclusive", Message.said(error.title))

    def _sample(self, subject: UUID, stop: Callable[[], bool], *, twice: bool) -> Verdict:
        """:raises MailyardError: nothing was observed."""
        with self._servers.session(subject, stop=stop) as ssh:
            reading = sampler.read(ssh.check(sampler.COMMAND, timeout_s=SAMPLE_S))
            if twice:
                self._before[subject] = reading
                self._ended.wait(BETWEEN_S)
                reading = sampler.read(ssh.check(sampler.COMMAND, timeout_s=SAMPLE_S))
        values = sampler.sample(reading, self._before.get(subject))
        self._before[subject] = reading
        now = int(self._clock.now().timestamp())
        key = server_series(subject)
        self._metrics.add(ENGINE_SCOPE, key, now, values)
        self._note_sampled(subject)
        series = self._metrics.raw(ENGINE_SCOPE, key, now - 2 * SPAN_S, now + 1)
        samples = [(int(at), _seen(series, row)) for row, at in enumerate(series.times)]
        return health_of(samples, now)

    def _note_sampled(self, subject: UUID) -> None:
        """Only what was observed makes the figures young again."""
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, subject))
            if server is not None:
                server.sampled_at = self._clock.now()

    def _write(self, subject: UUID, health: Verdict) -> None:
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, subject))
            if server is None:
                return
            if health.is_known and health.why.msgid:
                log.info("%s: %s", server.name, health.why.text())
            record_verdict(session, server_subject(subject), SERVER_SAMPLE, health, now)


def _seen(series: Series, row: int) -> dict[str, float]:
    """The metrics of one moment that were observed."""
    values = {name: float(column[row]) for name, column in series.values.items()}
    return {name: value for name, value in values.items() if not isnan(value)}
