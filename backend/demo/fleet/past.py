"""What was observed of the demo's servers so far: ninety whole days, and today up to now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from backend.demo.fleet.members import DAYS, Member
from backend.demo.fleet.rhythm import Rhythm, seed_of
from backend.store.metrics import DAY, ServerKey
from backend.store.past import write_past
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.demo.fleet.ground import Ground

EVERY_S = 300
#: This computer was off, or its network was: nobody knows what happened then.
UNOBSERVED = timedelta(days=31, hours=5), timedelta(hours=7)


def observe_past(ground: Ground, servers: Mapping[UUID, Member], now: datetime) -> None:
    """From the same rhythms that the hosts go on with; what nobody saw is a gap."""
    import numpy as np

    end = int(now.timestamp()) // EVERY_S * EVERY_S
    midnight = end - end % DAY
    times = np.arange(midnight - DAYS * DAY, midnight, EVERY_S)
    unseen = now - UNOBSERVED[0]
    gap = (times >= unseen.timestamp()) & (times < (unseen + UNOBSERVED[1]).timestamp())
    since = now.replace(hour=8, minute=15, second=0, microsecond=0) - timedelta(days=DAYS)
    today = np.arange(midnight, end + 1, EVERY_S)
    batch = []
    for server_id, member in servers.items():
        rhythm, key = rhythm_of(member, since), ServerKey(AGENCY, server_id)
        values = {name: np.where(gap, np.nan, column) for name, column in rhythm.at(times.astype(float)).items()}
        write_past(ground.store, ENGINE_SCOPE, key, times, values, every_s=EVERY_S, spans=(DAY,))
        fresh = rhythm.at(today.astype(float))
        batch += [
            (key, int(at), {name: float(column[row]) for name, column in fresh.items()})
            for row, at in enumerate(today)
            if at <= end - member.silent_for_s
        ]
    ground.metrics.add_many(ENGINE_SCOPE, batch)


def rhythm_of(member: Member, since: datetime) -> Rhythm:
    """That of the member's host."""
    return Rhythm(seed_of(member.name), **{"since": since.timestamp(), **member.habits})
