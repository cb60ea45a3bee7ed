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

from tests.app.cli.forks import Fork, Forks
from tests.emulators.process import Emulator
from tests.installation import PASSPHRASE, until
from tests.requirements import ROOT

PROGRAM = str(Path(sys.executable).parent / "mailyard")
PYTHON_PATH = os.pathsep.join((str(Path(__file__).parent / "closed"), str(ROOT)))
LIMIT_S = 170.0
#: What a command is told for a test about what it imports; all others lack Qt.
ABOUT_MODULES = ("MAILYARD_TEST_HIDDEN", "MAILYARD_TEST_MODULES")
HIDING = {"MAILYARD_TEST_HIDDEN": "PySide6,shiboken6,pyqtgraph"}
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

    def __init__(self, process: Fork | subprocess.Popen[bytes], out: int, err: int) -> None:
        self.process = process
        self._said: dict[str, list[str]] = {"out": [], "err": []}
        self._readers = [
            threading.Thread(target=self._read, args=(name, pipe), daemon=True)
            for name, pipe in (("out", out), ("err", err))
        ]
        for reader in self._readers:
            reader.start()

    @property
    def err(self) -> str:
        return "".join(self._said["err"])

    def says(self, words: str, seconds: float = 90.0) -> None:
        """Wait until it said so on standard error."""
        until(lambda: words in self.err or self.process.poll() is not None, f"{words!r}, not {self.err!r}", seconds)
        if words not in self.err:
            for reader in self._readers:
                reader.join(timeout=60)
        assert words in self.err, self.err

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, code: int | None = None) -> Done:
        """Wait for its end. One that hangs fails the test."""
        ended = self.process.wait(timeout=LIMIT_S)
        for reader in self._readers:
            reader.join(timeout=60)
        done = Done(ended, "".join(self._said["out"]), self.err)
        assert code is None or done.code == code, done
        return done

    def _read(self, name: str, pipe: int) -> None:
        with os.fdopen(pipe, encoding="utf-8", errors="backslashreplace") as lines:
            for line in lines:
                self._said[name].append(line)


def new_forks() -> Forks:
    """What forks commands; a few seconds of imports."""
    return Forks({"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": PYTHON_PATH, **HIDING})


class Commands:
    """One person's ``mailyard`` on one data folder. ``before`` is put before each command line (nsenter, setpriv)."""

    def __init__(self, folder: Path, home: Path, forks: Forks, *, before: Sequence[str] = ()) -> None:
        self.folder = folder
        self._forks = forks
        self.before = list(before)
        self.environment = {
            "HOME": str(home),
            "TMPDIR": str(home),  # where a window that is killed leaves its socket
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TZ": "Etc/GMT-2",
            "PYTHONPATH": PYTHON_PATH,
            **HIDING,
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
        command = [*self.before, PROGRAM, *options, *arguments]
        surroundings = {**self.environment, **(environment or {})}
        running = self._begin(command, surroundings, () if read_end < 0 else (read_end,), typed=typed)
        if read_end >= 0:
            os.close(read_end)
        self._started.append(running)
        return running

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

    def _can_fork(self, surroundings: Mapping[str, str]) -> bool:
        """Not what another program starts, nor what is asked which modules it has."""
        return not self.before and all(surroundings.get(name) == HIDING.get(name) for name in ABOUT_MODULES)

    def _begin(self, command: list[str], surroundings: dict[str, str], kept: Sequence[int], *, typed: str) -> Running:
        (stdin, to_type), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        with os.fdopen(to_type, "w") as typing:
            typing.write(typed)  # now: a command that needs none of it ends at once
        try:
            if self._can_fork(surroundings):
                numbers = {0: stdin, 1: stdout, 2: stderr, **{each: each for each in kept}}
                return Running(self._forks.start(command, surroundings, numbers), out, err)
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=surroundings,
                pass_fds=kept,
                start_new_session=True,  # no terminal to ask at, even where the tests have one
            )
            return Running(process, out, err)
        finally:
            for theirs in (stdin, stdout, stderr):
                os.close(theirs)


NewCommands = Callable[..., Commands]
