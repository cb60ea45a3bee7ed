"""The command line as a person uses it: real processes on one data folder, without Qt, without a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, until
from tests.requirements import ROOT

PROGRAM = str(Path(sys.executable).parent / "mailyard")
CLOSED = str(Path(__file__).parent / "closed")
LIMIT_S = 90.0
REGION, PLAN = "fra1", "s-1vcpu-2gb"


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Running:
    """A command under way; what it says is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._said: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [
            threading.Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in (("out", process.stdout), ("err", process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def err(self) -> str:
        return "".join(self._said["err"])

    def says(self, words: str, seconds: float = 30.0) -> None:
        """Wait until it said so on standard error."""
        until(lambda: words in self.err or self.process.poll() is not None, f"{words!r}, not {self.err!r}", seconds)
        if words not in self.err:
            for reader in self._readers:
                reader.join(timeout=10)
        assert words in self.err, self.err

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, code: int | None = None) -> Done:
        """Wait for its end. One that hangs fails the test."""
        ended = self.process.wait(timeout=LIMIT_S)
        for reader in self._readers:
            reader.join(timeout=10)
        done = Done(ended, "".join(self._said["out"]), self.err)
        assert code is None or done.code == code, done
        return done

    def _read(self, name: str, pipe: Any) -> None:
        with pipe:
            for line in pipe:
                self._said[name].append(line)


class Commands:
    """One person's ``mailyard`` on one data folder. ``before`` is put before each command line (nsenter, setpriv)."""

    def __init__(self, folder: Path, home: Path, *, before: Sequence[str] = ()) -> None:
        self.folder = folder
        self.before = list(before)
        self.environment = {
            "HOME": str(home),
            "TMPDIR": str(home),  # where a window that is killed leaves its socket
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TZ": "Etc/GMT-2",
            "PYTHONPATH": os.pathsep.join((CLOSED, str(ROOT))),
            "MAILYARD_TEST_HIDDEN": "PySide6,shiboken6,pyqtgraph",
        }
        self._started: list[Running] = []

    def start(
        self,
        *arguments: str,
        typed: str = "",
        passphrase: str | None = None,
        environment: Mapping[str, str] | None = None,
        is_bare: bool = False,
    ) -> Running:
        """Begin a command. ``passphrase`` goes through a descriptor, ``typed`` to standard input; a bare one has no
        data folder."""
        read_end, options = -1, [] if is_bare else ["--data-dir", str(self.folder)]
        if passphrase is not None:
            read_end, write_end = os.pipe()
            os.write(write_end, f"{passphrase}\n".encode())
            os.close(write_end)
            options += ["--passphrase-fd", str(read_end)]
        process = subprocess.Popen(
            [*self.before, PROGRAM, *options, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="backslashreplace",
            env={**self.environment, **(environment or {})},
            pass_fds=() if read_end < 0 else (read_end,),
            start_new_session=True,  # no terminal to ask at, even where the tests have one
        )
        if read_end >= 0:
            os.close(read_end)
        assert process.stdin is not None
        process.stdin.write(typed)
        process.stdin.close()
        self._started.append(Running(process))
        return self._started[-1]

    def run(self, *arguments: str, code: int = 0, **options: Any) -> Done:
        """A command from start to end; with the passphrase unless another is given."""
        return self.start(*arguments, **{"passphrase": PASSPHRASE.reveal(), **options}).end(code)

    def asks(self, *arguments: str, **options: Any) -> Any:
        """What a command answers as JSON, without a passphrase: reading needs none."""
        return self.run(*arguments, "--json", passphrase=None, **options).json

    def engine(self, *, passphrase: str | None = PASSPHRASE.reveal()) -> Running:
        """``engine run``, running."""
        engine = self.start("engine", "run", passphrase=passphrase)
        engine.says("engine running")
        return engine

    def start_adding(self, emulator: Emulator, name: str = "Main", *, wait: str = "60", **options: Any) -> Running:
        """``account add`` for an emulator, under way."""
        add = ("account", "add", name, "--token-stdin", "--endpoint-url", emulator.url)
        typed = f"{options.pop('token', emulator.token)}\n"
        return self.start("--wait", wait, *add, typed=typed, **{"passphrase": PASSPHRASE.reveal(), **options})

    def add(self, emulator: Emulator, name: str = "Main", *, code: int = 0, **options: Any) -> Done:
        """``account add`` to its end."""
        return self.start_adding(emulator, name, **options).end(code)

    def create(self, name: str, *, code: int = 0, **options: Any) -> Done:
        """``server create`` to its end."""
        order = ("server", "create", name, "--account", "Main", "--region", REGION, "--plan", PLAN, "--yes")
        return self.run(*order, code=code, **options)

    def the_job(self) -> dict[str, Any]:
        """The newest job of a person."""
        found: dict[str, Any] = self.asks("jobs", "list")[0]
        return found

    def close(self) -> None:
        """End what still runs; a stopped process too."""
        for running in self._started:
            if running.process.poll() is None:
                running.process.kill()
            running.end()


NewCommands = Callable[..., Commands]
