"""Maintenance ends by itself: a probe of the servers that are in it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.present.text import _
from backend.fleet.history import note_event
from backend.store.audit import record
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.store.database import Store

log = logging.getLogger(__name__)

EVERY_S = 15.0
BY_ITSELF = "engine"


class EndMaintenance:
    """A :class:`backend.engine.probes.BlockingProbe`: reads, and writes where the end has come."""

    name = "maintenance"
    every_s = EVERY_S

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def subjects(self) -> Sequence[UUID]:
        with self._store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(Server.id).where(Server.maintenance_until.is_not(None))))

    def observe(self, subject: UUID) -> None:
        if self._is_over(subject):
            self._end(subject)

    def doubt(self, subject: UUID) -> None:
        log.warning("Whether the maintenance of %s is over could not be found out", subject)

    def gap(self, _seconds: float) -> None:
        """The end is a time of day: however long nobody looked, it is compared with now."""

    def _is_over(self, subject: UUID) -> bool:
        with self._store.read(ENGINE_SCOPE) as session:
            until = session.scalars(select(Server.maintenance_until).where(Server.id == subject)).first()
        return until is not None and until <= self._clock.now()

    def _end(self, subject: UUID) -> None:
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, subject))
            if server is None or server.maintenance_until is None or server.maintenance_until > now:
                return
            server.maintenance_until = None
            note_event(session, server.id, now, "maintenance", _("Maintenance ended"))
            record(session, at=now, actor=BY_ITSELF, action="server.maintenance.end", subject=server.name)
