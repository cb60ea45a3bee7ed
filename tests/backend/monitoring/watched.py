"""A lab host as a server of an installation, without the job that would have made it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.errors import StoreError
from backend.core.secrets.values import Secret
from backend.fleet.metrics import server_series
from backend.fleet.servers import ServerAccess
from backend.servers.provision.naming import login_ref
from backend.store.live_leases import ServerKey
from backend.store.metrics import Series
from backend.store.schema.fleet import Account, Server
from backend.store.schema.observations import Check
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.lab.hosts import LabHost


@dataclass(frozen=True)
class Watched:
    """The server's id, and what the store says of it."""

    installation: Installation
    id: UUID

    @property
    def row(self) -> Server:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.get_one(Server, (AGENCY, self.id))

    @property
    def check(self) -> Check:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(Check).where(Check.subject_id == self.id)).one()

    @property
    def key(self) -> ServerKey:
        return ServerKey(AGENCY, self.id)

    def samples(self) -> Series:
        now = int(self.installation.clock.now().timestamp())
        return self.installation.metrics.raw(ENGINE_SCOPE, server_series(self.id), now - 3600, now + 1)

    def live(self) -> Series:
        return self.installation.metrics.live(ENGINE_SCOPE, server_series(self.id), 0)

    def access(self) -> ServerAccess:
        installation = self.installation
        return ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)


def watched(installation: Installation, host: LabHost) -> Watched:
    """Write down a host as an active server that we may enter."""
    server_id, account_id, now = uuid4(), uuid4(), installation.clock.now()
    ref = login_ref(server_id)
    installation.secrets.keep(ref, Secret(host.private_key))
    with installation.store.write(ENGINE_SCOPE) as session:
        common = {"provider": "digitalocean", "secret_ref": "none", "state": "verified", "created_at": now}
        session.add(Account(tenant_id=AGENCY, id=account_id, name=host.name, **common))
        session.flush()
        session.add(
            Server(
                tenant_id=AGENCY,
                id=server_id,
                account_id=account_id,
                name=host.name,
                region="fra1",
                plan="s-1vcpu-1gb",
                life="active",
                power="on",
                address=host.ip,
                ssh_key_ref=ref.path,
                host_key=" ".join(host.host_key.split()[:2]),
                created_at=now,
            )
        )
    return Watched(installation, server_id)


@contextmanager
def listening() -> Iterator[tuple[str, int]]:
    """An address that takes connections, as a reference target does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        yield host, port


@contextmanager
def refusing() -> Iterator[tuple[str, int]]:
    """An address that takes none."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host, port = taken.getsockname()
        yield host, port


class BusyOnce:
    """A store, or the figures' part of it, that does not answer while ``is_busy``."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.is_busy = True

    def __getattr__(self, name: str) -> Any:
        if self.is_busy and name in ("read", "write", "add"):
            raise StoreError("The database does not answer.")
        return getattr(self._real, name)
