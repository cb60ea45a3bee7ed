"""Whether a server can carry Mailu: asked of the server itself, in one look over SSH.

Docker's own needs and Mailu's (docs/compose/requirements.rst of 2024.06): 1 GB of memory and 1 GB of swap, 3 GB with
antivirus. Mailyard asks for more where a later resize would cost downtime.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from backend.core.errors import BadResponse, Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.core.ssh.session import SshSession

#: In MB as /proc/meminfo counts: a plan of 2 GB shows less than 2 048.
LEAST_MEMORY_MB, LEAST_WITH_ANTIVIRUS_MB = 1_800, 3_700
LEAST_DISK_MB = 8_000
MOST_CLOCK_OFF_S = 60.0
LOOK_LIMIT_S, DIAL_S = 60.0, 6
SYSTEMS: Mapping[str, frozenset[str]] = {"debian": frozenset({"12", "13"}), "ubuntu": frozenset({"24.04"})}

#: One script, since each command over SSH costs a round trip. It answers one JSON object; python3 is on every image
#: that cloud-init runs on.
_SCRIPT = r"""
import json, os, shutil, socket, subprocess, sys, time
asked = json.load(sys.stdin)
def out(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
def opens(host):
    try:
        with socket.create_connection((host, 25), asked["dial_s"]) as line:
            line.settimeout(asked["dial_s"])
            return "open" if line.recv(64).startswith(b"2") else "odd"
    except socket.gaierror:
        return "unknown name"
    except OSError as error:
        return "closed " + type(error).__name__
memory = {}
with open("/proc/meminfo") as file:
    for line in file:
        key, value = line.split(":")
        memory[key] = int(value.split()[0]) // 1024
system = {}
with open("/etc/os-release") as file:
    for line in file:
        key, found, value = line.strip().partition("=")
        system[key] = value.strip('"')
listening = []
for line in out("ss", "-Hltnp").splitlines():
    parts = line.split()
    port = parts[3].rsplit(":", 1)[1]
    if port.isdigit():
        users = line.partition('users:(("')[2].partition('"')[0]
        listening.append([int(port), users])
disk = shutil.disk_usage("/var/lib")
print(json.dumps({
    "memory_mb": memory.get("MemTotal", 0), "swap_mb": memory.get("SwapTotal", 0),
    "free_mb": disk.free // 1000000, "system": system.get("ID", ""), "release": system.get("VERSION_ID", ""),
    "codename": system.get("VERSION_CODENAME", ""), "machine": os.uname().machine, "now": time.time(),
    "listening": listening, "ssh": os.environ.get("SSH_CONNECTION", "").split(),
    "mail_25": {host: opens(host) for host in asked["outside"]},
}))
"""


@dataclass(frozen=True)
class HostFacts:
    """What a server told. ``now`` in seconds since 1970, ``ssh`` its SSH_CONNECTION: our address and port, its own.

    ``listening`` are ports with the program that has each; ``mail_25`` is, for each outside mail server, ``open`` or
    why not.
    """

    memory_mb: int
    swap_mb: int
    free_mb: int
    system: str
    release: str
    codename: str
    machine: str
    now: float
    ssh: tuple[str, str, str, str]
    listening: tuple[tuple[int, str], ...]
    mail_25: dict[str, str]

    @property
    def console(self) -> str:
        """The address that the server sees us come from."""
        return self.ssh[0]

    @property
    def ssh_port(self) -> int:
        return int(self.ssh[3])


def can_send(mail_25: Mapping[str, str]) -> bool | None:
    """Whether port 25 is open to the outside; None: nobody answered who could have told."""
    told = list(mail_25.values())
    if any(each == "open" for each in told):
        return True
    return False if any(each.startswith("closed") for each in told) else None


def look(ssh: SshSession, outside: Sequence[str]) -> HostFacts:
    """Ask ``ssh``'s server; ``outside`` are mail servers of others that take connections on port 25.

    :raises SshError: it could not be asked.
    :raises BadResponse: it answered with something else.
    """
    import msgspec

    asked = json.dumps({"outside": list(outside), "dial_s": DIAL_S})
    limit_s = LOOK_LIMIT_S + DIAL_S * 2 * len(outside)
    said = ssh.check(f"python3 -c {shlex.quote(_SCRIPT)}", stdin=asked, timeout_s=limit_s)
    try:
        return msgspec.json.decode(said, type=HostFacts)
    except (msgspec.MsgspecError, ValueError) as error:
        raise BadResponse(
            _("The server did not tell what it is made of."),
            remedy=_("Look at the log of the job, then retry."),
            detail=str(error)[:200],
        ) from error


def check_fitness(
    facts: HostFacts, *, has_antivirus: bool, ports: Sequence[int], ours: frozenset[str], now: datetime
) -> None:
    """``ours`` are the programs that may listen on ``ports``: an earlier run of the job started them.

    :raises Refused: with the first thing that stands against a mail server there.
    """
    if facts.release not in SYSTEMS.get(facts.system, frozenset()):
        raise Refused(
            _("Mailyard cannot set up a mail server on {system} {release}.").format(
                system=facts.system or "?", release=facts.release
            ),
            remedy=_("Use Debian 12, Debian 13 or Ubuntu 24.04."),
        )
    least = LEAST_WITH_ANTIVIRUS_MB if has_antivirus else LEAST_MEMORY_MB
    check_memory(facts.memory_mb, least)
    if facts.free_mb < LEAST_DISK_MB:
        raise Refused(
            _("Only {free} MB are free on the server; the mail server needs {least} MB.").format(
                free=facts.free_mb, least=LEAST_DISK_MB
            ),
            remedy=_("Free some space, or resize the server."),
        )
    off_s = abs(facts.now - now.timestamp())
    if off_s > MOST_CLOCK_OFF_S:
        raise Refused(
            _("The clock of the server is {seconds} s off.").format(seconds=round(off_s)),
            remedy=_("Switch its time synchronisation on: certificates and logins depend on it."),
        )
    _check_ports(facts, ports, ours)


def check_memory(memory_mb: int, least_mb: int) -> None:
    """:raises Refused: the server has less."""
    if memory_mb < least_mb:
        raise Refused(
            _("The server has {memory} MB of memory; the mail server needs {least} MB.").format(
                memory=memory_mb, least=least_mb
            ),
            remedy=_("Resize it to a larger plan first, or leave the antivirus out."),
        )


def _check_ports(facts: HostFacts, ports: Sequence[int], ours: frozenset[str]) -> None:
    for port, user in facts.listening:
        if port in ports and user not in ours:
            raise Refused(
                _("Port {port} of the server is in use by {program}.").format(port=port, program=user or "?"),
                remedy=_("Stop and remove that service, then retry."),
            )
