"""One SSH connection on paramiko: pinned host key, no Nagle delay, a limit on every wait and every output."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeGuard

from backend.core.errors import CommandFailed, CommandTimedOut, HostKeyChanged, HostUnreachable, LoginRefused, SshError
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.core.ssh.channel import Finished, collect

if TYPE_CHECKING:
    import paramiko

CONNECT_S, AUTH_S, CHANNEL_S = 10.0, 15.0, 10.0
KEEPALIVE_S = 15
PEER_S = 30  # this long a sent byte may stay unanswered
OUTPUT_LIMIT = 1_000_000
FILE_LIMIT = 50_000_000


@dataclass(frozen=True)
class Login:
    """Who we are and whom we expect: ``host_keys`` are the accepted public keys in OpenSSH form.

    None is accepted where there are none; see :class:`UnpinnedSession` for a machine nobody has met yet.
    """

    address: str
    port: int
    user: str
    private_key: Secret
    host_keys: tuple[str, ...]


class SshSession:
    """A live connection; use it as a context manager. One thread at a time."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._transport: paramiko.Transport | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def connect(self) -> None:
        """Open the connection and log in.

        :raises HostUnreachable: nothing answers as SSH within the time-outs.
        :raises HostKeyChanged: the host key is none of the pinned ones.
        :raises LoginRefused: the machine refused our key.
        """
        import paramiko

        sock = _dial(self._login.address, self._login.port)
        transport = paramiko.Transport(sock)
        self._transport = transport
        try:
            transport.banner_timeout = transport.handshake_timeout = CONNECT_S
            transport.auth_timeout = AUTH_S
            transport.set_keepalive(KEEPALIVE_S)
            transport.start_client(timeout=CONNECT_S)
            self._check_host_key(transport)
            self._authenticate(transport)
        except paramiko.AuthenticationException as error:
            self.close()
            raise LoginRefused(
                _("{address} refused our login.").format(address=self._login.address),
                remedy=_("Check that our key was not removed from the server."),
            ) from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            raise _unreachable(self._login.address, error) from error
        except SshError:
            self.close()
            raise

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    @property
    def is_open(self) -> bool:
        return self._transport is not None and self._transport.is_active()

    def run(
        self,
        command: str,
        *,
        stdin: str = "",
        timeout_s: float = 60.0,
        limit: int = OUTPUT_LIMIT,
        stop: Callable[[], bool] = bool,
    ) -> Finished:
        """Run ``command`` by the login shell and wait for its end.

        ``stop`` is asked ten times a second; True ends the channel (the command gets SIGHUP).
        :raises CommandTimedOut: it did not end in ``timeout_s``, or was stopped.
        :raises HostUnreachable: the connection ended before the command did.
        """
        channel = self._open_channel()
        try:
            channel.exec_command(command)  # waits without a limit of its own; _dial bounds it
            return collect(channel, stdin=stdin.encode(), deadline=time.monotonic() + timeout_s, limit=limit, stop=stop)
        except TimeoutError as error:
            raise CommandTimedOut(
                _("A command on {address} did not end in {seconds} s.").format(
                    address=self._login.address, seconds=round(timeout_s)
                ),
                remedy=_("The server may be overloaded; try again."),
                detail=command[:200],
            ) from error
        except _channel_errors() as error:
            raise _unreachable(self._login.address, error) from error
        finally:
            channel.close()

    def check(self, command: str, *, stdin: str = "", timeout_s: float = 60.0) -> str:
        """Run ``command`` and return its standard output.

        :raises CommandFailed: it ended with another exit code than 0.
        """
        done = self.run(command, stdin=stdin, timeout_s=timeout_s)
        if done.exit_code != 0:
            raise CommandFailed(
                _("A command on {address} failed.").format(address=self._login.address),
                exit_code=done.exit_code,
                remedy=_("The job's log has what it printed."),
                detail=f"{command[:200]}: exit {done.exit_code}: {done.stderr.strip()[-500:]}",
            )
        return done.stdout

    def put(self, path: str, content: bytes, *, mode: int = 0o600) -> None:
        """Write a file whole or not at all: beside it first, then renamed (SFTP posix-rename extension)."""
        fresh = f"{path}.mailyard-new"
        with _sftp_trouble(self._login.address), self._sftp() as sftp:
            try:
                with sftp.open(fresh, "wb") as file:
                    sftp.chmod(fresh, mode)
                    file.write(content)
                sftp.posix_rename(fresh, path)
            except OSError:
                with suppress(*_channel_errors()):
                    sftp.remove(fresh)
                raise

    def get(self, path: str, *, limit: int = FILE_LIMIT) -> bytes:
        """The content of a file.

        :raises SshError: it is missing, unreadable, or larger than ``limit`` bytes.
        """
        with _sftp_trouble(self._login.address), self._sftp() as sftp:
            size = sftp.stat(path).st_size or 0
            if size > limit:
                raise SshError(_("{path} is too large to read.").format(path=path), detail=f"{size} bytes")
            with sftp.open(path, "rb") as file:
                return bytes(file.read(limit))

    def _open_channel(self) -> paramiko.Channel:
        if self._transport is None:
            raise _unreachable(self._login.address, OSError("not connected"))
        try:
            channel = self._transport.open_session(timeout=CHANNEL_S)
        except _channel_errors() as error:
            raise _unreachable(self._login.address, error) from error
        channel.settimeout(CHANNEL_S)
        return channel

    def _sftp(self) -> paramiko.SFTPClient:
        import paramiko

        channel = self._open_channel()
        try:
            channel.invoke_subsystem("sftp")
            return paramiko.SFTPClient(channel)
        except _channel_errors() as error:
            channel.close()
            raise _unreachable(self._login.address, error) from error

    def _authenticate(self, transport: paramiko.Transport) -> None:
        transport.auth_publickey(self._login.user, _paramiko_key(self._login.private_key))

    def _check_host_key(self, transport: paramiko.Transport) -> None:
        text = _shown_key(transport)
        if text not in self._login.host_keys:
            raise HostKeyChanged(
                _("{address} shows an unknown host key.").format(address=self._login.address),
                remedy=_("Do not go on before you know why: this may be another machine."),
                detail=text,
            )


class UnpinnedSession(SshSession):
    """A session to a machine whose host key nobody knows yet: it takes any, and shows it as ``host_key``.

    Whoever enters so proves the machine by other means before anything is trusted to it. With ``password`` it logs in
    by that, else by the key of ``login``, whose host keys are empty.
    """

    def __init__(self, login: Login, password: Secret | None = None) -> None:
        super().__init__(login)
        self._password = password
        self.host_key = ""

    def _authenticate(self, transport: paramiko.Transport) -> None:
        if self._password is None:
            super()._authenticate(transport)
        else:
            transport.auth_password(self._login.user, self._password.reveal())

    def _check_host_key(self, transport: paramiko.Transport) -> None:
        self.host_key = _shown_key(transport)


def _shown_key(transport: paramiko.Transport) -> str:
    shown = transport.get_remote_server_key()
    return f"{shown.get_name()} {shown.get_base64()}"


def _dial(address: str, port: int) -> socket.socket:
    try:
        sock = socket.create_connection((address, port), timeout=CONNECT_S)
    except OSError as error:
        raise _unreachable(address, error) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _end_with_a_dead_peer(sock)
    return sock


def _end_with_a_dead_peer(sock: socket.socket) -> None:
    """The library waits for some answers without a limit: the connection itself must end when nothing comes back.

    The keepalive is what stays unanswered. RFC 5482; Linux and Windows count the unanswered time, macOS the tries.
    """
    for name, value in (("TCP_USER_TIMEOUT", PEER_S * 1000), ("TCP_MAXRT", PEER_S), ("TCP_RXT_CONNDROPTIME", PEER_S)):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _paramiko_key(private: Secret) -> paramiko.PKey:
    import io

    import paramiko

    return paramiko.Ed25519Key.from_private_key(io.StringIO(private.reveal()))


def _channel_errors() -> tuple[type[BaseException], ...]:
    import paramiko

    return (paramiko.SSHException, OSError, EOFError)


def _unreachable(address: str, error: BaseException) -> HostUnreachable:
    return HostUnreachable(
        _("{address} does not answer over SSH.").format(address=address),
        remedy=_("Check that the server is switched on and that port 22 is open."),
        detail=f"{type(error).__name__}: {error}",
    )


class _sftp_trouble:  # noqa: N801 - reads as a statement where it is used
    """Converts SFTP errors on the server's files into one of ours."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if _is_of_the_line(error):
            raise _unreachable(self._address, error) from error
        if isinstance(error, OSError):
            raise SshError(
                _("A file on {address} could not be read or written.").format(address=self._address),
                remedy=_("Check the free space and the rights on the server."),
                detail=f"{type(error).__name__}: {error}",
            ) from error


def _is_of_the_line(error: BaseException | None) -> TypeGuard[BaseException]:
    """The connection failed, not the file: the library has errors of its own for both, and plain ones for each."""
    import paramiko

    lost = (paramiko.SSHException, EOFError, TimeoutError, ConnectionError)
    return isinstance(error, lost) or (isinstance(error, OSError) and str(error) == "Socket is closed")
