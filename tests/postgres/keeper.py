"""The process that owns a cluster: it ends it and removes it when its standard input closes, however that comes.

``python -m tests.postgres.keeper PROGRAMS``; says ``ready FOLDER`` or ``failed REASON`` on one line. Each line on its
standard input restarts the server at once, and is answered in the same way.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.postgres.binaries import unprivileged_user

START_S = 60.0
END_S = 20.0
PR_SET_PDEATHSIG = 1
SETTINGS = {
    "listen_addresses": "",  # the socket only: reachable from every network namespace, and from no other machine
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_min_messages": "warning",
}


def main() -> None:
    programs, folder = Path(sys.argv[1]), Path(tempfile.mkdtemp(prefix="mailyard-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        identity = _identity(folder)
        _initialise(programs, folder, identity)
        server = _start(programs, folder, identity)
        _wait_until_ready(server, folder)
        print(f"ready {folder}", flush=True)
        for _order in sys.stdin:
            _end(server)
            server = _start(programs, folder, identity)
            _wait_until_ready(server, folder)
            print(f"ready {folder}", flush=True)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"failed {error}".replace("\n", " "), flush=True)
    finally:
        if server is not None:
            _end(server)
        shutil.rmtree(folder, ignore_errors=True)


def _identity(folder: Path) -> dict[str, Any]:
    """How a child becomes somebody PostgreSQL accepts; the folder is theirs from then on."""
    user = unprivileged_user()
    if user is None:
        return {}
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path, identity: dict[str, Any]) -> None:
    options = ["--username=postgres", "--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync"]
    command = [str(programs / "initdb"), f"--pgdata={folder / 'data'}", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=START_S, **identity)
    if done.returncode:
        raise RuntimeError(f"initdb: {done.stderr[-500:]}")


def _start(programs: Path, folder: Path, identity: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    chosen = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), *chosen],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_die_with_parent,
            **identity,
        )


def _die_with_parent() -> None:
    """SIGQUIT is PostgreSQL's immediate shutdown; macOS has no such order, there the keeper alone must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """The last line of its pid file says so (PostgreSQL 10 and later)."""
    pid_file, end = folder / "data" / "postmaster.pid", time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < end:
        if pid_file.exists() and pid_file.read_text().rstrip().endswith("ready"):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server did not start: {(folder / 'log').read_text()[-500:]}")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(END_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(END_S)


if __name__ == "__main__":
    main()
