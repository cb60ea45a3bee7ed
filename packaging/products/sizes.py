"""What each library adds to the bundle: its own files and the libraries that came with its wheel."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from products.place import BUNDLE, Refused

OF_A_WHEEL = re.compile(r"^(?P<name>.+?)(\.libs|-[0-9][^/]*\.dist-info)$")
OF_PYTHON = re.compile(r"^(python3|libpython3|base_library|lib(crypto|ssl|sqlite3|lzma|bz2|ffi)\.)")
SMALLEST = 1_000_000


def build() -> None:
    """Print megabytes by name, the largest first; what is below one megabyte in one line.

    :raises Refused: there is no bundle.
    """
    if not BUNDLE.exists():
        raise Refused("there is no bundle yet: python packaging/package.py bundle")
    found: Counter[str] = Counter()
    for path in BUNDLE.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found[name_of(path.relative_to(BUNDLE))] += path.stat().st_size
    small = {name: size for name, size in found.items() if size < SMALLEST}
    for name, size in found.most_common():
        if name not in small:
            print(f"{size / 1e6:8.1f} MB  {name}")
    print(f"{sum(small.values()) / 1e6:8.1f} MB  {len(small)} smaller ones")
    print(f"{sum(found.values()) / 1e6:8.1f} MB  together")


def name_of(path: Path) -> str:
    """The library that a file of the bundle belongs to."""
    if path.parts[0] != "_internal":
        return "the program, with all that is Python's alone"
    inside = path.parts[1]
    if path.as_posix().startswith("_internal/PySide6/Qt/"):
        return "Qt"
    if OF_PYTHON.match(inside):
        return "Python"
    wheel = OF_A_WHEEL.match(inside)
    return (wheel["name"] if wheel else inside.split(".")[0]).lower().replace("_binary", "")
