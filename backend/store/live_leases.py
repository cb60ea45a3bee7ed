"""Who looks at live samples: one row a watched server, beside the samples, where any engine finds it.

A lease is renewed by counting up, not by a moment: the clocks of two machines need not agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from backend.store.errors import store_error
from backend.store.metrics_schema import SERVERS, live_lease
from backend.store.scope import Scope, UnscopedQuery

if TYPE_CHECKING:
    from backend.store.database import Store

#: What the engine says of a lease: nothing yet, its samples are taken, or as many views run as may.
LeaseState = Literal["", "running", "full"]


@dataclass(frozen=True)
class ServerKey:
    """A server's whole key."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True)
class Lease:
    """``renewals`` counts how often somebody asked."""

    server: ServerKey
    renewals: int
    state: LeaseState


@dataclass(frozen=True)
class LiveState:
    """The newest live sample of a server in epoch seconds (0: none), and its lease's state."""

    newest: int
    state: LeaseState


class LiveLeases:
    """Reads and writes leases. Thread-safe; owned by bootstrap. Everything raises StoreError where the store fails."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine("metrics")

    def renew(self, scope: Scope, server: ServerKey) -> LeaseState:
        """Ask for live samples of this server; what the engine said so far."""
        _check(scope, server)
        counted = update(live_lease).where(*_of(server)).values(renewals=live_lease.c.renewals + 1)
        with self._writing() as connection:
            if not connection.execute(counted).rowcount:
                with suppress(IntegrityError), connection.begin_nested():  # another window may be first
                    connection.execute(live_lease.insert().values(_key(server) | {"renewals": 0, "state": ""}))
                connection.execute(counted)
            return self._state(connection, server)

    def look(self, scope: Scope, server: ServerKey) -> LiveState:
        """What somebody who looks at this server may have missed; costs two look-ups by key."""
        _check(scope, server)
        live = SERVERS.live
        newest = select(func.max(live.c.at)).where(live.c.tenant_id == server.tenant_id, live.c.subject_id == server.id)
        with self._reading() as connection:
            return LiveState(connection.scalar(newest) or 0, self._state(connection, server))

    def state(self, scope: Scope, server: ServerKey) -> LeaseState:
        """What the engine says of this server's lease; nothing where there is none."""
        _check(scope, server)
        with self._reading() as connection:
            return self._state(connection, server)

    def all(self) -> list[Lease]:
        """Every lease there is: the engine's question."""
        columns = (live_lease.c.tenant_id, live_lease.c.server_id, live_lease.c.renewals, live_lease.c.state)
        with self._reading() as connection:
            rows = connection.execute(select(*columns).order_by(live_lease.c.server_id)).all()
        return [Lease(ServerKey(tenant_id, server_id), count, state) for tenant_id, server_id, count, state in rows]

    def say(self, lease: Lease, state: LeaseState) -> None:
        """The engine's answer to whoever asks for it."""
        if lease.state != state:
            with self._writing() as connection:
                connection.execute(update(live_lease).where(*_of(lease.server)).values(state=state))

    def end(self, lease: Lease) -> None:
        """Remove it, unless it was renewed since it was read."""
        with self._writing() as connection:
            connection.execute(delete(live_lease).where(*_of(lease.server), live_lease.c.renewals == lease.renewals))

    def _state(self, connection: Connection, server: ServerKey) -> LeaseState:
        return cast("LeaseState", connection.scalar(select(live_lease.c.state).where(*_of(server))) or "")

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise store_error(error) or error from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._reading() as connection:
            connection.execution_options(immediate=True)
            with connection.begin():
                yield connection


def _check(scope: Scope, server: ServerKey) -> None:
    if not scope.covers(server.tenant_id):
        raise UnscopedQuery(f"server {server.id} is outside the scope")


def _key(server: ServerKey) -> dict[str, object]:
    return {"tenant_id": server.tenant_id, "server_id": server.id}


def _of(server: ServerKey) -> tuple[ColumnElement[bool], ...]:
    return live_lease.c.tenant_id == server.tenant_id, live_lease.c.server_id == server.id
