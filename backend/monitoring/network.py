"""The probe of our own network: without it a silent server could be ours or theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.checks import INSTALLATION, Subject, Verdict
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.engine.threads import off_loop
from backend.engine.unobserved import unless_in_the_way
from backend.fleet.verdicts import record_verdict
from backend.monitoring.checks import OWN_NETWORK
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.monitoring.names import ProviderNames
    from backend.monitoring.reach import OwnNetwork
    from backend.store.database import Store

EVERY_S = 60.0
LIMIT_S = 30.0
#: A verdict that stands is written again when it is this old: readers believe one for twice as long.
AGE_WRITTEN = timedelta(seconds=150)


class WatchOwnNetwork:
    """A :class:`backend.engine.probes.NetworkProbe` with one subject: this machine."""

    name = OWN_NETWORK.key
    every_s = EVERY_S
    limit_s = LIMIT_S
    at_once = 1

    def __init__(self, store: Store, network: OwnNetwork, names: ProviderNames, clock: Clock) -> None:
        self._store = store
        self._network = network
        self._names = names
        self._clock = clock

    def subjects(self) -> Sequence[UUID]:
        return (AGENCY,)

    async def observe(self, subject: UUID) -> None:
        with unless_in_the_way(self.name):
            await off_loop(partial(self._write, subject, await self._look()))

    def doubt(self, subject: UUID) -> None:
        with unless_in_the_way(self.name):
            self._write(subject, Verdict("inconclusive", Message(N_("the check failed because of an internal error"))))

    def gap(self, _seconds: float) -> None:
        """Nothing is kept between observations."""

    async def _look(self) -> Verdict:
        if not await self._network.look():
            return Verdict("inconclusive", Message(N_("this computer's network is down or could not be verified")))
        if not await self._names.resolve():
            return Verdict("warning", Message(N_("names cannot be resolved")))
        return Verdict("ok")

    def _write(self, subject: UUID, verdict: Verdict) -> None:
        now = self._clock.now()
        with self._store.read(ENGINE_SCOPE) as session:
            row = session.scalars(select(Check).where(Check.check_key == OWN_NETWORK.key)).first()
            if row is not None and _stands(row, verdict, now):
                return
        with self._store.write(ENGINE_SCOPE) as session:
            record_verdict(session, Subject(INSTALLATION, AGENCY, subject), OWN_NETWORK, verdict, now)


def _stands(row: Check, verdict: Verdict, now: datetime) -> bool:
    """Whether nothing but a young age would be written."""
    return (row.verdict, row.reason) == (
        verdict.word,
        verdict.why,
    ) and timedelta() <= now - row.observed_at < AGE_WRITTEN
