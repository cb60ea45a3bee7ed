"""Mail servers of others: each takes all mail for its domain, with STARTTLS, and keeps it for the tests to read."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.lab.authority import lab_authority
from tests.lab.lifetime import ROOT
from tests.lab.nodes.plan import SINKS
from tests.lab.nodes.servers import Servers
from tests.lab.waiting import connects


@dataclass(frozen=True)
class Received:
    """A message that was taken: what the envelope said, who brought it and how, and the message as it came."""

    sender: str
    recipients: list[str]
    peer: str
    greeted_as: str
    by_tls: bool
    message: str


class Sink:
    """Reads what the server of one domain took; ``folder`` is where that keeps it, ``before`` names what it hides."""

    def __init__(self, folder: Path, before: frozenset[str] = frozenset()) -> None:
        self._folder = folder
        self._before = before

    def from_now(self) -> Sink:
        """One that tells only of what comes from now on."""
        return Sink(self._folder, frozenset(file.name for file in self._folder.glob("*.json")))

    def received(self, recipient: str = "") -> list[Received]:
        """Oldest first; all of them, or those for one address."""
        files = sorted(self._folder.glob("*.json"))
        found = [Received(**json.loads(file.read_text())) for file in files if file.name not in self._before]
        return [each for each in found if not recipient or recipient in each.recipients]


def start_sinks(servers: Servers) -> dict[str, Sink]:
    """One for each domain of others, which is its key."""
    sinks = {}
    for domain, node in SINKS.items():
        place = servers.place(node)
        lab_authority().issue(f"mx.{domain}", node.ip).write(place)
        (place / "taken").mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.lab.nodes.sink_server", node.ip, domain, str(place)]
        servers.start(node, command, partial(connects, node.ip, 25), PYTHONPATH=str(ROOT))
        sinks[domain] = Sink(place / "taken")
    return sinks
