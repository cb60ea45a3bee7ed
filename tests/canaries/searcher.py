"""Looks for secrets wherever they could have been left: files, what is packed in them, databases, processes."""

from __future__ import annotations

import io
import re
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
MOST_UNPACKED = 20_000_000
DEEPEST = 3
ANY_WBITS = 47  # zlib and gzip, by their own header


class Searcher:
    """Knows what to look for; every answer is a list of words, empty where nothing was found."""

    def __init__(self, needles: Mapping[bytes, str]) -> None:
        assert needles
        self._needles = dict(needles)

    def in_bytes(self, blob: bytes, where: str, depth: int = 0) -> list[str]:
        """In the bytes as they are, and in each packed stream that begins in them."""
        found = [f"{where}: {words}" for needle, words in self._needles.items() if needle in blob]
        if depth < DEEPEST:
            for number, inner in enumerate(_unpacked(blob)):
                found += self.in_bytes(inner, f"{where}, packed stream {number}", depth + 1)
        return found

    def in_folder(self, folder: Path) -> list[str]:
        """In the names and contents of all files below, and in databases row by row besides."""
        found: list[str] = []
        for path in sorted(folder.rglob("*")):
            found += self.in_bytes(str(path.relative_to(folder)).encode(), f"the name of {path.name}")
            if path.is_file() and not path.is_symlink():
                found += self.in_file(path)
        return found

    def in_file(self, path: Path) -> list[str]:
        content = path.read_bytes()
        found = self.in_bytes(content, path.name)
        if content.startswith(b"SQLite format 3\0"):
            found += [hit for cell in _cells(path) for hit in self.in_bytes(cell, f"{path.name}, a row")]
        return found

    def in_processes(self, pids: Iterable[int]) -> list[str]:
        """In the arguments and the environment of these processes and all below them."""
        found: list[str] = []
        for pid in with_children(pids):
            for part in ("cmdline", "environ"):
                with suppress(OSError):  # it ended meanwhile
                    found += self.in_bytes(Path(f"/proc/{pid}/{part}").read_bytes(), f"{part} of process {pid}")
        return found

    def in_memory(self, pid: int) -> list[str]:
        """In what a process can write to: its heap, stacks and buffers. Needs the rights of a debugger."""
        found: list[str] = []
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                span, rights, *_rest = line.split()
                if not rights.startswith("rw"):
                    continue
                start, end = (int(bound, 16) for bound in span.split("-"))
                with suppress(OSError, ValueError, OverflowError):  # given back meanwhile, or not to be read
                    memory.seek(start)
                    blob = memory.read(end - start)
                    found += [f"memory of {pid}: {words}" for needle, words in self._needles.items() if needle in blob]
        return found


def with_children(pids: Iterable[int]) -> list[int]:
    """These processes and their descendants."""
    found: list[int] = []
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting += map(int, task.read_text().split())
    return found


def _unpacked(blob: bytes) -> Iterator[bytes]:
    """Streams of zlib and gzip wherever one begins, and the members of a zip file."""
    for match in PACKED.finditer(blob):
        try:
            inner = zlib.decompressobj(ANY_WBITS).decompress(blob[match.start() :], MOST_UNPACKED)
        except zlib.error:
            continue
        if inner:
            yield inner
    if zipfile.is_zipfile(io.BytesIO(blob)):
        with zipfile.ZipFile(io.BytesIO(blob)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def _cells(path: Path) -> Iterator[bytes]:
    """Every value of every row, joined from the pages it lies on. Of a copy, so that nothing is checkpointed."""
    with tempfile.TemporaryDirectory() as beside:
        for each in path.parent.glob(f"{path.name}*"):
            shutil.copy(each, beside)
        with closing(sqlite3.connect(Path(beside, path.name))) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    yield from (each if isinstance(each, bytes) else str(each).encode() for each in row)
