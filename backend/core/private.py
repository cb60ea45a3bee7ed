"""Files and folders that their owner alone can read, whatever the umask says and whatever lay there before."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

FILE_MODE, FOLDER_MODE = 0o600, 0o700
OTHERS = 0o077
HAS_MODES = os.name != "nt"  # on Windows a user's folders are closed by the list of rights they inherit

_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class NotOurs(PermissionError):
    """What lies there belongs to another user; ``filename`` names it."""


def private(path: str, flags: int) -> int:
    """For ``open(..., opener=private)``: never through a link, and what it makes has the mode 600."""
    descriptor = os.open(path, flags | _FLAGS, FILE_MODE)
    if HAS_MODES and flags & os.O_CREAT:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != FILE_MODE:
            os.fchmod(descriptor, FILE_MODE)
    return descriptor


def make_file(path: Path) -> None:
    """An empty file, for a library that would make it with a mode of its own; one that is there is left as it is.

    :raises OSError: it cannot be made.
    """
    try:
        os.close(private(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return


def replace_file(path: Path, content: bytes, *, is_synced: bool = False) -> None:
    """Write beside, then rename: a reader finds the old content or the new one, whole. ``is_synced``: the new one is on
    the disk before it takes the name.

    :raises OSError: it cannot be written; the old file stays.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with open(fresh, "xb", opener=private) as file:
            file.write(content)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        if not fresh.is_dir():
            fresh.unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """The folder and those above it that are missing, each with the mode 700.

    :raises OSError: one cannot be made.
    """
    for each in (*reversed(path.parents), path):
        if each.exists() and each != path:
            continue
        try:
            each.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            if not each.is_dir():
                raise
            continue
        if HAS_MODES:
            each.chmod(FOLDER_MODE)


def close_to_others(root: Path) -> bool:
    """Take away what other users may do with the folder and with all that is in it; whether they could do anything.

    The folder comes first, so that nobody can lay anything into it any more while the rest is looked at.

    :raises NotOurs: it, or something in it, belongs to another user.
    :raises OSError: a mode cannot be changed.
    """
    if not HAS_MODES:
        return False
    was_open = False
    for path in (root, *_inside(root)):
        was_open |= _close(path, is_root=path == root)
    return was_open


def open_to_others(root: Path) -> list[Path]:
    """What in the folder, itself included, other users could read or write."""
    if not HAS_MODES:
        return []
    return [path for path in (root, *_inside(root)) if not path.is_symlink() and path.lstat().st_mode & OTHERS]


def _close(path: Path, *, is_root: bool) -> bool:
    """Whether it was open. The root may be a link that its owner, or the system's, has laid."""
    try:
        found = path.lstat()
        if is_root and stat.S_ISLNK(found.st_mode) and found.st_uid in (0, os.geteuid()):
            found = path.stat()
        if found.st_uid != os.geteuid():
            raise NotOurs(errno.EPERM, "belongs to another user", str(path))
        if stat.S_ISLNK(found.st_mode) or not found.st_mode & OTHERS:
            return False
        path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)
        if path.stat().st_mode & OTHERS:
            raise PermissionError(errno.EPERM, "the file system keeps no modes", str(path))
    except FileNotFoundError:
        if is_root:
            raise
        return False  # another process of ours removed it meanwhile
    return True


def _inside(root: Path) -> Iterator[Path]:
    """Everything below, links not followed."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
