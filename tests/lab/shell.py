"""Logging in to lab hosts by SSH, with the host key they must show."""

from __future__ import annotations

import socket
from base64 import b64decode
from dataclasses import dataclass
from io import StringIO
from types import TracebackType

import paramiko

from tests.lab.waiting import until

CONNECT_S = 60.0
RUN_S = 120.0


@dataclass(frozen=True)
class Outcome:
    """How a command ended; ``output`` has what it wrote to both streams."""

    code: int
    output: str


class Shell:
    """One SSH session as root; a context manager."""

    def __init__(self, ip: str, private_key: str, host_key: str) -> None:
        kind, key = host_key.split()[:2]
        self._client = paramiko.SSHClient()
        self._client.get_host_keys().add(ip, kind, paramiko.Ed25519Key(data=b64decode(key)))
        self._client.set_missing_host_key_policy(paramiko.RejectPolicy())
        login = paramiko.Ed25519Key.from_private_key(StringIO(private_key))
        self._client.connect(ip, username="root", pkey=login, timeout=CONNECT_S, allow_agent=False, look_for_keys=False)

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def run(self, command: str, seconds: float = RUN_S) -> Outcome:
        """Run it to its end."""
        channel = self._client.get_transport().open_session(timeout=CONNECT_S)  # type: ignore[union-attr]
        channel.settimeout(seconds)
        channel.set_combine_stderr(True)
        channel.exec_command(command)
        output = channel.makefile("rb").read().decode(errors="replace")
        return Outcome(channel.recv_exit_status(), output)

    def read(self, command: str, seconds: float = RUN_S) -> str:
        """The output of a command that must succeed."""
        outcome = self.run(command, seconds)
        assert outcome.code == 0, f"{command}: {outcome}"
        return outcome.output.strip()


def banner(ip: str, seconds: float) -> str:
    """The first line of an SSH server, as soon as one answers; empty when none did within the seconds."""
    found: list[str] = []

    def answers() -> bool:
        try:
            with socket.create_connection((ip, 22), timeout=1) as connection:
                connection.settimeout(CONNECT_S)  # it listens: a busy host takes its time to say who it is
                line = connection.makefile("rb").readline()
        except OSError:
            return False
        found.append(line.decode(errors="replace").strip())
        return line.startswith(b"SSH-")

    return found[-1] if until(answers, seconds) else ""
