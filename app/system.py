"""Libraries the window needs from the system; a missing one aborts the process inside Qt, so they are tried before."""

from __future__ import annotations

import ctypes
import os
import sys

#: Library files the xcb platform plugin loads, and the Debian packages that carry them.
LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}


def missing_libraries() -> list[str]:
    """Names of library files that cannot be loaded; empty on other systems, which bring their own."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb") != "xcb":
        return []
    return [name for name in LIBRARIES if not _loads(name)]


def packages_for(libraries: list[str]) -> str:
    """The Debian packages to install for these."""
    return " ".join(sorted({LIBRARIES[name] for name in libraries}))


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
