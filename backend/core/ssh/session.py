"""One SSH connection on paramiko: pinned host key, no Nagle delay, a limit on every wait and every output."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from backend.core.errors import (
    CommandFailed,
    CommandTimedOut,
    HostKeyChanged,
    HostUnreachable,
    LoginRefused,
    SshError,
)
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.core.ssh.channel import Finished, collect
from backend.core.ssh.dialling import dial
from backend.core.ssh.errand import Errands, IsGivenUp
from backend.core.ssh.trouble import file_trouble, line_errors, runs_nothing, unreachable
from backend.core.ssh.writing import put, rewrite

if TYPE_CHECKING:
    import paramiko

T = TypeVar("T")

CONNECT_S, AUTH_S, CHANNEL_S = 10.0, 15.0, 10.0
FILE_S = 120.0
KEEPALIVE_S = 15
OUTPUT_LIMIT = 1_000_000
FILE_LIMIT = 50_000_000


@dataclass(frozen=True)
class Login:
    """Who we are and whom we expect: ``host_keys`` are the accepted public keys in OpenSSH form.

    None is accepted where there are none; see :class:`UnpinnedSession` for a machine nobody has met yet. ``host`` is
    the server as people know it, where that is not ``address``, which is dialled; it stands in every error.
    """

    address: str
    port: int
    user: str
    private_key: Secret
    host_keys: tuple[str, ...]
    host: str = ""

    @property
    def shown(self) -> str:
        return self.host or self.address


class SshSession:
    """A live connection; use it as a context manager, which opens it unless it is open. One thread at a time.

    ``stop`` is asked ten times a second while a server is waited for; True ends the wait with ``Cancelled``. A command
    under way then loses its channel, or the connection when the server does not let go of it.
    """

    def __init__(self, login: Login, *, stop: Callable[[], bool] = bool) -> None:
        self._login = login
        self.is_stopped = stop
        self._mark = f"mailyard-{secrets.token_hex(8)}"
        self._transport: paramiko.Transport | None = None
        self._errands = Errands(stop, self._cut)

    def __enter__(self) -> Self:
        if not self.is_open:
            self.connect()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect(self) -> None:
        """Open the connection and log in.

        :raises HostUnreachable: nothing answers as SSH within the time-outs.
        :raises HostKeyChanged: the host key is none of the pinned ones.
        :raises LoginRefused: the machine refused our key, or wants more than a key.
        """
        import paramiko

        try:
            self._errands.do(self._enter, 2 * CONNECT_S + AUTH_S)
        except paramiko.AuthenticationException as error:
            self.close()
            raise LoginRefused(
                _("{address} refused the login.").format(address=self._login.shown),
                remedy=_("Check that Mailyard's key is still on the server, and that the account is not locked."),
            ) from error
        except line_errors() as error:
            self.close()
            raise unreachable(self._login.shown, error) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._cut()
        self._errands.close()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and self._transport.is_active()

    def run(
        self, command: str, *, stdin: str = "", timeout_s: float = 60.0, limit: int = OUTPUT_LIMIT, shown: str = ""
    ) -> Finished:
        """Run ``command`` by the login shell and wait for its end; an error names it as ``shown``, if given.

        What a start file of the shell prints is no part of the output.

        :raises LoginRefused: the shell ended before it came to the command.
        :raises CommandTimedOut: it did not end within ``timeout_s`` from now, whatever the server left out.
        :raises HostUnreachable: the connection ended before the command did.
        """
        deadline = time.monotonic() + timeout_s

        def work(is_given_up: IsGivenUp) -> Finished:
            channel = self._open_channel(min(CHANNEL_S, timeout_s))
            try:
                channel.exec_command(f"echo {self._mark}\n{command}")
                heard = partial(collect, channel, deadline=deadline, limit=limit, stop=is_given_up)
                return heard(stdin=stdin.encode(), mark=self._mark)
            finally:
                channel.close()

        try:
            done = self._errands.do(work, timeout_s)
        except TimeoutError as error:
            raise CommandTimedOut(
                _("A command on {address} did not finish within {seconds} s.").format(
                    address=self._login.shown, seconds=round(timeout_s)
                ),
                remedy=_("The server may be overloaded; try again."),
                detail=(shown or command)[:200],
            ) from error
        except line_errors() as error:
            raise unreachable(self._login.shown, error) from error
        if not done.is_begun:
            raise runs_nothing(self._login.shown, self._login.user, done)
        return done

    def check(self, command: str, *, stdin: str = "", timeout_s: float = 60.0, shown: str = "") -> str:
        """Run ``command`` and return its standard output; an error names it as ``shown``, if given.

        :raises CommandFailed: it ended with another exit code than 0.
        """
        done = self.run(command, stdin=stdin, timeout_s=timeout_s, shown=shown)
        if done.exit_code != 0:
            raise CommandFailed(
                _("A command on {address} failed.").format(address=self._login.shown),
                exit_code=done.exit_code,
                remedy=_("Its output is in the job's log."),
                detail=f"{(shown or command)[:200]}: exit {done.exit_code}: {done.stderr.strip()[-500:]}",
            )
        return done.stdout

    def put(self, path: str, content: bytes, *, mode: int = 0o600, timeout_s: float = FILE_S) -> None:
        """Write a file whole or not at all: beside it first, then renamed (SFTP posix-rename extension).

        :raises SshError: it cannot be written there, or the server's file service is not usable.
        :raises HostUnreachable: the server did not answer in time.
        """
        self._with_files(lambda sftp: put(sftp, path, content, mode), timeout_s)

    def rewrite(self, path: str, content: bytes, *, timeout_s: float = FILE_S) -> None:
        """Other content for a file that is there, which keeps its owner, its mode and the links to it.

        :raises SshError: it is not there; else as in :meth:`put`.
        """
        self._with_files(lambda sftp: rewrite(sftp, path, content), timeout_s)

    def get(self, path: str, *, limit: int = FILE_LIMIT, timeout_s: float = FILE_S) -> bytes:
        """The content of a file.

        :raises SshError: it is missing, unreadable, or larger than ``limit`` bytes; or as in :meth:`put`.
        """

        def read(sftp: paramiko.SFTPClient) -> bytes:
            size = sftp.stat(path).st_size or 0
            if size > limit:
                raise SshError(_("{path} is too large to read.").format(path=path), detail=f"{size} bytes")
            with sftp.open(path, "rb") as file:
                return bytes(file.read(limit))

        return self._with_files(read, timeout_s)

    def dial(self, host: str, port: int) -> paramiko.Channel:
        """A stream to a port as the server itself reaches it (direct-tcpip, RFC 4254 7.2); whoever asks closes it.

        :raises HostUnreachable: nothing there takes the connection, or the server does not let it through.
        """
        import paramiko

        def work(_is_given_up: IsGivenUp) -> paramiko.Channel:
            if self._transport is None:
                raise OSError("not connected")
            return self._transport.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=CHANNEL_S)

        try:
            return self._errands.do(work, CHANNEL_S)
        except paramiko.ChannelException as error:
            raise HostUnreachable(
                _("Nothing on {address} answers on port {port}.").format(address=self._login.shown, port=port),
                remedy=_("The service may not have started yet."),
                detail=f"{host}:{port}: {error.text}",
            ) from error
        except line_errors() as error:  # a time-out is an OSError
            raise unreachable(self._login.shown, error) from error

    def _with_files(self, work: Callable[[paramiko.SFTPClient], T], timeout_s: float) -> T:
        """Open the file service, work with it, close it; the first has a limit of its own: it needs no time."""
        deadline = time.monotonic() + timeout_s

        def use(_is_given_up: IsGivenUp) -> T:
            with sftp:
                return work(sftp)

        with file_trouble(self._login.shown):
            sftp = self._errands.do(self._open_files, min(CHANNEL_S, timeout_s))
            return self._errands.do(use, deadline - time.monotonic())

    def _open_channel(self, within_s: float) -> paramiko.Channel:
        if self._transport is None:
            raise OSError("not connected")
        channel = self._transport.open_session(timeout=within_s)
        channel.settimeout(CHANNEL_S)
        return channel

    def _open_files(self, _is_given_up: IsGivenUp) -> paramiko.SFTPClient:
        import paramiko

        channel = self._open_channel(CHANNEL_S)
        try:
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        except BaseException:
            channel.close()
            raise

    def _enter(self, is_given_up: IsGivenUp) -> None:
        """From a closed connection to one that is logged in; nothing is left open behind a caller who gave up."""
        import paramiko

        sock = dial(self._login.address, self._login.port, within_s=CONNECT_S, is_given_up=is_given_up)
        if is_given_up():
            sock.close()
            return
        transport = self._transport = paramiko.Transport(sock)
        transport.banner_timeout = transport.handshake_timeout = CONNECT_S
        transport.auth_timeout = AUTH_S
        transport.set_keepalive(KEEPALIVE_S)
        transport.start_client(timeout=CONNECT_S)
        self._check_host_key(transport)
        wanted = self._authenticate(transport)
        if wanted:
            raise LoginRefused(
                _("{address} asks for a second factor after the login.").format(address=self._login.shown),
                remedy=_(
                    "Set AuthenticationMethods of its sshd so that a key alone is enough for the user {user}."
                ).format(user=self._login.user),
                detail=", ".join(wanted),
            )

    def _cut(self) -> None:
        """End the connection, wherever it stands; the library does not close the socket of one that never began."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
            transport.sock.close()

    def _authenticate(self, transport: paramiko.Transport) -> list[str]:
        """The methods that the machine wants besides this one; none when we are in."""
        return transport.auth_publickey(self._login.user, _paramiko_key(self._login.private_key))

    def _check_host_key(self, transport: paramiko.Transport) -> None:
        text = _shown_key(transport)
        if text not in self._login.host_keys:
            raise HostKeyChanged(
                _("{address} presents an unknown host key.").format(address=self._login.shown),
                remedy=_("Do not continue until you know why: this may be a different machine."),
                detail=text,
            )


class UnpinnedSession(SshSession):
    """A session to a machine whose host key nobody knows yet: it takes any, and shows it as ``host_key``.

    Whoever enters so proves the machine by other means before anything is trusted to it. With ``password`` it logs in
    by that, else by the key of ``login``, whose host keys are empty.
    """

    def __init__(self, login: Login, password: Secret | None = None, *, stop: Callable[[], bool] = bool) -> None:
        super().__init__(login, stop=stop)
        self._password = password
        self.host_key = ""

    def _authenticate(self, transport: paramiko.Transport) -> list[str]:
        if self._password is None:
            return super()._authenticate(transport)
        return transport.auth_password(self._login.user, self._password.reveal())

    def _check_host_key(self, transport: paramiko.Transport) -> None:
        self.host_key = _shown_key(transport)


def _shown_key(transport: paramiko.Transport) -> str:
    shown = transport.get_remote_server_key()
    return f"{shown.get_name()} {shown.get_base64()}"


def _paramiko_key(private: Secret) -> paramiko.PKey:
    import io

    import paramiko

    return paramiko.Ed25519Key.from_private_key(io.StringIO(private.reveal()))
