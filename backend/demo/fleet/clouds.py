"""python -m backend.demo.fleet.clouds FOLDER: the demo's clouds and hosts as one process, on loopback alone.

It ends when its standard input closes, however its owner ended. Where everything listens stands in ``where.json``.
"""

from __future__ import annotations

import gc
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from backend.demo.digitalocean.api import DigitalOceanApi
from backend.demo.emulator.faults import Faults
from backend.demo.emulator.process import Start
from backend.demo.emulator.server import EmulatorServer
from backend.demo.emulator.state import State
from backend.demo.emulator.wire import Api
from backend.demo.fleet.machines import CloudMachines, Hosts
from backend.demo.linode.api import LinodeApi

WHERE = "where.json"
#: Addresses nobody has (RFC 5737), one network a cloud.
NETWORKS = {"digitalocean": "203.0.113.", "linode": "198.51.100."}
REFERENCES = 2
#: Every login leaves circles behind; by itself the interpreter would let them grow for hours before it looks at all.
COLLECT_S = 60.0
APIS: dict[str, Callable[[Start], Api]] = {"digitalocean": DigitalOceanApi, "linode": LinodeApi}


class Clouds:
    """Both clouds, the hosts behind them, and the reference targets by which one's own network is proven up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._states: list[State] = []
        self._servers: dict[str, EmulatorServer] = {}
        self._references = [socket.create_server(("127.0.0.1", 0)) for _each in range(REFERENCES)]
        self._hosts = Hosts(folder, self._announce)
        for kind, network in NETWORKS.items():
            self._open(kind, network)
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.1,), name="demo-cloud", daemon=True).start()
        for each in self._references:
            threading.Thread(target=_take_and_close, args=(each,), name="demo-reference", daemon=True).start()
        self._hosts.tell()

    def close(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()
            server.api.close()
        self._hosts.close()
        for state in self._states:
            state.close()
        for each in self._references:
            each.close()

    def _open(self, kind: str, network: str) -> None:
        folder = self._folder / kind
        state = State(folder)
        self._states.append(state)
        machines = CloudMachines(self._hosts, kind, network)
        api = APIS[kind](Start(folder, state, machines, "document", 1.0, ""))
        self._servers[kind] = EmulatorServer(0, api, Faults())

    def _announce(self) -> None:
        """Write down where everything listens; the hosts call it. It is read again when it changed."""
        found = {
            "clouds": {kind: server.url for kind, server in self._servers.items()},
            "references": [each.getsockname()[1] for each in self._references],
            "ssh": self._hosts.ports(),
        }
        fresh = self._folder / f"{WHERE}.new"
        fresh.write_text(json.dumps(found))
        fresh.replace(self._folder / WHERE)


def main(arguments: list[str]) -> int:
    """Serve until standard input closes or SIGTERM; prints ``ready`` when everything listens."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    clouds = Clouds(folder)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, for the console: it ends us in order
    threading.Thread(target=_wait_for_owner, args=(ended,), daemon=True).start()
    print("ready", flush=True)  # noqa: T201 - the owner waits for this line
    while not ended.wait(COLLECT_S):
        gc.collect()
    clouds.close()
    return 0


def _wait_for_owner(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(1024):
        continue
    ended.set()


def _take_and_close(door: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection: Any = door.accept()[0]
            connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
