"""Data folders made once and written out again: a migration costs a hundred times what its outcome costs to write."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory


class Prepared:
    """What ``make`` leaves in an empty folder, kept in memory; made anew when it is older than ``fresh_s``."""

    def __init__(self, make: Callable[[Path], None], *, fresh_s: float = float("inf")) -> None:
        self._make, self._fresh_s = make, fresh_s
        self._files: dict[Path, bytes] = {}
        self._made_at = float("-inf")

    def write(self, folder: Path) -> None:
        """Into a folder that has none of these files."""
        if time.monotonic() - self._made_at > self._fresh_s or not self._files:
            self._fill()
        for path, content in self._files.items():
            target = folder / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes(content)

    def _fill(self) -> None:
        """``make`` has closed what it opened: an open database has a part of its content in another file."""
        self._made_at = time.monotonic()
        with TemporaryDirectory(prefix="prepared-") as made:
            root = Path(made)
            self._make(root)
            files = [path for path in root.rglob("*") if path.is_file()]
            self._files = {path.relative_to(root): path.read_bytes() for path in files}
