"""Migrations stand in one line: two that were written beside each other must not carry one number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.architecture.source import ROOT, Breach, Source

FOLDER = "backend/store/migrations/versions"


def numbered(source: Source) -> Iterator[Breach]:
    """The number of the file's name is its revision, comes after the one before, and is nobody else's."""
    path = PurePosixPath(source.path)
    if str(path.parent) != FOLDER or path.name == "__init__.py":
        return
    number = path.name[:4]
    before = f'"{int(number) - 1:04}"' if int(number) > 1 else "None"
    for line in (f'revision = "{number}"', f"down_revision = {before}"):
        if line not in source.text.splitlines():
            yield source.breach(1, f"a migration of this name says {line}")
    for twin in sorted((ROOT / FOLDER).glob(f"{number}_*.py")):
        if twin.name != path.name:
            yield source.breach(1, f"{twin.name} has this number too")
