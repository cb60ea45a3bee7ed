"""A mail server entered by SSH: its API through the connection, to its loopback; its commands by Docker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend.core.ssh.tunnel import Tunnel, fingerprint
from backend.mail.health.look import HTTPS, served
from backend.mail.host.docker import ComposeProject
from backend.mailu.certificate import fingerprint_of

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailHost
    from backend.store.schema.mail import MailServer


class SshHost:
    """A :class:`backend.mail.access.MailHost`; lives as long as its session."""

    def __init__(self, ssh: SshSession, row: MailServer) -> None:
        self.dial = Tunnel(ssh, HTTPS, _pinned(ssh, row))
        self._project = ComposeProject(ssh, row.project, row.files)

    def execute(self, words: Sequence[str], *, stdin: str = "") -> str:
        return self._project.execute("admin", words, stdin=stdin)


def _pinned(ssh: SshSession, row: MailServer) -> str:
    """The certificate that front was given. One that renews its own was given none: then it is the one it shows now,
    seen from the server itself.
    """
    return fingerprint_of(row.certificate) if row.certificate else fingerprint(served(ssh, row.host_name))


class SshHosts:
    """A :class:`backend.mail.access.MailHosts`. Stateless, thread-safe."""

    def __init__(self, servers: ServerAccess) -> None:
        self._servers = servers

    @contextmanager
    def enter(self, row: MailServer, *, stop: Callable[[], bool]) -> Iterator[MailHost]:
        with self._servers.session(row.server_id, stop=stop) as ssh:
            yield SshHost(ssh, row)
