"""Whether a start ever ends by itself, or reaches for Qt on two threads: ``python -m benchmarks.starts [STARTS]``.

Two threads that look up Qt's names at once leave a class without what it needs, and seldom, much later, the window dies
of it: so each reach for Qt off the GUI thread is counted, and each death. ``--tree FOLDER`` opens the program of
another checkout that was set up (``packaging/set-up.sh run``), as one that has the fault; where its log does not say
that all is loaded, ``--seconds`` bounds how long it is watched. ``--switch-us`` is after how many microseconds Python
turns to another thread of the program, instead of its 5 000.

Real windows are opened on virtual screens, two at a time, each read by a screen reader over AT-SPI from its first
moment on. From a random moment of the first three seconds on it turns to another page or tab at each look: pages are
made while the rest is still being loaded. Every other start is the demo's. A start is watched until its log says that
all is loaded, and a moment longer; what has not got there, or was not pressed, shows nothing and is counted as such.
What the program wrote about a death is printed. Needs the packages xvfb, openbox, xdotool, dbus and at-spi2-core. Core
files are written where the system lets them be.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from jeepney import DBusErrorResponse

from benchmarks.watched import TOLD
from tests.desktop import services
from tests.desktop.desk import BUS_LAUNCHER, READ, open_reader
from tests.desktop.screen_reader import ENABLED, ScreenReader, Thing
from tests.installation import until

ROOT = Path(__file__).parents[1]
STARTS, LANES = 300, 2
PRESS_S, AFTER_S, PATIENCE_S, END_S = 3.0, 2.0, 120.0, 30.0
WATCHED, DEMO = str(ROOT / "benchmarks/watched.py"), ((), ("--demo",))
LOADED = "All is loaded"  # in the log
PAGES, ROWS, TAB = "Pages", ("check box", "list item"), "page tab"  # what turns the window: a side bar, and tabs
LOST = (DBusErrorResponse, OSError, TimeoutError, AssertionError)  # what is read or pressed may be gone by then


@dataclass(frozen=True)
class Start:
    """What became of one start; ``death`` is empty where the window was still there at the end, ``reached`` counts what
    was looked up of Qt, or imported that names it, off the GUI thread."""

    death: str
    reached: int
    pressed: str
    was_loaded: bool


class Lane:
    """A screen and a bus of its own, on which one window is opened after the other. Used by one thread."""

    def __init__(self, folder: Path, things: ExitStack, given: argparse.Namespace) -> None:
        self._given = given
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        display = things.enter_context(services.x_server())
        self._bus = things.enter_context(services.message_bus(runtime))
        self._folder = folder
        self._surroundings = {
            "DISPLAY": display,
            "DBUS_SESSION_BUS_ADDRESS": self._bus,
            "XDG_RUNTIME_DIR": str(runtime),
        }
        things.enter_context(services.program([BUS_LAUNCHER, "--launch-immediately"], self._surroundings))
        things.enter_context(services.window_manager(self._surroundings))

    def start(self, number: int) -> Start:
        """Open a window, watch it, end it."""
        for log in self._folder.glob("*/logs/console.log"):
            log.unlink()
        command = [_python(self._given.tree), WATCHED, f"{self._given.switch_us}", *DEMO[number // LANES % 2]]
        qt = {**READ, "XDG_DATA_HOME": str(self._folder)}
        said = self._folder / "said"
        with said.open("wb") as words:
            window = subprocess.Popen(
                command, cwd=self._given.tree, env=self._environment(qt), stdout=words, stderr=words
            )
        pressed = self._watch(window, random.Random(number))
        code = window.poll()
        _end(window)
        death = "" if code is None else f"start {number} ended with {code} after {pressed or 'nothing'}\n{self._log()}"
        return Start(death, said.read_text(errors="replace").count(TOLD), pressed, self._is_loaded())

    def _watch(self, window: subprocess.Popen[bytes], dice: random.Random) -> str:
        """Read the screen all the time, and turn to something else at each look; what was pressed last."""
        begun, moment, pressed = time.monotonic(), dice.uniform(0.0, PRESS_S), ""
        end = begun + self._given.seconds
        with until(lambda: open_reader(self._bus), "the accessibility bus") as eyes:
            while time.monotonic() < end and window.poll() is None:
                with suppress(*LOST):
                    shown = _things(eyes)
                    if shown and time.monotonic() - begun > moment:
                        pressed = _press(eyes, dice.choice(shown))
                if pressed and self._is_loaded():
                    end = min(end, time.monotonic() + AFTER_S)
        return pressed

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(self._given.tree), **self._surroundings, **more}

    def _is_loaded(self) -> bool:
        return any(LOADED in log.read_text() for log in self._folder.glob("*/logs/console.log"))

    def _log(self) -> str:
        """What the last start said, and what it wrote as it died."""
        crashes = sorted(self._folder.glob("*/logs/crash*"))
        told = (f"{path}\n{path.read_text()[-4000:]}" for path in crashes)
        return "\n".join(((self._folder / "said").read_text()[-2000:], *told))


def main() -> int:
    """Run them all; 0 when each was loaded, pressed and still there, and none reached for Qt off the GUI thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("starts", type=int, nargs="?", default=STARTS)
    parser.add_argument("--tree", type=Path, default=ROOT)
    parser.add_argument("--seconds", type=float, default=PATIENCE_S)
    parser.add_argument("--switch-us", type=float, default=sys.getswitchinterval() * 1e6)
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(_run_lane, list(range(given.starts))[lane::LANES], given) for lane in range(LANES)]
        made = [start for lane in lanes for start in lane.result()]
    dead, loaded = sum(bool(start.death) for start in made), sum(start.was_loaded for start in made)
    pressed = sum(bool(start.pressed) for start in made)
    print(f"\n{given.starts} starts, {LANES} at a time: {dead} ended by themselves (target: 0); ", end="")
    reached = [start.reached for start in made if start.reached]
    print(f"{len(reached)} reached for Qt off the GUI thread, {sum(reached)} times (target: 0); ", end="")
    print(f"{loaded} got as far as all that is loaded, {pressed} were pressed")
    return int(bool(dead or reached) or loaded < given.starts or pressed < given.starts)


def _run_lane(numbers: list[int], given: argparse.Namespace) -> list[Start]:
    made = []
    with tempfile.TemporaryDirectory(prefix="starts-") as folder, ExitStack() as things:
        lane = Lane(Path(folder), things, given)
        for number in numbers:
            start = lane.start(number)
            made.append(start)
            marks = {"!": start.death, "+": start.reached, "-": not start.was_loaded, "~": not start.pressed}
            mark = "".join(sign for sign, holds in marks.items() if holds)
            print(f"{start.death}{number + 1}{mark}", end=" ", flush=True)
    return made


def _python(tree: Path) -> str:
    """With the packages of that checkout, where it was set up."""
    own = tree / ".venv/bin/python"
    return str(own) if own.exists() else sys.executable


def _things(eyes: ScreenReader) -> list[Thing]:
    """What the window can be turned to now."""
    seen = list(eyes.walk())
    bars = [thing for thing in seen if eyes.name(thing) == PAGES]
    rows = [thing for bar in bars for thing in eyes.walk(bar) if eyes.role(thing) in ROWS]
    tabs = [thing for thing in seen if eyes.role(thing) == TAB]
    return [thing for thing in rows + tabs if eyes.state(thing, ENABLED)]


def _press(eyes: ScreenReader, thing: Thing) -> str:
    name = eyes.name(thing)
    eyes.press(thing)
    return f"a press of {name!r}"


def _end(window: subprocess.Popen[bytes]) -> None:
    window.send_signal(signal.SIGTERM)
    try:
        window.wait(timeout=END_S)
    except subprocess.TimeoutExpired:
        window.kill()
        window.wait()


if __name__ == "__main__":
    sys.exit(main())
