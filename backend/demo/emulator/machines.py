"""What stands behind an emulated provider: nothing, or real machines over a UNIX socket."""

from __future__ import annotations

import json
import logging
import socket
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from backend.demo.emulator.state import State

log = logging.getLogger(__name__)

HELD, HOLD_LIMIT_S, LOOK_S = "held", 60.0, 0.02


class MachineError(RuntimeError):
    """The machines' side refused or is gone."""


class Machines(Protocol):
    """Makes and changes the machines of an emulated provider; each call may take seconds."""

    def reserve(self, machine_id: str, /) -> str | None:
        """The address the machine will have, where that is known before it is made."""
        ...

    def create(self, machine_id: str, order: dict[str, Any], /) -> str:
        """Make the machine (or find it made); returns its IPv4 address."""
        ...

    def power(self, machine_id: str, action: str, /) -> None: ...

    def resize(self, machine_id: str, /, **size: int | None) -> None:
        """``memory_mb``, ``vcpus`` and ``disk_gb`` (None: leave the disk)."""
        ...

    def snapshot(self, machine_id: str, name: str, /) -> None: ...

    def restore(self, machine_id: str, name: str, /) -> None:
        """Put a snapshot onto the machine's disk and start it."""
        ...

    def delete(self, machine_id: str, /) -> None: ...


def take_time(state: State, seconds: float) -> None:
    """Work that is under way takes so long, and longer while control ``hold`` is on (:data:`HOLD_LIMIT_S` at most)."""
    time.sleep(seconds)
    end = time.monotonic() + HOLD_LIMIT_S
    while state.get("setting", HELD) is not None and time.monotonic() < end:
        time.sleep(LOOK_S)


def fail_if_wanted(state: State, kind: str) -> None:
    """Control ``errored``: the next work of this kind ends so.

    :raises MachineError: it was wanted.
    """
    if state.get("errored", kind) is not None:
        with state.change():
            state.drop("errored", kind)
        raise MachineError("as a control asked")


def unmake(state: State, machines: Machines, machine_id: str) -> None:
    """Delete a machine whose end is written down as a record ``doomed``, and that record with it."""
    try:
        machines.delete(machine_id)
    except MachineError as error:
        log.warning("machine %s could not be deleted: %s", machine_id, error)
        return
    with state.change():
        state.drop("doomed", machine_id)


class NoMachines:
    """Servers without a machine: an address from the documentation ranges (RFC 5737), then from RFC 2544's."""

    RANGES = ("203.0.113.", "198.51.100.", "192.0.2.")

    def reserve(self, machine_id: str) -> str:
        number = int(machine_id) % 65_000
        if number < 750:
            return f"{self.RANGES[number // 250]}{number % 250 + 1}"
        return f"198.{18 + number // 32_500}.{number // 250 % 130}.{number % 250 + 1}"

    def create(self, machine_id: str, _order: dict[str, Any]) -> str:
        return self.reserve(machine_id)

    def power(self, _machine_id: str, _action: str) -> None:
        return None

    def resize(self, _machine_id: str, /, **_size: int | None) -> None:
        return None

    def snapshot(self, _machine_id: str, _name: str) -> None:
        return None

    def restore(self, _machine_id: str, _name: str) -> None:
        return None

    def delete(self, _machine_id: str) -> None:
        return None


class RemoteMachines:
    """Machines behind a UNIX stream socket: JSON lines, one request and one answer each, a connection a call."""

    def __init__(self, path: str) -> None:
        self._path = path

    def reserve(self, _machine_id: str) -> None:
        return None

    def create(self, machine_id: str, order: dict[str, Any]) -> str:
        return str(self._call("create", machine_id, **order)["ip"])

    def power(self, machine_id: str, action: str) -> None:
        self._call("power", machine_id, action=action)

    def resize(self, machine_id: str, /, **size: int | None) -> None:
        self._call("resize", machine_id, **size)

    def snapshot(self, machine_id: str, name: str) -> None:
        self._call("snapshot", machine_id, name=name)

    def restore(self, machine_id: str, name: str) -> None:
        self._call("restore", machine_id, name=name)

    def delete(self, machine_id: str) -> None:
        self._call("delete", machine_id)

    def _call(self, op: str, machine_id: str, **details: Any) -> dict[str, Any]:
        request = {"op": op, "id": machine_id, **details}
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
                sock.settimeout(60)
                sock.connect(self._path)
                sock.sendall(json.dumps(request).encode() + b"\n")
                answer = json.loads(sock.makefile().readline() or "{}")
        except (OSError, ValueError) as error:
            raise MachineError(str(error)) from error
        if "ok" not in answer:
            raise MachineError(str(answer.get("error", "no answer")))
        found: dict[str, Any] = answer["ok"]
        return found
