"""What was observed of the demo's servers so far: ninety whole days, and today up to now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.demo.fleet.members import DAYS, Member, members
from backend.demo.fleet.rhythm import Rhythm, seed_of
from backend.store.metrics import DAY, ServerKey
from backend.store.past import write_past
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.demo.fleet.ground import Ground

EVERY_S = 300
#: This computer was off, or its network was: nobody knows what happened then. From this long after the beginning.
UNOBSERVED_FROM, UNOBSERVED_FOR = timedelta(days=58, hours=19), timedelta(hours=7)


def observe_today(ground: Ground, servers: Mapping[UUID, Member], since: datetime, now: datetime) -> None:
    """From midnight on, as it lies while the day lasts: what the first page shows is there with its rows."""
    import numpy as np

    end = int(now.timestamp()) // EVERY_S * EVERY_S
    today = np.arange(end - end % DAY, end + 1, EVERY_S)
    batch = []
    for server_id, member in servers.items():
        seen, key = rhythm_of(member, since).at(today.astype(float)), ServerKey(AGENCY, server_id)
        batch += [
            (key, int(at), {name: float(column[row]) for name, column in seen.items()})
            for row, at in enumerate(today)
            if at <= end - member.silent_for_s
        ]
    ground.metrics.add_many(ENGINE_SCOPE, batch)


def observe_past(ground: Ground) -> None:
    """The ninety whole days before, from the same rhythms that the hosts go on with; what nobody saw is a gap.

    Goes on where it was cut off: a server that has its first day has them all.
    """
    import numpy as np

    known = {member.name: member for member in members()}
    with ground.store.read(ENGINE_SCOPE) as session:
        rows = session.scalars(select(Server).where(Server.gone_at.is_(None), Server.name.in_(known)))
        servers = {row.id: (known[row.name], row.created_at) for row in rows}
    now = ground.clock.now()
    for server_id, (member, since) in servers.items():
        if now - since < timedelta(days=DAYS - 1):
            continue  # another one of that name, made since
        key, begin = ServerKey(AGENCY, server_id), int(since.timestamp()) // DAY * DAY
        if len(ground.metrics.raw(ENGINE_SCOPE, key, begin, begin + DAY).times):
            continue
        times = np.arange(begin, begin + DAYS * DAY, EVERY_S)
        unseen = (since + UNOBSERVED_FROM).timestamp()
        gap = (times >= unseen) & (times < unseen + UNOBSERVED_FOR.total_seconds())
        seen = rhythm_of(member, since).at(times.astype(float))
        values = {name: np.where(gap, np.nan, column) for name, column in seen.items()}
        write_past(ground.store, ENGINE_SCOPE, key, times, values, every_s=EVERY_S, spans=(DAY,))


def rhythm_of(member: Member, since: datetime) -> Rhythm:
    """That of the member's host."""
    return Rhythm(seed_of(member.name), **{"since": since.timestamp(), **member.habits})
