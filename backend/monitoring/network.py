"""The probe of our own network: without it a silent server could be ours or theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.core.present.text import _
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.monitoring.reach import OwnNetwork
    from backend.store.database import Store

NETWORK_CHECK = "own_network"
EVERY_S = 60.0


class WatchOwnNetwork:
    """A :class:`backend.engine.wheel.Probe` with one subject: this machine."""

    name = NETWORK_CHECK
    every_s = EVERY_S

    def __init__(self, store: Store, network: OwnNetwork, clock: Clock) -> None:
        self._store = store
        self._network = network
        self._clock = clock

    def subjects(self) -> Sequence[UUID]:
        return (AGENCY,)

    def observe(self, subject: UUID) -> None:
        is_up = self._network.is_up()
        verdict, now = "ok" if is_up else "inconclusive", self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.scalars(select(Check).where(Check.kind == NETWORK_CHECK)).first()
            if row is None:
                row = Check(tenant_id=AGENCY, id=uuid4(), subject_id=subject, kind=NETWORK_CHECK, since=now, verdict="")
                session.add(row)
            if row.verdict != verdict:
                row.since = now
            row.verdict, row.observed_at = verdict, now
            row.why = "" if is_up else _("our own network is down or cannot be proven up")

    def gap(self, _seconds: float) -> None:
        """Nothing is kept between observations."""
