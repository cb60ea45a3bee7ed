"""From another process's commit to the pixels: ``python -m benchmarks.commit_to_screen [CHANGES]``.

A second process renames servers, one after the other, and says when each commit returned; the console beside it notes
when the table was painted with the new name. 1 000 servers, QT_QPA_PLATFORM as it is set (offscreen by default); once
with nothing else beside, once with the console's engine at work in its process, where every probe is refused.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGES, SERVERS, LIMIT_S = 30, 1000, 10.0
NOBODY = 1  # a port of loopback where nothing listens


def main(changes: int) -> None:
    from tests.requirements import OFFSCREEN

    os.environ.setdefault("QT_QPA_PLATFORM", OFFSCREEN)
    for kind in ("nothing", "engine"):
        command = [sys.executable, "-m", "benchmarks.commit_to_screen", kind, str(changes)]
        subprocess.run(command, cwd=ROOT, check=True, timeout=300)


def measure(kind: str, changes: int) -> None:
    from PySide6.QtWidgets import QApplication

    from benchmarks.beside import open_with_engine
    from benchmarks.console import prepare
    from benchmarks.server_table import server_table
    from tests.app.window import close_console, open_console, wait_until
    from tests.installation import open_installation

    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), SERVERS)
        holder = open_installation(Path(folder))
        if kind == "engine":
            console = open_with_engine(QApplication(["mailyard"]), Path(folder), NOBODY)
        else:
            holder.lock.take("benchmark", holder.clock.now())  # nothing else happens meanwhile
            console = open_console(QApplication(["mailyard"]), Path(folder), owns_process=True)
        table = server_table(console)
        wait_until(lambda: table.model().rowCount() == SERVERS, "the rows")
        command = [sys.executable, "-m", "benchmarks.commit_to_screen", "writer", folder]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as writer:
            assert writer.stdin is not None
            assert writer.stdout is not None
            writer.stdout.readline()
            late = [_one(table, writer, number) for number in range(changes)]
            writer.stdin.close()
        close_console(console)
        holder.close()
    late.sort()
    print(f"commit to screen, {kind} beside: median {statistics.median(late) * 1000:.0f} ms (target <= 150), ", end="")
    print(f"best {late[0] * 1000:.0f}, worst {late[-1] * 1000:.0f}, {changes} changes of {SERVERS} servers")


def _one(table: object, writer: subprocess.Popen[str], number: int) -> float:
    from PySide6.QtWidgets import QTableView

    from tests.app.window import wait_until

    assert isinstance(table, QTableView)
    assert writer.stdin is not None
    assert writer.stdout is not None
    name = f"aa{number}.example.net"  # stands first among the critical ones
    writer.stdin.write(f"{name}\n")
    seen: list[float] = []

    def look() -> bool:
        first = table.model().index(0, 0).data()
        if first == name:
            table.viewport().repaint()
            seen.append(time.monotonic())
        return bool(seen)

    wait_until(look, name, LIMIT_S)
    committed = float(writer.stdout.readline())
    wait_until(_after(time.monotonic() + 0.3 + 0.037 * (number % 7)), "a pause that is not in step with any timer")
    return seen[0] - committed


def _after(moment: float) -> Callable[[], bool]:
    return lambda: time.monotonic() > moment


def writer(folder: str) -> None:
    """Renames the server that stands first, as often as it is told a name."""
    from backend.store.schema.fleet import Server
    from backend.store.scope import AGENCY, ENGINE_SCOPE
    from tests.installation import open_installation
    from tests.sample_data.servers import server_id

    installation = open_installation(Path(folder))
    print("ready", flush=True)
    for name in sys.stdin:
        with installation.store.write(ENGINE_SCOPE) as session:
            session.get_one(Server, (AGENCY, server_id(0))).name = name.strip()
        print(repr(time.monotonic()), flush=True)
    installation.close()


if __name__ == "__main__":
    words = sys.argv[1:]
    if words and words[0] == "writer":
        writer(words[1])
    elif words and words[0] in ("nothing", "engine"):
        measure(words[0], int(words[1]))
    else:
        main(int(words[0]) if words else CHANGES)
