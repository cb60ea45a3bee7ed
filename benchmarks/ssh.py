"""What a command costs over SSH to a lab host: the product's session, the same held back by Nagle, and bare paramiko.

``python -m benchmarks.ssh`` (root, Debian: it starts a lab). All three are measured in one run, turn by turn.
"""

from __future__ import annotations

import argparse
import io
import platform
import socket
import statistics
import sys
import time
from collections.abc import Callable, Mapping

import paramiko

from backend.core.ssh import sampler
from backend.core.ssh.session import SshSession
from tests.backend.ssh.hosts import host, login
from tests.lab.client import Client
from tests.lab.hosts import LabHost
from tests.lab.lifetime import up
from tests.lab.requirements import reason_it_cannot_run

ROUNDS = 60
INPUT = "x" * 100


def main() -> int:
    options = _parser().parse_args()
    reason = reason_it_cannot_run()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    lab = up()
    try:
        lab.owner.enter()
        client = Client.connect(lab.path)
        with host(client, "measured") as made:
            _report(_measured(made, options.rounds))
        client.close()
    finally:
        lab.down()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ssh", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser


def _measured(made: LabHost, rounds: int) -> Mapping[str, list[float]]:
    """Milliseconds of each round, by what was done."""
    with SshSession(login(made)) as ours, SshSession(login(made)) as delayed:
        _set_delay(delayed, on=True)
        bare = _bare(made)
        acts: dict[str, Callable[[], object]] = {
            "exec true, this product": lambda: ours.check("true"),
            "exec true, without TCP_NODELAY": lambda: delayed.check("true"),
            "exec true, bare paramiko": lambda: _bare_run(bare, "true", ""),
            "exec cat, 100 bytes in, this product": lambda: ours.check("cat", stdin=INPUT),
            "exec cat, 100 bytes in, without TCP_NODELAY": lambda: delayed.check("cat", stdin=INPUT),
            "exec cat, 100 bytes in, bare paramiko": lambda: _bare_run(bare, "cat", INPUT),
            "one sample, this product": lambda: ours.check(sampler.COMMAND),
            "connect and log in, this product": lambda: _connected(made),
        }
        taken: dict[str, list[float]] = {name: [] for name in acts}
        for _round in range(rounds):
            for name, act in acts.items():
                began = time.perf_counter()
                act()
                taken[name].append(1000 * (time.perf_counter() - began))
        bare.close()
    return taken


def _set_delay(session: SshSession, *, on: bool) -> None:
    assert session._transport is not None
    sock = session._transport.sock
    assert isinstance(sock, socket.socket)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0 if on else 1)


def _bare(made: LabHost) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.WarningPolicy())
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(made.private_key))
    client.connect(made.ip, username="root", pkey=key, allow_agent=False, look_for_keys=False)
    return client


def _bare_run(client: paramiko.SSHClient, command: str, stdin: str) -> bytes:
    into, out, _err = client.exec_command(command)
    into.write(stdin)
    into.channel.shutdown_write()
    return bytes(out.read())


def _connected(made: LabHost) -> None:
    with SshSession(login(made)):
        return


def _report(taken: Mapping[str, list[float]]) -> None:
    print(f"{platform.platform()}, Python {platform.python_version()}, paramiko {paramiko.__version__}")
    for name, times in taken.items():
        ordered = sorted(times)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        print(f"{name:44} median {statistics.median(times):7.1f} ms  p95 {p95:7.1f} ms  worst {ordered[-1]:7.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
