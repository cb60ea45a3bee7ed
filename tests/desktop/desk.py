"""The program on a desktop of its own: opened, seen through a screen reader, ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from app.qt_wall import ASKED_FOR
from tests.desktop import services
from tests.desktop.screen_reader import ScreenReader
from tests.installation import until
from tests.requirements import program

BUS_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
#: Qt offers what it shows to screen readers from its first moment on.
READ: Mapping[str, str] = {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}


@contextmanager
def opened(
    display: str, bus: str, home: Path, words: Sequence[str] = (), **surroundings: str
) -> Iterator[ScreenReader]:
    """The program with these words after its name under a window manager; what a screen reader gets of it.

    ``home`` is where its data folder will be; the words or the surroundings say so to it.

    :raises AssertionError: the window ended by itself, or its log tells of a bug, or of Qt used off its thread.
    """
    services.need("openbox", "xdotool", BUS_LAUNCHER)
    with TemporaryDirectory(prefix="run-") as runtime:
        desktop = {"DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus, "XDG_RUNTIME_DIR": runtime}
        with (
            services.program([BUS_LAUNCHER, "--launch-immediately"], desktop),
            services.window_manager(desktop),
            services.program([*program(), *words], {**desktop, **READ, ASKED_FOR: "1", **surroundings}) as window,
            until(lambda: open_reader(bus), "the accessibility bus") as eyes,
        ):
            yield eyes
            assert window.poll() is None, "the window ended"
        assert (told := bugs(home)) == [], told


def bugs(home: Path) -> list[str]:
    """What the logs of windows tell that no person did: nothing else is logged as critical."""
    lines = (line for log in home.rglob("console.log*") for line in log.read_text(errors="replace").splitlines())
    return [line for line in lines if line.split(maxsplit=3)[2:3] == ["CRITICAL"]]


def open_reader(address: str) -> ScreenReader | None:
    """A screen reader on the desktop of this session bus, as soon as there is an accessibility bus."""
    try:
        return ScreenReader(address)
    except (OSError, IndexError, KeyError, ValueError):
        return None
