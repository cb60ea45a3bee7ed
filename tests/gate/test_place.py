"""A run keeps its files in memory only where that is what it seems to be."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.gate import place as module
from tests.gate.place import place

PLENTY, LITTLE = "MemAvailable: 16777216 kB\n", "MemAvailable: 4194304 kB\n"


@pytest.mark.parametrize(
    ("kind", "options", "sizes", "is_used"),
    [
        ("tmpfs", "rw,nosuid,nodev", PLENTY, True),
        ("tmpfs", "rw,nosuid,nodev,noexec", PLENTY, False),
        ("ext4", "rw", PLENTY, False),
        ("tmpfs", "rw", LITTLE, False),
    ],
)
def test_memory_is_used_where_there_is_plenty_and_programs_start_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, options: str, sizes: str, is_used: bool
) -> None:
    folder = tmp_path / "memory"
    folder.mkdir()
    for name, text in (("MOUNTS", f"{kind} {folder} {kind} {options} 0 0\n"), ("SIZES", sizes)):
        (tmp_path / name).write_text(text)
        monkeypatch.setattr(module, name, tmp_path / name)
    monkeypatch.setattr(module, "MEMORY", folder)
    monkeypatch.setattr(module, "ROOM_BYTES", 8 << 30 if sizes == LITTLE else 1)
    monkeypatch.delenv("TMPDIR", raising=False)

    assert place() == (folder if is_used else Path(tempfile.gettempdir()))


def test_a_folder_that_was_named_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)

    assert place() == tmp_path
