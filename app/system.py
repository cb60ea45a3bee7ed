"""What the window needs from the system; what is missing aborts the process inside Qt, so it is tried before."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.core.paths import home_folder

#: Library files Qt loads whatever it paints on, and the Debian packages that carry them.
ANY_PLATFORM = {
    "libxkbcommon.so.0": "libxkbcommon0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
}
#: Those of its plug-in for X11.
XCB = {
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
#: Those of its plug-in for Wayland.
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
LIBRARIES: Mapping[str, str] = {**ANY_PLATFORM, **XCB, **WAYLAND}


@dataclass(frozen=True)
class WindowTrouble:
    """Why no window can open here; ``libraries`` names the missing files where that is the reason."""

    title: str
    remedy: str
    libraries: tuple[str, ...] = ()


def window_trouble() -> WindowTrouble | None:
    """What keeps a window from opening; None when nothing does."""
    missing = tuple(missing_libraries())
    if missing:
        return WindowTrouble(
            f"The window needs libraries that are missing: {', '.join(missing)}",
            f"apt install {packages_for(missing)}",
            missing,
        )
    if not _qt_is_installed():
        return WindowTrouble(
            "The window needs PySide6, which is not installed.",
            "Install the program again; commands and the headless engine work without it: mailyard --help.",
        )
    if not has_display():
        return WindowTrouble(
            "There is no display to open a window on.",
            "Log in to a desktop; commands and the headless engine work without one: mailyard --help.",
        )
    return None


def missing_libraries() -> list[str]:
    """Names of library files that cannot be loaded; empty on other systems, which bring their own."""
    needed: Mapping[str, Mapping[str, str]] = {"xcb": ANY_PLATFORM | XCB, "wayland": ANY_PLATFORM | WAYLAND}
    return [name for name in needed.get(platform(), {}) if not _loads(name)]


def packages_for(libraries: list[str] | tuple[str, ...]) -> str:
    """The Debian packages to install for these."""
    return " ".join(sorted({LIBRARIES[name] for name in libraries}))


def platform() -> str:
    """What Qt paints on here: xcb, wayland, another one a person named, or nothing we know of (other systems)."""
    if sys.platform != "linux":
        return ""
    named = os.environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if named:
        return named
    can_wayland = bool(os.environ.get("WAYLAND_DISPLAY")) and all(map(_loads, WAYLAND))
    return "wayland" if can_wayland else "xcb"


def has_session_bus() -> bool:
    """Whether a session bus is there already: asking for one could start it."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return folder is not None and (Path(folder) / "bus").exists()


def has_fonts() -> bool:
    """Whether the system has any font beside those that the program brings, for scripts that ours lack."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    if (home := home_folder()) is not None:
        folders.append(home / ".local/share/fonts")
    return any(next(folder.rglob("*.[to]tf"), None) is not None for folder in folders)


def has_display() -> bool:
    """Whether the display that is named lets itself be reached. Needs the libraries."""
    where = platform()
    if where == "wayland":
        return _wayland_answers() or _x_answers()
    return where != "xcb" or _x_answers()


def _x_answers() -> bool:
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    is_broken = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not is_broken


def _wayland_answers() -> bool:
    import socket

    path = Path(os.environ.get("XDG_RUNTIME_DIR", ""), os.environ.get("WAYLAND_DISPLAY", ""))
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


def _qt_is_installed() -> bool:
    try:
        import PySide6  # noqa: F401
    except ImportError:
        return False
    return True


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
