"""A BIND of the tests' own on loopback: zones that take updates signed with one key, and that a second key may not."""

from __future__ import annotations

import base64
import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode

from backend.core.resolver import NameServer
from backend.core.secrets.values import Secret
from backend.dnshosts.rfc2136 import Rfc2136, TsigKey
from tests.lab.waiting import until
from tests.requirements import lacking

ZONES = tuple(f"zone{number}.example" for number in range(4))
OWNER, STRANGER = "owner.example", "stranger.example"
ALGORITHM = "hmac-sha256"
START_S, STEP_S, TRY_S = 30.0, 0.05, 0.5
TTL_S = 3600


def secret_of(name: str) -> str:
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


@dataclass(frozen=True)
class Bind:
    """A running server."""

    server: NameServer

    def host(self, name: str = OWNER, *, secret: str = "", algorithm: str = ALGORITHM) -> Rfc2136:
        """The host as one key sees it."""
        return Rfc2136(self.server, TsigKey(name, algorithm, Secret(secret or secret_of(name))))


@contextmanager
def running_bind(folder: Path) -> Iterator[Bind]:
    """One with empty zones :data:`ZONES`, until the block ends."""
    named = shutil.which("named") or shutil.which("named", path="/usr/sbin")
    if named is None:
        lacking("lab", "there is no BIND (named) on this machine")
    port = _free_port()
    _write(folder, port)
    log = (folder / "named.log").open("wb")
    process = subprocess.Popen([str(named), "-g", "-c", str(folder / "named.conf")], stdout=log, stderr=log)
    try:
        server = NameServer("127.0.0.1", port)
        assert until(lambda: _serves(server), START_S, STEP_S), (folder / "named.log").read_text()
        yield Bind(server)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _write(folder: Path, port: int) -> None:
    keys = "".join(
        f'key "{name}" {{ algorithm {ALGORITHM}; secret "{secret_of(name)}"; }};\n' for name in (OWNER, STRANGER)
    )
    rights = f"allow-update {{ key {OWNER}; }}; allow-transfer {{ key {OWNER}; }};"
    zones = "".join(f'zone "{name}" {{ type primary; file "{name}.zone"; {rights} }};\n' for name in ZONES)
    options = (
        f'directory "{folder}"; pid-file none; session-keyfile none; listen-on port {port} {{ 127.0.0.1; }}; '
        "listen-on-v6 { none; }; recursion no; dnssec-validation no; notify no; allow-transfer { none; };"
    )
    (folder / "named.conf").write_text(f"{keys}options {{ {options} }};\ncontrols {{ }};\n{zones}")
    for name in ZONES:
        lines = (
            f"$TTL {TTL_S}",
            f"@ SOA ns1.{name}. hostmaster.{name}. 1 7200 900 1209600 300",
            f"@ NS ns1.{name}.",
            "ns1 A 127.0.0.1",
        )
        (folder / f"{name}.zone").write_text("\n".join(lines) + "\n")


def _serves(server: NameServer) -> bool:
    question = dns.message.make_query(ZONES[-1], "SOA")
    try:
        answer = dns.query.udp(question, server.address, TRY_S, server.port)
    except (dns.exception.DNSException, OSError):
        return False
    return answer.rcode() == dns.rcode.NOERROR


def _free_port() -> int:
    """One that is free for both protocols at this moment."""
    while True:
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram, suppress(OSError):
            stream.bind(("127.0.0.1", 0))
            datagram.bind(stream.getsockname())
            return int(stream.getsockname()[1])
