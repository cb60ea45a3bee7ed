"""A machine as far as the set-up scripts see it: only the commands that a test puts on its PATH."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
ALWAYS = ("sh", "dirname", "grep", "env", "cat", "true")
LIMIT_S = 120


def script(name: str) -> ModuleType:
    """A fresh module of ``packaging/``, which is no package."""
    spec = importlib.util.spec_from_file_location(f"{name}_under_test", ROOT / f"packaging/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Ended:
    """How a script ended."""

    code: int
    said: str


class Machine:
    """A copy of the scripts in a folder of its own; ``called`` lists the calls of commands that record."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self._programs, self._calls = folder / "bin", folder / "calls"
        shutil.copytree(ROOT / "packaging", self.project / "packaging")
        self._programs.mkdir()
        for name in ALWAYS:
            found = shutil.which(name)
            assert found is not None
            (self._programs / name).symlink_to(found)

    def has(self, name: str, script: str) -> None:
        """Put a shell script on the PATH."""
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def records(self, name: str, then: str = "") -> None:
        """Put a command on the PATH that writes down how it was called."""
        self.has(name, f'echo "{name} $*" >> {self._calls}\n{then}')

    def user(self, number: int) -> None:
        self.has("id", f"echo {number}")

    def python(self, name: str, version: str, *, has_venv: bool = True) -> None:
        """A Python that answers what set-up.sh asks, and writes down that it was started with a script."""
        minor = int(version.split(".")[1])
        is_suitable = 0 if 11 <= minor <= 13 else 1
        self.records(
            name,
            f'case "$*" in --version) echo "Python {version}" ;; *version_info\\[:2*) exit {is_suitable} ;;'
            f" *ensurepip*) exit {0 if has_venv else 1} ;; *print*) echo python3.{minor}-venv ;; esac",
        )

    def run(self, script: str, *arguments: str, keys: str | None = None, **variables: str) -> Ended:
        """Run a script of packaging/; with ``keys`` a person is at a terminal and types them."""
        command = ["sh", f"packaging/{script}", *arguments]
        if keys is None:
            return self._end(command, variables, subprocess.DEVNULL)
        own, other = os.openpty()
        os.write(own, keys.encode())
        try:
            return self._end(command, variables, other)
        finally:
            os.close(own)
            os.close(other)

    def _end(self, command: list[str], variables: dict[str, str], stdin: int) -> Ended:
        done = subprocess.run(
            command,
            cwd=self.project,
            env={"PATH": str(self._programs), **variables},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_S,
        )
        return Ended(done.returncode, done.stdout)

    @property
    def called(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []

    def called_with(self, word: str) -> list[str]:
        return [call for call in self.called if word in call]
