"""What ``mailyard doctor`` says of the rights on the data folder: whose it is, and what others could read of it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.finding import Finding
from backend.core.private import FILE_MODE, FOLDER_MODE, HAS_MODES, open_to_others

if TYPE_CHECKING:
    from backend.core.paths import DataFolder

MOST_NAMED = 5


def open_paths(folder: DataFolder) -> list[str]:
    """What others can read or write, with its mode; asked before the folder is closed to them."""
    try:
        return [
            f"{_name(folder, path)} ({stat.S_IMODE(path.stat().st_mode):o})" for path in open_to_others(folder.root)
        ]
    except OSError:
        return []  # the opening of the folder says what is the matter with it


def access(folder: DataFolder, stood_open: list[str]) -> Finding:
    """``stood_open`` is what :func:`open_paths` found."""
    if not HAS_MODES:
        return Finding("access", "ok", "the rights of your user's own folders")
    if stood_open:
        more = len(stood_open) - MOST_NAMED
        named = ", ".join(stood_open[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        words = f"other users could read the data folder: {named}"
        remedy = "It is closed to them now. If somebody may have read it, replace the tokens of your accounts."
        return Finding("access", "warning", words, remedy)
    return Finding("access", "ok", f"folder {FOLDER_MODE:o}, files {FILE_MODE:o}, all of {_owner(folder.root)}")


def _name(folder: DataFolder, path: Path) -> str:
    return str(path) if path == folder.root else str(path.relative_to(folder.root))


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except KeyError:
        return f"user {path.stat().st_uid}"
