"""Runs the tests and judges them: ``python -m tests.gate ARGUMENTS OF PYTEST``. Its last line are the counts.

When one or two tests failed, each runs once more, alone, in a process of its own; one that passes then is told as
*unsteady*, and the run is green. Whatever the run leaves on the machine is told, removed, and makes it red.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

from tests.gate.leftovers import WORD, Leftovers
from tests.gate.place import place
from tests.gate.report import Failure, Report
from tests.gate.unsteady import MOST, Memory, listed, memory
from tests.gate.verdict import judge, judge_again, seconds_by_folder

ROOT = Path(__file__).parents[2]
UNSTEADY = ROOT / "docs/unsteady.md"
#: What `.ci/run` shows last; make has words of its own after a failure.
LAST_LINE = ROOT / ".cache/gate/last-line"
ENDS_S = 60.0


class Gate:
    """One run, from its first test to what it left behind."""

    def __init__(self, folder: Path, word: str) -> None:
        self._folder = folder
        self._variables = {**os.environ, WORD: word, "TMPDIR": str(folder)}
        self.report, self.red, self.unsteady = Report(), list[str](), list[Failure]()

    def run(self, arguments: list[str]) -> None:
        self.report, code = self._pytest("run", arguments)
        verdict = judge(self.report, code, listed(UNSTEADY))
        self.red += verdict.red
        for number, failure in enumerate(verdict.again):
            say(f"Once more, alone: {failure.test}")
            alone, _ = self._pytest(f"again-{number}", ["-rA", failure.test])
            why = judge_again(failure, alone)
            if why:
                self.red.append(why)
            else:
                self.unsteady.append(failure)
                self.report.passed += 1

    @property
    def counts(self) -> str:
        """The closing line. A run that is red without a failed test counts one: what else went wrong."""
        failed = len(self.report.failures) - len(self.unsteady)
        failed = max(failed, 1) if self.red else failed
        return f"{self.report.passed} passed, {failed} failed, {self.report.skipped} skipped"

    def _pytest(self, name: str, arguments: list[str]) -> tuple[Report, int]:
        """Interrupted, it ends with all its workers."""
        told = self._folder / f"{name}.json"
        command = [sys.executable, "-m", "pytest", f"--gate-report={told}", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=self._variables)
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(ENDS_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        return Report.read(told), code


def main(arguments: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupted)
    remembered = Memory(memory(), ROOT)
    word = secrets.token_hex(3)
    folder = place() / f"r-{word}"  # short: paths of sockets end at 107 bytes
    folder.mkdir()
    folder.chmod(0o711)  # a database server has a user of its own, and its folder below
    gate, left = Gate(folder, word), Leftovers(word, folder)
    gate.red += _not_in_order(remembered)
    try:
        gate.run(arguments)
    except KeyboardInterrupt:
        gate.red.append("the run was interrupted")
    finally:
        behind = left.found()
        left.remove()
    gate.red += [f"left behind: {thing}" for thing in behind]
    remembered.remember([failure.test for failure in gate.unsteady])
    return _tell(gate)


def _not_in_order(remembered: Memory) -> list[str]:
    """What docs/unsteady.md lacks or has too much of."""
    red = [f"{test} was unsteady; docs/unsteady.md does not name it" for test in remembered.not_written_down(UNSTEADY)]
    if len(listed(UNSTEADY)) > MOST:
        red.append(f"docs/unsteady.md names more than {MOST} tests: mend them first")
    return red


def _tell(gate: Gate) -> int:
    say("Worker seconds by folder:", *seconds_by_folder(gate.report))
    say(*(f"red: {why}" for why in gate.red))
    say(*(f"unsteady: {failure.test}: {failure.line}" for failure in gate.unsteady))
    LAST_LINE.parent.mkdir(parents=True, exist_ok=True)
    LAST_LINE.write_text(f"{gate.counts}\n")
    say(gate.counts)
    return 1 if gate.red else 0


def say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
