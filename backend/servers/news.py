"""What happened to servers while nobody looked: lines of their timelines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from backend.attention import MOST_NEWS, Asked, NewsRow, Told
from backend.store.schema.fleet import Server, ServerEvent


def news(asked: Asked, since: datetime) -> Told:
    """The newest lines of the servers in the scope."""
    with asked.source.store.read(asked.scope) as session:
        names = dict(session.execute(select(Server.id, Server.name)).tuples().all())
        recent = ServerEvent.at > since
        events = session.scalars(select(ServerEvent).where(recent).order_by(ServerEvent.at.desc()).limit(MOST_NEWS))
        told = [NewsRow(row.at, names.get(row.server_id, ""), row.text, None) for row in events]
        count = session.scalar(select(func.count()).select_from(ServerEvent).where(recent)) or 0
    return Told(told, count)
