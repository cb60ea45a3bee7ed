"""Opens SSH to a server by id: its pinned host key, its own login key, the address through the endpoint map."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.core.ssh.session import Login, SshSession, UnpinnedSession
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.endpoint import Endpoint
    from backend.core.secrets.values import SecretStore
    from backend.store.database import Store


class ServerAccess:
    """Makes SSH sessions; holds none. Thread-safe. ``stop`` ends a session's waits, see :class:`SshSession`."""

    def __init__(self, store: Store, secrets: SecretStore, endpoint: Endpoint) -> None:
        self._store = store
        self._secrets = secrets
        self._endpoint = endpoint

    def session(self, server_id: UUID, *, stop: Callable[[], bool] = bool) -> SshSession:
        """A session for the server, not yet connected.

        :raises Refused: it has no address, key or pinned host key: it was not provisioned by us.
        """
        return SshSession(self.login(server_id), stop=stop)

    def login(self, server_id: UUID) -> Login:
        """How the server is entered: where, as whom, with which key, to which host key.

        :raises Refused: it has no address, key or pinned host key: it was not provisioned by us.
        """
        with self._store.read(ENGINE_SCOPE) as session:
            server = session.get(Server, (AGENCY, server_id))
        if server is None or not (server.address and server.ssh_key_ref and server.host_key):
            raise Refused(
                _("Mailyard has no SSH access to this server."),
                remedy=_("Only servers created by Mailyard are accessible."),
            )
        return self._login(server.address, server.ssh_user, SecretRef(server.ssh_key_ref), (server.host_key,))

    def at(
        self, host: str, user: str, key: SecretRef, host_keys: tuple[str, ...], *, stop: Callable[[], bool] = bool
    ) -> SshSession:
        """A session to an address that is not a server's row yet."""
        return SshSession(self._login(host, user, key, host_keys), stop=stop)

    def unpinned(
        self,
        host: str,
        user: str,
        *,
        password: Secret | None = None,
        key: SecretRef | None = None,
        stop: Callable[[], bool] = bool,
    ) -> UnpinnedSession:
        """A session to a machine whose host key nobody knows yet, by password or by a key of ours."""
        address, port = self._endpoint.address(host, "ssh")
        private = self._secrets.read(key) if key is not None else Secret("")
        return UnpinnedSession(Login(address, port, user, private, (), host), password, stop=stop)

    def _login(self, host: str, user: str, key: SecretRef, host_keys: tuple[str, ...]) -> Login:
        address, port = self._endpoint.address(host, "ssh")
        return Login(address, port, user, self._secrets.read(key), host_keys, host)
