"""Which secrets of servers are needed: the SSH login key of each that is entered."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.core.present.text import N_
from backend.feature import NeededSecret
from backend.store.schema.fleet import Server
from backend.store.scope import ScopedSession

#: No provider gives a key back, and a server lets in nobody who could put in another one.
GONE = N_(
    "Nobody can give it back. {name} keeps running, and power, resize, snapshots and destroy still work, but Mailyard "
    "logs in to it again only with the old secret store."
)


def needed_secrets(session: ScopedSession) -> Iterator[NeededSecret]:
    """One of each server that is there and has one."""
    entered = select(Server).where(Server.gone_at.is_(None), Server.ssh_key_ref.is_not(None))
    for server in session.scalars(entered.order_by(Server.name)):
        if server.ssh_key_ref:
            yield NeededSecret(server.ssh_key_ref, N_("SSH login key"), server.name, GONE)
