"""One look at a mail server over SSH: its containers, its ports with TLS, its queue. One script, one round trip.

Ports are asked on the server's own loopback, or by another server at the address that the world sees. Greetings and
STARTTLS as of RFC 5321 and 3207 (SMTP), 9051 (IMAP), 1939 and 2595 (POP3), 5804 (ManageSieve).
"""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from backend.core.errors import BadResponse
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession
    from backend.mail.host.docker import ComposeProject

#: How a port answered: as it should, not at all, with another greeting, or without TLS.
PortState = Literal["well", "closed", "odd", "plain"]

DIAL_S, LIMIT_S = 6.0, 90.0
MOST_LINES = 40
LOOPBACK = "127.0.0.1"
HTTPS = 443

_SCRIPT = r"""
import base64, hashlib, json, socket, ssl, subprocess, sys, time
asked = json.load(sys.stdin)  # look at a mail server
def out(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
GREETS = {25: b"220", 587: b"220", 465: b"220", 143: b"* OK", 993: b"* OK", 110: b"+OK", 995: b"+OK"}
UPGRADES = {
    25: ((b"EHLO mailyard\r\n", b"250 "), (b"STARTTLS\r\n", b"220")),
    587: ((b"EHLO mailyard\r\n", b"250 "), (b"STARTTLS\r\n", b"220")),
    143: ((b"a STARTTLS\r\n", b"a OK"),),
    110: ((b"STLS\r\n", b"+OK"),),
    4190: ((b"", b"OK"), (b"STARTTLS\r\n", b"OK")),
}
def line_of(stream, begins):
    for _each in range(asked["lines"]):
        line = stream.readline(2000)
        if not line or line.startswith(begins):
            return line
        if begins == b"220" or begins == b"+OK":
            return line
    return b""
certificates = {}
def secured(line):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    tls = context.wrap_socket(line, server_hostname=asked["name"])
    der = tls.getpeercert(True)
    key = hashlib.sha256(der).hexdigest()
    certificates[key] = base64.b64encode(der).decode()
    return tls, key
def port_of(port):
    told = {"state": "closed", "banner": "", "certificate": ""}
    try:
        line = socket.create_connection((asked["address"], port), asked["dial_s"])
    except OSError:
        return told
    try:
        line.settimeout(asked["dial_s"])
        if port == 80:
            return told | {"state": "well"}
        if port in (443, 465, 993, 995):
            told["state"] = "plain"
            line, told["certificate"] = secured(line)
            told["state"] = "odd"
        stream = line.makefile("rwb")
        if port in GREETS:
            told["state"] = "odd"
            told["banner"] = line_of(stream, GREETS[port]).decode("utf-8", "replace").strip()[:200]
            if not told["banner"].encode().startswith(GREETS[port]):
                return told
        if port in UPGRADES:
            told["state"] = "plain"
            for send, wants in UPGRADES[port]:
                stream.write(send)
                stream.flush()
                if not line_of(stream, wants).startswith(wants):
                    return told
            line, told["certificate"] = secured(line)
        return told | {"state": "well"}
    except (OSError, ValueError):
        return told
    finally:
        line.close()
def queue():
    said = out(*asked["compose"], "exec", "-T", "smtp", "postqueue", "-j") if asked["compose"] else None
    if said is None:
        return None
    found = [json.loads(each) for each in said.splitlines() if each.strip()]
    return {"messages": len(found), "oldest_at": min((each["arrival_time"] for each in found), default=0)}
ports = {str(port): port_of(port) for port in asked["ports"]}
print(json.dumps({
    "containers": out("sh", "-c", asked["listing"]) if asked["listing"] else "",
    "queue": queue(), "ports": ports, "certificates": certificates, "now": time.time(),
}))
"""


@dataclass(frozen=True)
class PortSeen:
    """How one port answered; ``certificate`` is the SHA-256 of the one it showed, in hex."""

    state: PortState
    banner: str
    certificate: str


@dataclass(frozen=True)
class QueueSeen:
    """``oldest_at`` in seconds since 1970, of the server's own clock; 0 where the queue is empty."""

    messages: int
    oldest_at: float


@dataclass(frozen=True)
class MailSeen:
    """What a look found. ``containers`` are Docker's own words, None: it did not answer; ``certificates`` in base64
    of DER, by their SHA-256. ``now`` is the server's clock.
    """

    containers: str | None
    queue: QueueSeen | None
    ports: dict[str, PortSeen]
    certificates: dict[str, str]
    now: float

    def certificate(self, fingerprint: str) -> bytes:
        """The DER of one that was shown."""
        return base64.b64decode(self.certificates[fingerprint])


def look(
    ssh: SshSession,
    *,
    host_name: str,
    ports: Sequence[int],
    project: ComposeProject | None = None,
    address: str = LOOPBACK,
) -> MailSeen:
    """Ask ``ssh``'s server for ``ports`` at ``address``; with its own ``project`` for containers and queue as well.

    :raises SshError: it could not be asked.
    :raises BadResponse: it answered with something else.
    """
    import msgspec

    asked = {
        "address": address,
        "name": host_name,
        "ports": list(ports),
        "compose": list(project.words) if project is not None else [],
        "listing": project.listing if project is not None else "",
        "dial_s": DIAL_S,
        "lines": MOST_LINES,
    }
    said = ssh.check(f"python3 -c {shlex.quote(_SCRIPT)}", stdin=json.dumps(asked), timeout_s=LIMIT_S)
    try:
        return msgspec.json.decode(said, type=MailSeen)
    except msgspec.MsgspecError as error:
        raise BadResponse(
            _("The server did not tell how its mail server is."),
            remedy=_("Look at it over SSH."),
            detail=str(error)[:200],
        ) from error


def served(ssh: SshSession, host_name: str) -> bytes:
    """The DER of the certificate that the server shows on its own port 443; empty where it shows none.

    :raises SshError: it could not be asked.
    :raises BadResponse: it answered with something else.
    """
    seen = look(ssh, host_name=host_name, ports=(HTTPS,))
    shown = seen.ports[str(HTTPS)].certificate
    return seen.certificate(shown) if shown else b""
