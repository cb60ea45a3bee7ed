"""Opens the Mailu of a server: its API with the token we keep for it, and its own command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    import httpcore

    from backend.core.secrets.values import SecretStore
    from backend.mailu.api import MailuApi
    from backend.mailu.command import MailuCommand
    from backend.store.database import Store


class MailHost(Protocol):
    """A mail server that is entered. One thread at a time."""

    @property
    def dial(self) -> httpcore.NetworkBackend:
        """Connections to the web server of its Mailu, in TLS to the pair it was given, whatever name is asked for."""
        ...

    def execute(self, words: Sequence[str], *, stdin: str = "") -> str:
        """What a command in the admin container printed.

        :raises SshError: it failed, or did not end in time.
        """
        ...


class MailHosts(Protocol):
    """Enters mail servers; thread-safe."""

    def enter(self, row: MailServer, *, stop: Callable[[], bool]) -> AbstractContextManager[MailHost]:
        """The server while the block lasts. ``stop`` ends a wait with ``Cancelled``.

        :raises MailyardError: it cannot be entered.
        """
        ...


@dataclass(frozen=True)
class OpenMailu:
    """A Mailu that is open: good while the block lasts that opened it."""

    api: MailuApi
    command: MailuCommand


class MailAccess:
    """Opens; holds nothing but which tokens were refused since the program began. Thread-safe."""

    def __init__(self, store: Store, secrets: SecretStore, hosts: MailHosts) -> None:
        self._store = store
        self._secrets = secrets
        self._hosts = hosts
        self._refused = set[tuple[UUID, Secret]]()

    @contextmanager
    def open(
        self, server_id: UUID, *, stop: Callable[[], bool] = bool, token: Secret | None = None
    ) -> Iterator[OpenMailu]:
        """Its Mailu while the block lasts, over one connection; with the token that is kept for it, or with another.

        :raises Refused: the server has no mail server, or its API is not open to us.
        :raises Unauthorized: the API refused the token, now or before: it is not sent a second time.
        :raises MailyardError: the server cannot be entered.
        """
        from backend.mailu.api import MailuApi
        from backend.mailu.command import MailuCommand
        from backend.mailu.wire import MailuWire, token_refused

        row = self._row(server_id)
        if not row.api_token_ref:
            raise no_access()
        token = token or self._secrets.read(SecretRef(row.api_token_ref))
        if (server_id, token) in self._refused:
            raise token_refused("not sent: it was refused before")
        with self._hosts.enter(row, stop=stop) as host:
            wire = MailuWire(row.host_name, token, dial=host.dial)
            try:
                yield OpenMailu(MailuApi(wire), MailuCommand(host.execute))
            finally:
                wire.close()
                if wire.is_refused:
                    self._refused.add((server_id, token))

    def trust_again(self, server_id: UUID) -> None:
        """Tokens that it refused may be good again: its file was written."""
        self._refused = {each for each in self._refused if each[0] != server_id}

    def keep_administrators(self, server_id: UUID, address: str, password: Secret, at: datetime) -> None:
        """Where the address is the administrator's mailbox that Mailyard logs in with: its password from ``at`` on."""
        from backend.engine.payload import from_plain
        from backend.mail.repository import MailRepository
        from backend.mailu.settings import MailSettings

        row = self._row(server_id)
        if row.admin_ref and row.settings and from_plain(MailSettings, row.settings).admin_address == address:
            self._secrets.keep(SecretRef(row.admin_ref), password)
            MailRepository(self._store).renewed(server_id, "admin", at)

    def _row(self, server_id: UUID) -> MailServer:
        with self._store.read(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, server_id))
        if row is None or row.state == "removed":
            raise no_access()
        return row


def no_access() -> Refused:
    """What is told where the API of a mail server is not open to us."""
    return Refused(
        _("Mailyard has no access to the API of a mail server there."),
        remedy=_("Install the mail server, or adopt the one that runs."),
    )
