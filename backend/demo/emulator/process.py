"""The command line and life of an emulator process."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.demo.emulator.faults import Faults
from backend.demo.emulator.machines import Machines, NoMachines, RemoteMachines
from backend.demo.emulator.owner import call_when_owner_ends
from backend.demo.emulator.server import EmulatorServer, Handler
from backend.demo.emulator.state import State

if TYPE_CHECKING:
    from backend.demo.emulator.wire import Api

TOKEN_VARIABLE = "MAILYARD_EMULATOR_TOKEN"  # noqa: S105 - the name of a variable, not a token

#: Holds the word without which no order is taken; for a developer's own emulator there need be none.
WORD_VARIABLE = "MAILYARD_EMULATOR_WORD"


@dataclass(frozen=True)
class Start:
    """How an emulator was started; ``folder`` is where its state is, and room for more."""

    folder: Path
    state: State
    machines: Machines
    mode: str
    speed: float
    token: str


def run(
    make_api: Callable[[Start], Api], arguments: list[str] | None = None, *, handler: type[Handler] | None = None
) -> int:
    """Serve until SIGTERM, or until standard input closes where that was asked for.

    Prints one line ``ready http://127.0.0.1:PORT`` when it listens.
    """
    options = _parser().parse_args(arguments)
    folder = Path(options.state)
    state = State(folder)
    machines: Machines = NoMachines()
    if options.machines:
        machines = RemoteMachines(options.machines)
    token = os.environ.get(TOKEN_VARIABLE, "")
    api = make_api(Start(folder, state, machines, options.mode, options.speed, token))
    server = EmulatorServer(options.port, api, Faults(), handler, word=os.environ.get(WORD_VARIABLE, ""))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    if options.until_stdin_closes:
        call_when_owner_ends(server.shutdown)
    print(f"ready {server.url}", flush=True)  # noqa: T201 - the owner waits for this line
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    api.close()
    state.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="A provider emulator for tests and the demo fleet.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", required=True, help="folder for the emulator's memory")
    parser.add_argument("--mode", choices=("document", "drift"), default="document")
    parser.add_argument("--machines", help="UNIX socket of real machines behind the servers")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than life transitions are")
    parser.add_argument("--until-stdin-closes", action="store_true")
    return parser
