"""What a desktop consists of, each as a process of the test's own: X server, session bus, window manager, notices."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.installation import until

#: Programs and the Debian packages that carry them.
PACKAGES = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "dbus-daemon": "dbus",
    "dunst": "dunst",
    "openbox": "openbox",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
}
#: A session bus that starts no service by itself: what is there is what the test started.
BARE = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def need(*programs: str) -> None:
    """Skip where one of these is not installed, with the package to install."""
    missing = sorted(PACKAGES[each] for each in programs if which(each) is None)
    if missing:
        pytest.skip(f"needs a desktop: apt-get install {' '.join(missing)}")


@contextmanager
def x_server(size: str = "1366x768") -> Iterator[str]:
    """A screen to open windows on; its name.

    It never begins again by itself, as X servers do after their last client: that drops a client that just comes. No
    key repeats: on a busy machine a key may be held down for longer than was meant.
    """
    need("Xvfb")
    read_end, write_end = os.pipe()
    screen = ["-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset", "-r"]
    command = ["Xvfb", "-displayfd", str(write_end), *screen]
    server = subprocess.Popen(command, pass_fds=(write_end,), stderr=subprocess.DEVNULL)
    os.close(write_end)
    with os.fdopen(read_end) as lines:
        number = lines.readline().strip()
    assert number, "no X server came up"
    try:
        yield f":{number}"
    finally:
        end(server)


@contextmanager
def message_bus(folder: Path) -> Iterator[str]:
    """A session bus without services; its address."""
    need("dbus-daemon")
    config = folder / "bus.conf"
    config.write_text(BARE.format(folder=folder))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert daemon.stdout is not None
    try:
        yield daemon.stdout.readline().strip()
    finally:
        end(daemon)
        daemon.stdout.close()


@contextmanager
def program(command: list[str], surroundings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Something that runs beside the test until it is left."""
    process = subprocess.Popen(
        command, env={**os.environ, **surroundings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        end(process)


@contextmanager
def window_manager(surroundings: Mapping[str, str]) -> Iterator[None]:
    """Openbox, which gives the keyboard to new windows; ready when it answers for the desktops it keeps."""
    asking = ["xdotool", "get_num_desktops"]
    with program(["openbox"], surroundings):
        until(
            lambda: subprocess.run(asking, env={**os.environ, **surroundings}, capture_output=True).returncode == 0,
            "the window manager",
        )
        yield


class Notifications:
    """What dunst, a notification service of real desktops, shows."""

    def __init__(self, surroundings: Mapping[str, str]) -> None:
        self._surroundings = {**os.environ, **surroundings}

    @property
    def shown(self) -> int:
        return int(self._control("count", "displayed"))

    def act(self) -> None:
        """Do what a click on the newest does."""
        self._control("action")

    def read(self) -> list[tuple[str, str]]:
        """Close all; title and text of everything that was shown, the newest first."""
        self._control("close-all")
        (history,) = json.loads(self._control("history"))["data"]
        return [(_value(each, "summary"), _value(each, "body")) for each in history]

    def wait(self) -> None:
        """Until it answers."""
        until(lambda: self._asked("count").returncode == 0, "the notification service")

    def _control(self, *words: str) -> str:
        done = self._asked(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _asked(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["dunstctl", *words], env=self._surroundings, capture_output=True, text=True, timeout=60)


@contextmanager
def notifications(display: str, address: str) -> Iterator[Notifications]:
    need("dunst")
    surroundings = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": address}
    with program(["dunst", "-conf", "/dev/null"], surroundings):
        service = Notifications(surroundings)
        service.wait()
        yield service


def end(process: subprocess.Popen[Any]) -> None:
    """Ask it to end, and make it."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _value(entry: Mapping[str, Mapping[str, str]], key: str) -> str:
    return entry[key]["data"]
