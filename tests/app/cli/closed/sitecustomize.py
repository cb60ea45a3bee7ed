"""Read by Python at the start of a command under test: no Qt where that is requested, no network outside, and a list of
what was imported. A folder of its own, because Python finds this file by its name alone."""

from __future__ import annotations

import atexit
import errno
import os
import socket
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import ModuleType
from typing import Any

ALLOWED = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "10.77.0.0/16")))
_connect = socket.socket.connect


class Hidden:
    """A finder that is attached to all others and knows some modules not to exist."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = set(names)

    def find_spec(self, name: str, _path: object = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name.split(".")[0] in self._names:
            raise ImportError(f"{name} is hidden from this process")
        return None


def connect(line: socket.socket, address: Any) -> None:
    """As if no route led out of here."""
    if isinstance(address, tuple):
        host = ip_address(str(address[0]).split("%")[0])
        if not any(host in network for network in ALLOWED):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    _connect(line, address)


def write_modules(path: str) -> None:
    Path(path).write_text("\n".join(sorted(sys.modules)))


socket.socket.connect = connect  # type: ignore[assignment,method-assign]
if hidden := os.environ.get("MAILYARD_TEST_HIDDEN"):
    sys.meta_path.insert(0, Hidden(hidden.split(",")))
if modules := os.environ.get("MAILYARD_TEST_MODULES"):
    atexit.register(write_modules, modules)
