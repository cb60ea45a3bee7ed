"""The sample of every server each five minutes, and what it says about the server's health."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.errors import HostUnreachable, MailyardError
from backend.core.present.text import _
from backend.core.ssh import sampler
from backend.monitoring.health import SPAN_S, Health, health_of
from backend.store.metrics import MetricStore, Series, ServerKey
from backend.store.schema.fleet import Server
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.fleet.servers import ServerAccess
    from backend.monitoring.reach import OwnNetwork
    from backend.store.database import Store

log = logging.getLogger(__name__)

EVERY_S = 300.0
SECOND_TRY_S = 20.0


class SampleServers:
    """A :class:`backend.engine.wheel.Probe`: one SSH connection a server and turn."""

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
        self._ended = threading.Event()

    def start(self) -> None:
        """Nothing runs before the wheel turns."""

    def close(self) -> None:
        """No second try is waited for any more."""
        self._ended.set()

    def subjects(self) -> Sequence[UUID]:
        statement = select(Server.id).where(
            Server.life == "active", Server.host_key.is_not(None), Server.gone_at.is_(None), Server.power != "off"
        )
        with self._store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(statement))

    def observe(self, subject: UUID) -> None:
        try:
            health = self._sample(subject)
        except HostUnreachable:
            health = self._second_try(subject)
        except MailyardError as error:
            health = Health("inconclusive", error.title)
        self._write(subject, health)

    def gap(self, _seconds: float) -> None:
        self._before.clear()

    def _second_try(self, subject: UUID) -> Health:
        """Down needs two failed tries 20 s apart and our own network proven up."""
        if self._ended.wait(SECOND_TRY_S):
            return Health("inconclusive", _("the program was closed before the second try"))
        try:
            return self._sample(subject)
        except HostUnreachable as error:
            if self._network.is_up():
                return Health("critical", error.title)
            return Health("inconclusive", _("our own network is down or cannot be proven up"))
        except MailyardError as error:
            return Health("inconclusive", error.title)

    def _sample(self, subject: UUID) -> Health:
        """:raises MailyardError: nothing was observed."""
        with self._servers.session(subject) as ssh:
            reading = sampler.read(ssh.check(sampler.COMMAND, timeout_s=20))
        values = sampler.sample(reading, self._before.get(subject))
        self._before[subject] = reading
        now = int(self._clock.now().timestamp())
        key = ServerKey(AGENCY, subject)
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

    def _write(self, subject: UUID, health: Health) -> None:
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, subject))
            if server is None:
                return
            server.health, server.health_note = health.verdict, health.why
            if health.verdict != "inconclusive" and health.why != "":
                log.info("%s: %s", server.name, health.why)
            statement = select(Check).where(Check.subject_id == subject, Check.kind == self.name)
            row = session.scalars(statement).first()
            if row is None:
                row = Check(tenant_id=AGENCY, id=uuid4(), subject_id=subject, kind=self.name, since=now, verdict="")
                session.add(row)
            if row.verdict != health.verdict:
                row.since = now
            row.verdict, row.why, row.observed_at = health.verdict, health.why, now


def _seen(series: Series, row: int) -> dict[str, float]:
    """The metrics of one moment that were observed."""
    values = {name: float(column[row]) for name, column in series.values.items()}
    return {name: value for name, value in values.items() if not isnan(value)}
