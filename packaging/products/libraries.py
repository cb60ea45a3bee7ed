"""The system libraries that the bundle needs and does not carry, and the Debian packages that do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from products.place import BUNDLE, Refused

NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")
#: The oldest release that is built for (Debian 12) has this C library; what is newer is refused.
GLIBC = (2, 36)
GLIBC_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)")
#: Belong to the C library itself.
OF_LIBC = re.compile(r"^(libc|libm|libdl|libpthread|librt|libutil|libresolv|ld-linux-x86-64)\.so")


def needed() -> dict[str, set[str]]:
    """Names of libraries that are not in the bundle, each with the files that name it."""
    inside = {path.name for path in BUNDLE.rglob("*")}
    found: dict[str, set[str]] = {}
    for path in elves():
        for name in NEEDED.findall(_dynamic(path)):
            if name not in inside and not OF_LIBC.match(name):
                found.setdefault(name, set()).add(path.name)
    return found


def packages(libraries: set[str]) -> dict[str, str]:
    """The package of each, as Debian 12 calls it.

    :raises Refused: no installed package carries one.
    """
    owners: dict[str, str] = {}
    for name in sorted(libraries):
        done = subprocess.run(["dpkg-query", "-S", f"*/{name}"], capture_output=True, text=True)
        lines = [line for line in done.stdout.splitlines() if line.endswith(f"/x86_64-linux-gnu/{name}")]
        if not lines:
            raise Refused(f"no installed package carries {name}; install it, or take its user out of the bundle.")
        owners[name] = lines[0].split(":")[0]
    return owners


def newest_glibc() -> tuple[int, int]:
    """What the newest symbol in the bundle asks of the C library."""
    asked = {(2, 0)}
    for path in elves():
        done = subprocess.run(["readelf", "-V", str(path)], capture_output=True, text=True)
        asked |= {(int(major), int(minor)) for major, minor in GLIBC_VERSION.findall(done.stdout)}
    return max(asked)


def elves() -> list[Path]:
    """Programs and libraries of the bundle."""
    files = (path for path in sorted(BUNDLE.rglob("*")) if path.is_file() and not path.is_symlink())
    return [path for path in files if _begins(path) == b"\x7fELF"]


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def _dynamic(path: Path) -> str:
    return subprocess.run(["readelf", "-d", str(path)], capture_output=True, text=True).stdout
