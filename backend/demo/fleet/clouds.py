"""python -m backend.demo.fleet.clouds FOLDER: the demo's clouds and hosts as one process, on loopback alone.

It ends when its standard input closes, however its owner ended. Where everything listens, and the word with which the
clouds take orders, stand in ``where.json``, which their owner alone can read.
"""

from __future__ import annotations

import gc
import json
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from backend.core.private import make_folder, replace_file
from backend.core.process import keep_private
from backend.demo.emulator.faults import Faults
from backend.demo.emulator.owner import call_when_owner_ends
from backend.demo.emulator.process import Start
from backend.demo.emulator.server import EmulatorServer
from backend.demo.emulator.state import State
from backend.demo.emulator.twin import Twin
from backend.demo.fleet.machines import CloudMachines, Hosts
from backend.demo.fleet.twins import TWINS

WHERE = "where.json"
REFERENCES = 2
AGAIN_S = 0.1
#: Every login leaves circles behind; by itself the interpreter would let them grow for hours before it looks at all.
COLLECT_S = 60.0


class Clouds:
    """All clouds, the hosts behind them, and the reference targets by which one's own network is verified to be up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._word = secrets.token_urlsafe(24)
        self._states: list[State] = []
        self._servers: dict[str, EmulatorServer] = {}
        self._references = [socket.create_server(("127.0.0.1", 0)) for _each in range(REFERENCES)]
        self._hosts = Hosts(folder, self._announce)
        for twin in TWINS.values():
            self._open(twin)
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.1,), name="demo-cloud", daemon=True).start()
        for each in self._references:
            threading.Thread(target=take_and_close, args=(each,), name="demo-reference", daemon=True).start()
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

    def _open(self, twin: Twin) -> None:
        folder = self._folder / twin.kind
        state = State(folder)
        self._states.append(state)
        machines = CloudMachines(self._hosts, twin.kind, twin.network)
        api = twin.make_api(Start(folder, state, machines, "document", 1.0, ""))
        self._servers[twin.kind] = EmulatorServer(0, api, Faults(), word=self._word)

    def _announce(self) -> None:
        """Write down where everything listens; the hosts call it. It is read again when it changed."""
        found = {
            "word": self._word,
            "clouds": {kind: server.url for kind, server in self._servers.items()},
            "references": [each.getsockname()[1] for each in self._references],
            "ssh": self._hosts.ports(),
        }
        replace_file(self._folder / WHERE, json.dumps(found).encode())


def main(arguments: list[str]) -> int:
    """Serve until standard input closes or SIGTERM; prints ``ready`` when everything listens."""
    keep_private()
    folder = Path(arguments[0])
    make_folder(folder)
    clouds = Clouds(folder)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal, for the console: it ends us in order
    call_when_owner_ends(ended.set)
    print("ready", flush=True)  # noqa: T201 - the owner waits for this line
    while not ended.wait(COLLECT_S):
        gc.collect()
    clouds.close()
    return 0


def take_and_close(listener: socket.socket) -> None:
    """Take every connection and end it, until the listener is closed; where none can be taken, again soon."""
    while listener.fileno() >= 0:
        try:
            connection: Any = listener.accept()[0]
        except OSError:
            time.sleep(AGAIN_S)
        else:
            connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
