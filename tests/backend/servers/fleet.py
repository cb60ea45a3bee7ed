"""Servers in a store, as many as a test wants, and how they are read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from backend.bootstrap import Installation
from backend.fleet.metrics import server_series
from backend.store.query import Source
from backend.store.schema.fleet import Account, Address, Server, ServerEvent, ServerUse, Workspace
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope

CLIENT = UUID("00000000-0000-4000-8000-0000000000c1")
AGENCY_SCOPE, CLIENT_SCOPE, ALL = Scope.of(AGENCY), Scope.of(CLIENT), Scope.of(AGENCY, CLIENT)


def fill(installation: Installation, many: int, *, samples: int = 3) -> None:
    """Servers with ids from 1 on, addresses, timeline and a few samples; the client uses the first ten."""
    now, account = installation.clock.now(), uuid4()
    ids = [UUID(int=number + 1) for number in range(many)]
    with installation.store.write(ENGINE_SCOPE) as session:
        session.add(Workspace(tenant_id=CLIENT, name="Client", kind="client", created_at=now))
        common = {"provider": "digitalocean", "secret_ref": "x", "state": "verified", "created_at": now}
        session.add(Account(tenant_id=AGENCY, id=account, name="Main", **common))
        session.flush()
        for number, server_id in enumerate(ids):
            name, plan = f"mx{number:04}.example.net", "s-1vcpu-1gb"
            server: dict[str, Any] = {"region": "fra1", "plan": plan, "life": "active", "created_at": now}
            session.add(Server(tenant_id=AGENCY, id=server_id, account_id=account, name=name, **server))
        session.flush()
        for server_id in ids:
            of: dict[str, Any] = {"tenant_id": AGENCY, "server_id": server_id}
            session.add(Address(id=uuid4(), ip="203.0.113.1", family=4, kind="public", since=now, **of))
            session.add(ServerEvent(id=uuid4(), at=now, kind="ready", text="ready", **of))
        for server_id in ids[:10]:
            use = {"server_tenant_id": AGENCY, "server_id": server_id, "since": now - timedelta(days=1)}
            session.add(ServerUse(tenant_id=CLIENT, id=uuid4(), **use))
    at = int(now.timestamp())
    values = {"cpu": 5.0, "memory": 40.0, "disk": 20.0}
    rows = [(server_series(each), at - 300 * turn, values) for each in ids for turn in range(samples)]
    installation.metrics.add_many(ENGINE_SCOPE, rows)


def source_of(installation: Installation) -> Source:
    return Source(installation.store, installation.metrics, installation.clock.now() + timedelta(seconds=1))
