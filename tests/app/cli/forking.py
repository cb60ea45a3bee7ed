"""python -m tests.app.cli.forking DESCRIPTOR: imports what commands import, and forks one for each order it reads.

An order comes with the line that its pid and its exit code go back on, and with the descriptors of the command.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import app.cli
import backend

PR_SET_PDEATHSIG = 1
MOST_DESCRIPTORS = 32
LONGEST = 200_000
#: The highest descriptor of ours, and where those of a command wait until ours are closed.
CLOSED_BELOW, WAITING_FROM = 1000, 500
#: No command has these: the demo's, and what alembic runs from its own folder.
LEFT_OUT = ("backend.demo", "backend.store.migrations")
#: Libraries that commands import late, inside functions of ours or of other libraries, where they are there.
LATE = (
    *("alembic.command", "alembic.config", "alembic.ddl.postgresql", "alembic.ddl.sqlite"),
    *("cryptography.hazmat.primitives.ciphers.aead", "cryptography.hazmat.primitives.kdf.scrypt"),
    *("email.policy", "encodings.idna", "httpcore", "httpx", "paramiko", "psycopg"),
    *("pydantic.type_adapter", "rich.console", "rich.table", "secretstorage", "sqlalchemy.dialects.postgresql.psycopg"),
    "sqlalchemy.dialects.sqlite.pysqlite",
)


def main() -> int:
    """Fork until the line closes; in a fork, the command's exit code."""
    control = socket.socket(fileno=int(sys.argv[1]))
    _import_all()
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a process with threads cannot fork commands"
    gc.collect()
    gc.freeze()  # or the end of each fork would look through all that was imported
    control.send(b"ready")
    forks: dict[int, tuple[int, int]] = {}
    while True:
        for ready in select.select([control.fileno(), *forks], [], [])[0]:
            if ready in forks:
                pid, line = forks.pop(ready)
                _tell_end(pid, ready, line)
                continue
            message, descriptors, _flags, _address = socket.recv_fds(control, LONGEST, MOST_DESCRIPTORS)
            if not message:
                return 0
            if (pid := os.fork()) == 0:
                control.detach()
                return _be_command(json.loads(message), descriptors[1:])
            forks[os.pidfd_open(pid)] = pid, descriptors[0]
            os.write(descriptors[0], str(pid).encode())
            for descriptor in descriptors[1:]:
                os.close(descriptor)


def _tell_end(pid: int, pidfd: int, line: int) -> None:
    """The exit code and the processor seconds."""
    _pid, status, usage = os.wait4(pid, 0)
    with suppress(BrokenPipeError):  # nobody waits for it any more
        os.write(line, f"{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime}".encode())
    os.close(line)
    os.close(pidfd)


def _be_command(order: dict[str, Any], descriptors: Sequence[int]) -> int:
    """As if the program had been started just now."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()
    _take(dict(zip(order["numbers"], descriptors, strict=True)))
    _speak_through_them()
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.argv = order["command"]
    from app.__main__ import main as command

    return command()


def _take(descriptors: dict[int, int]) -> None:
    """Let each be known by its number, and close all others."""
    import fcntl

    waiting = {number: fcntl.fcntl(ours, fcntl.F_DUPFD, WAITING_FROM) for number, ours in descriptors.items()}
    os.closerange(3, WAITING_FROM)
    for number, ours in waiting.items():
        os.dup2(ours, number)
    os.closerange(WAITING_FROM, CLOSED_BELOW)


def _speak_through_them() -> None:
    """As Python begins; the streams of before know what their descriptors were."""
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)


def _import_all() -> None:
    for package in (app.cli, backend):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(LEFT_OUT) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    for name in LATE:
        with suppress(ModuleNotFoundError):
            importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main())
