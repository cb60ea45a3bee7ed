"""A plain sshd on loopback that takes one key: something real for a thousand probes to log in to."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.core.ssh.keys import KeyPair, new_key_pair

START_S = 10.0


@dataclass(frozen=True)
class Sshd:
    """Where it listens, the key it takes, the host key it shows."""

    port: int
    login: KeyPair
    host_public: str


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Runs in the foreground of a child process; ended with the block. Needs root or the user's own login."""
    login, host = new_key_pair(), new_key_pair()
    _write(folder / "host", host.private.reveal())
    _write(folder / "authorized", f"{login.public}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    Path("/run/sshd").mkdir(exist_ok=True)
    options = [
        "ListenAddress=127.0.0.1",
        f"HostKey={folder / 'host'}",
        f"AuthorizedKeysFile={folder / 'authorized'}",
        "StrictModes=no",
        "UsePAM=no",
        "MaxStartups=200",
        "PermitRootLogin=prohibit-password",
        "PidFile=none",
    ]
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", str(port)]
    command += [word for option in options for word in ("-o", option)]
    with (folder / "sshd.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield Sshd(port, login, host.public)
    finally:
        server.terminate()
        server.wait(timeout=START_S)


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
