"""A library of X11 that is missing: the message names it and its package, and nothing aborts."""

from __future__ import annotations

import ctypes.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.system import XCB
from tests.app.cli.command import Commands, NewCommands
from tests.desktop.services import x_server
from tests.failures.disk import needs_root
from tests.installation import until

LIBRARY = "libxcb-cursor.so.0"
HIDE = 'mount --bind /dev/null "$1" && shift && exec "$@"'


@pytest.fixture
def display() -> Iterator[str]:
    """A screen to open windows on."""
    with x_server() as name:
        yield name


def path_of(library: str) -> str:
    """Where the loader finds a library."""
    ctypes.CDLL(library)
    lines = Path("/proc/self/maps").read_text().splitlines()
    return next(line.split()[-1] for line in lines if f"/{library}" in line)


def surroundings(display: str, tmp_path: Path) -> dict[str, str]:
    window = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
    return {**window, "MAILYARD_TEST_HIDDEN": "", "XDG_DATA_HOME": str(tmp_path)}


@needs_root
def test_a_missing_xcb_library_is_named_with_its_package(
    new_commands: NewCommands, display: str, tmp_path: Path
) -> None:
    path = str(Path(path_of(LIBRARY)).resolve())
    hidden = new_commands(before=["unshare", "--mount", "--propagation", "private", "sh", "-c", HIDE, "sh", path])

    window = hidden.start(environment=surroundings(display, tmp_path), is_bare=True).end(code=1)
    looked = hidden.run("doctor", environment=surroundings(display, tmp_path), code=1)

    assert window.err.splitlines() == [
        f"The window needs libraries that are missing: {LIBRARY}",
        f"Install them: apt install {XCB[LIBRARY]}",
    ]
    assert f"critical window: missing libraries: {LIBRARY}" in looked.out
    assert "apt install libxcb-cursor0" in looked.out


def test_with_all_libraries_the_same_window_opens(commands: Commands, display: str, tmp_path: Path) -> None:
    note = tmp_path / "mailyard" / "engine.json"

    window = commands.start(environment=surroundings(display, tmp_path), is_bare=True)

    until(lambda: note.exists() and json.loads(note.read_text() or "{}").get("role") == "console", "the console")
    window.process.kill()
    window.end()


def test_every_library_of_the_plug_in_is_tried() -> None:
    """What the plug-in itself names, so that none is forgotten when Qt grows."""
    import PySide6

    plug_in = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    names = {word for word in plug_in.read_bytes().split(b"\0") if word.startswith((b"libxcb", b"libxkb", b"libX11"))}
    wanted = {name.decode() for name in names if b".so" in name}

    from app.system import LIBRARIES

    assert len(wanted) > 10
    assert wanted <= set(LIBRARIES)
